"""/api/v1/scripts/ and /api/v1/campaigns/"""

from __future__ import annotations

from datetime import UTC
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from tickets.people.models import Shop
from tickets.script import actions, queries
from tickets.script.models import Campaign, Script
from tickets.ticket.models import Reason
from tickets.web.api import Door, Moment
from tickets.web.filters import Filters, Id, Ordered
from tickets.web.refusals import Refused
from tickets.web.schema import describe

ROWS = {"shop": (Shop, actions.OTHER_SHOP), "reason": (Reason, actions.OTHER_REASON)}
BIG = 2**63 - 1
IN_UTC = {"default_timezone": UTC}
"""The team's time zone is active while a request runs; what programs read is in UTC."""


class ScriptOut(serializers.ModelSerializer[Script]):
    """A quick reply. `body` as it is written: {customer}, {order} and {agent} are for whoever sends it to fill."""

    class Meta:
        model = Script
        fields = ["id", "shortcut", "title", "body", "shop", "reason", "created_at", "ended_at", "version"]
        extra_kwargs = dict.fromkeys(("created_at", "ended_at"), IN_UTC)


class ScriptIn(serializers.Serializer[Any]):
    shortcut = serializers.CharField(max_length=20, help_text="one word, of one reply in use only")
    title = serializers.CharField(max_length=80)
    body = serializers.CharField(max_length=4000, help_text="may hold {customer}, {order}, {agent}")
    shop = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=BIG, help_text="null: all shops")
    reason = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=BIG)


class ScriptChange(ScriptIn):
    shortcut = serializers.CharField(max_length=20, required=False)
    title = serializers.CharField(max_length=80, required=False)
    body = serializers.CharField(max_length=4000, required=False)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="as it was read")


class CampaignOut(serializers.ModelSerializer[Campaign]):
    """What a shop, or (null) every shop, runs from `starts_at` until before `ends_at`, or until `ended_at`."""

    class Meta:
        model = Campaign
        fields = ["id", "name", "text", "shop", "starts_at", "ends_at", "created_at", "ended_at", "version"]
        extra_kwargs = dict.fromkeys(("starts_at", "ends_at", "created_at", "ended_at"), IN_UTC)


class CampaignIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    text = serializers.CharField(max_length=2000)
    shop = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=BIG, help_text="null: all shops")
    starts_at = Moment()
    ends_at = Moment()


class CampaignChange(CampaignIn):
    name = serializers.CharField(max_length=80, required=False)
    text = serializers.CharField(max_length=2000, required=False)
    starts_at = Moment(required=False)
    ends_at = Moment(required=False)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="as it was read")


class ScriptFilters(Filters):
    q = django_filters.CharFilter(method="leave", label="words of shortcut, title or reply")
    shop = Id(method="leave", label="of this shop, or of all")
    state = django_filters.ChoiceFilter(choices=[("in_use", "in_use"), ("ended", "ended")], method="leave", label="both where not given")

    def leave(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return rows

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """One query says what a page and the API list."""
        asked = self.form.cleaned_data
        ended = {"ended": True, "in_use": False}.get(asked["state"])
        return queries.scripts(self.request._request.member, q=asked["q"], shop=asked["shop"], ended=ended)


class CampaignFilters(ScriptFilters):
    q = django_filters.CharFilter(method="leave", label="words of name or text")
    state = django_filters.ChoiceFilter(
        choices=[(name, name) for name in ("running", "coming", "over")], method="leave", label="all where not given"
    )

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.form.cleaned_data
        return queries.campaigns(self.request._request.member, at=timezone.now(), q=asked["q"], shop=asked["shop"], state=asked["state"])


class Written(ListModelMixin, RetrieveModelMixin, Door):
    """What both resources do alike."""

    pagination_class = Ordered
    orderings = ("-id", "id")
    lookup_value_regex = r"[0-9]{1,18}"

    def given(self, kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
        """What was sent, as the action takes it: shop and reason as rows of this team."""
        entry = kind(data=request.data)
        entry.is_valid(raise_exception=True)
        values = dict(entry.validated_data)
        for name, (model, refusal) in ROWS.items():
            if values.get(name) is not None:
                values[name] = model.objects.filter(team_id=self.member.team_id, pk=values[name]).first()
                if values[name] is None:
                    raise Refused("invalid", errors={name: [refusal]})
        return values


class Scripts(Written):
    """Quick replies."""

    deeds = {
        "list": "script.read", "retrieve": "script.read",
        "create": "script.edit", "partial_update": "script.edit", "end": "script.edit",
    }  # fmt: skip
    queryset = Script.objects.none()
    serializer_class = ScriptOut
    filterset_class = ScriptFilters

    def get_queryset(self) -> QuerySet[Script]:
        return Script.objects.visible_to(self.member)

    @describe(ScriptOut(many=True), "not_found")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The team's quick replies, newest first."""
        return super().list(request, *args, **kwargs)

    @describe(ScriptOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One of them."""
        return super().retrieve(request, *args, **kwargs)

    @describe(ScriptOut, "duplicate", request=ScriptIn, status=201)
    def create(self, request: Request) -> Response:
        """Write one."""
        made = actions.create_script(by=self.member, **self.given(ScriptIn, request))
        return Response(ScriptOut(made).data, status=201)

    @describe(ScriptOut, "not_found", "stale", "wrong_state", "duplicate", request=ScriptChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change one; `version` is the one that was read."""
        found, given = self.get_object(), self.given(ScriptChange, request)
        return Response(ScriptOut(actions.change_script(found, by=self.member, version=given.pop("version"), **given)).data)

    @describe(ScriptOut, "not_found", request=None)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Take it out of use; its shortcut is free again."""
        return Response(ScriptOut(actions.end_script(self.get_object(), by=self.member)).data)


class Campaigns(Written):
    """What the shops run for a while."""

    deeds = {
        "list": "campaign.read", "retrieve": "campaign.read",
        "create": "campaign.edit", "partial_update": "campaign.edit", "end": "campaign.edit",
    }  # fmt: skip
    queryset = Campaign.objects.none()
    serializer_class = CampaignOut
    filterset_class = CampaignFilters

    def get_queryset(self) -> QuerySet[Campaign]:
        return Campaign.objects.visible_to(self.member)

    @describe(CampaignOut(many=True), "not_found")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The team's campaigns, newest first."""
        return super().list(request, *args, **kwargs)

    @describe(CampaignOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One of them."""
        return super().retrieve(request, *args, **kwargs)

    @describe(CampaignOut, request=CampaignIn, status=201)
    def create(self, request: Request) -> Response:
        """Announce one."""
        made = actions.create_campaign(by=self.member, **self.given(CampaignIn, request))
        return Response(CampaignOut(made).data, status=201)

    @describe(CampaignOut, "not_found", "stale", "wrong_state", request=CampaignChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change one; `version` is the one that was read."""
        found, given = self.get_object(), self.given(CampaignChange, request)
        return Response(CampaignOut(actions.change_campaign(found, by=self.member, version=given.pop("version"), **given)).data)

    @describe(CampaignOut, "not_found", request=None)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End it before its time, or call it off."""
        return Response(CampaignOut(actions.end_campaign(self.get_object(), by=self.member)).data)


router = SimpleRouter()
router.register("scripts", Scripts, basename="script-api")
router.register("campaigns", Campaigns, basename="campaign-api")
urlpatterns = router.urls
