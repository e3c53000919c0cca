"""/api/v1/webhooks/"""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from handover.webhook import actions, queries
from handover.webhook.models import Endpoint, WebhookDelivery
from tickets.web.api import Door
from tickets.web.filters import refuse_unknown
from tickets.web.refusals import Refused
from tickets.web.schema import describe

STATE = [OpenApiParameter("state", str, enum=WebhookDelivery.State.values, description="All where not given.")]
DELIVERY = OpenApiParameter("delivery", int, OpenApiParameter.PATH)


class EndpointOut(serializers.ModelSerializer):
    """An endpoint. `kinds` empty: every event. `failing_since`: the first failure since the last success."""

    class Meta:
        model = Endpoint
        fields = ["id", "url", "name", "kinds", "is_active", "created_at", "failing_since", "disabled_at"]


class EndpointMade(EndpointOut):
    """`secret` is told this once; null where the same request was answered before."""

    secret = serializers.CharField(allow_null=True)

    class Meta(EndpointOut.Meta):
        fields = [*EndpointOut.Meta.fields, "secret"]


class EndpointIn(serializers.Serializer):
    url = serializers.CharField(max_length=500, help_text="public, https")
    name = serializers.CharField(max_length=60, required=False, allow_blank=True)
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=40),
        max_length=50,
        required=False,
        help_text="families (`ticket`) or codes (`ticket.resolved`)",
    )


class EndpointChange(EndpointIn):
    url = serializers.CharField(max_length=500, required=False)
    is_active = serializers.BooleanField(required=False)


class DeliveryOut(serializers.ModelSerializer):
    """One event for one endpoint. `status`: the last answer's, 0 for none; `event` is the same in every repetition."""

    event = serializers.CharField(read_only=True)
    type = serializers.CharField(source="activity.code", default="webhook.test")
    sequence = serializers.IntegerField(source="activity_id", allow_null=True, read_only=True)

    class Meta:
        model = WebhookDelivery
        fields = ["id", "event", "type", "sequence", "state", "attempts", "status", "error", "begun_at", "next_at", "ended_at"]


class ReplayIn(serializers.Serializer):
    after = serializers.IntegerField(min_value=0, max_value=2**62, help_text="a `sequence`: everything later is sent again")


class Replayed(serializers.Serializer):
    count = serializers.IntegerField(help_text="how many events; 10,000 at most, then ask again from the last one")


class Webhooks(ListModelMixin, RetrieveModelMixin, Door):
    """Other systems that are told of events. docs/systems.md shows the event and how its signature is verified."""

    deeds = dict.fromkeys(
        ["list", "retrieve", "create", "partial_update", "destroy", "test", "renew_secret", "deliveries", "replay", "replay_delivery"],
        "webhook.edit",
    )
    serializer_class = EndpointOut
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return Endpoint.objects.none()
        return Endpoint.objects.visible_to(self.member)

    @describe(EndpointOut(many=True), "not_found")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The team's endpoints."""
        refuse_unknown(request.query_params, ())
        return super().list(request, *args, **kwargs)

    @describe(EndpointOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One endpoint; its secret is not shown."""
        return super().retrieve(request, *args, **kwargs)

    @describe(EndpointMade, "wrong_state", request=EndpointIn, status=201)
    def create(self, request: Request) -> Response:
        """A new endpoint, with the secret that its events are signed with."""
        entry = EndpointIn(data=request.data)
        entry.is_valid(raise_exception=True)
        made, secret = actions.add(by=self.member, **entry.validated_data)
        return _with_secret(made, secret, 201)

    @describe(EndpointOut, "not_found", request=EndpointChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change it; switching it on again begins anew."""
        entry = EndpointChange(data=request.data)
        entry.is_valid(raise_exception=True)
        return Response(EndpointOut(actions.change(self.get_object(), by=self.member, **entry.validated_data)).data)

    @describe(None, "not_found", status=204)
    def destroy(self, request: Request, pk: str) -> Response:
        """Take it away; what waits for it is not sent."""
        actions.remove(self.get_object(), by=self.member)
        return Response(status=204)

    @describe(DeliveryOut, "not_found", "wrong_state", request=None)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send an event of the type `webhook.test` there."""
        return Response(DeliveryOut(actions.send_test(self.get_object(), by=self.member)).data)

    @describe(EndpointMade, "not_found", request=None)
    @action(detail=True, methods=["post"], url_path="secret")
    def renew_secret(self, request: Request, pk: str) -> Response:
        """A new secret, told this once; everything from now on is signed with it."""
        found = self.get_object()
        return _with_secret(found, actions.renew_secret(found, by=self.member), 200)

    @describe(DeliveryOut(many=True), "not_found", parameters=STATE)
    @action(detail=True, methods=["get"])
    def deliveries(self, request: Request, pk: str) -> Response:
        """What was sent there, newest first, and what came of it."""
        state = request.query_params.get("state", "")
        if state and state not in WebhookDelivery.State.values:
            raise Refused("invalid", errors={"state": [state[:20]]})
        rows = self.paginate_queryset(queries.deliveries(self.member, self.get_object().pk, state))
        return self.get_paginated_response(DeliveryOut(rows, many=True).data)

    @describe(Replayed, "not_found", "wrong_state", request=ReplayIn)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        """Send everything of the ledger after a sequence number again, also what happened while the endpoint was off."""
        entry = ReplayIn(data=request.data)
        entry.is_valid(raise_exception=True)
        return Response({"count": actions.replay_after(self.get_object(), by=self.member, **entry.validated_data)})

    @describe(DeliveryOut, "not_found", "wrong_state", request=None, parameters=[DELIVERY])
    @action(detail=True, methods=["post"], url_path=r"deliveries/(?P<delivery>[0-9]{1,18})/replay")
    def replay_delivery(self, request: Request, pk: str, delivery: str) -> Response:
        """Send one event again, with the same id."""
        found = queries.deliveries(self.member, self.get_object().pk).filter(pk=delivery).first()
        if found is None:
            raise Http404
        return Response(DeliveryOut(actions.replay(found, by=self.member)).data)


def _with_secret(endpoint: Endpoint, secret: str, status: int) -> Response:
    """The answer that tells the secret; what is kept for a repetition of the request does not."""
    shown = dict(EndpointOut(endpoint).data)
    response = Response(shown | {"secret": secret}, status=status)
    response.kept_content = json.dumps(shown | {"secret": None}, default=str).encode()
    return response


router = SimpleRouter()
router.register("webhooks", Webhooks, basename="webhook-api")
urlpatterns = router.urls
