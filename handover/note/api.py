"""/api/v1/handovers/"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from handover.note import actions, queries, rules
from handover.note.models import Note, NoteAddendum, NoteItem
from tickets.people.models import Member
from tickets.ticket.models import Severity, Ticket
from tickets.web.api import Door
from tickets.web.filters import refuse_unknown
from tickets.web.refusals import Refused
from tickets.web.schema import describe

NOT_IN_NOTE = _("#%(ticket)s is not in this note.")
NOBODY = _("There is no such person in the team.")
OLD = _("The note was changed meanwhile.")


class NoteItemOut(serializers.ModelSerializer):
    missing = serializers.SerializerMethodField(help_text="What must still be said before the note can be signed.")

    class Meta:
        model = NoteItem
        fields = ["ticket", "severity", "state", "promise", "next_action", "to_member", "due_at", "if_then", "typed", "missing"]

    def get_missing(self, item: NoteItem) -> list[str]:
        return rules.missing(actions.cells(item))


class NoteAddendumOut(serializers.ModelSerializer):
    class Meta:
        model = NoteAddendum
        fields = ["number", "ticket", "text", "by", "at"]


class NoteOut(serializers.ModelSerializer):
    """A note without its matters, as lists show it."""

    class Meta:
        model = Note
        fields = [
            *("id", "member", "duty", "shift", "next_shift", "unmet_wish", "stock_outs", "news", "built_by_system"),
            *("started_at", "saved_at", "version", "signed_at", "signed_by", "content_hash"),
        ]


class NoteWhole(NoteOut):
    items = NoteItemOut(many=True)
    addenda = NoteAddendumOut(many=True)

    class Meta(NoteOut.Meta):
        fields = [*NoteOut.Meta.fields, "items", "addenda"]


class NoteItemIn(serializers.Serializer):
    ticket = serializers.IntegerField(min_value=1)
    severity = serializers.ChoiceField(choices=Severity.choices, required=False)
    state = serializers.CharField(max_length=300, required=False, allow_blank=True)
    next_action = serializers.CharField(max_length=300, required=False, allow_blank=True)
    to_member = serializers.IntegerField(required=False, allow_null=True, help_text="Empty: the pool and its lead.")
    due_at = serializers.DateTimeField(required=False, allow_null=True)
    if_then = serializers.CharField(max_length=300, required=False, allow_blank=True)


class NotePatch(serializers.Serializer):
    version = serializers.IntegerField(min_value=1)
    unmet_wish = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    stock_outs = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    news = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    items = NoteItemIn(many=True, required=False)


class SignIn(serializers.Serializer):
    version = serializers.IntegerField(min_value=1)


class AddendumIn(serializers.Serializer):
    text = serializers.CharField(max_length=2000)
    ticket = serializers.IntegerField(required=False, allow_null=True, min_value=1)


class Handovers(ListModelMixin, RetrieveModelMixin, Door):
    """Handover notes: drafted from the ledger, signed once, corrected by numbered addenda."""

    deeds = {
        "list": "note.read",
        "retrieve": "note.read",
        "create": "note.write",
        "partial_update": "note.write",
        "sign": "note.write",
        "addendum": "note.write",
    }
    serializer_class = NoteOut
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Note]:
        if getattr(self, "swagger_fake_view", False):
            return Note.objects.none()
        found = queries.notes_of(self.member)
        return found if self.action == "list" else found.prefetch_related("items", "addenda")

    @describe(NoteOut(many=True), "not_found")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        refuse_unknown(request.query_params, ())
        return super().list(request, *args, **kwargs)

    @describe(NoteWhole, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(NoteWhole(self.get_object()).data)

    @describe(NoteWhole, "wrong_state", request=None, status=201)
    def create(self, request: Request) -> Response:
        """The draft of my running duty, brought up to date; the same one however often it is asked for."""
        return Response(self.whole(actions.open_draft(self.member)), status=201)

    @describe(NoteWhole, "not_found", "stale", "wrong_state", request=NotePatch)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Save free parts and rows, all or none; `version` is the one last seen."""
        note = self.get_object()
        entry = NotePatch(data=request.data)
        entry.is_valid(raise_exception=True)
        given = entry.validated_data
        with transaction.atomic():
            if Note.objects.select_for_update().get(pk=note.pk).version != given["version"]:
                raise Refused("stale", OLD, current=self.whole(note))
            actions.save_parts(note, by=self.member, **{name: given[name] for name in actions.PARTS if name in given})
            for row in given.get("items", ()):
                self.save_row(note, row)
        return Response(self.whole(note))

    def save_row(self, note: Note, row: dict[str, Any]) -> None:
        item = NoteItem.objects.select_related("note").filter(note=note, ticket=row["ticket"]).first()
        if item is None:
            raise Refused("invalid", errors={"items": [NOT_IN_NOTE % {"ticket": row["ticket"]}]})
        changes = {name: value for name, value in row.items() if name != "ticket"}
        if changes.get("to_member") is not None:
            changes["to_member"] = Member.objects.visible_to(self.member).filter(pk=changes["to_member"]).first()
            if changes["to_member"] is None:
                raise Refused("invalid", errors={"to_member": [NOBODY]})
        actions.save_item(item, by=self.member, version=item.version, **changes)

    @describe(NoteWhole, "not_found", "stale", "wrong_state", request=SignIn)
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: str) -> Response:
        """Sign my note: it becomes immutable, its matters are offered, my duty ends."""
        entry = SignIn(data=request.data)
        entry.is_valid(raise_exception=True)
        return Response(self.whole(actions.sign(self.get_object(), by=self.member, version=entry.validated_data["version"])))

    @describe(NoteAddendumOut, "not_found", "wrong_state", request=AddendumIn, status=201)
    @action(detail=True, methods=["post"])
    def addendum(self, request: Request, pk: str) -> Response:
        """Correct a signed note."""
        entry = AddendumIn(data=request.data)
        entry.is_valid(raise_exception=True)
        about = entry.validated_data.get("ticket")
        ticket = Ticket.objects.visible_to(self.member).filter(pk=about).first() if about else None
        if about and ticket is None:
            raise Refused("invalid", errors={"ticket": [NOT_IN_NOTE % {"ticket": about}]})
        made = actions.add_addendum(self.get_object(), by=self.member, text=entry.validated_data["text"], ticket=ticket)
        return Response(NoteAddendumOut(made).data, status=201)

    def whole(self, note: Note) -> dict[str, Any]:
        return dict(NoteWhole(queries.notes_of(self.member).prefetch_related("items", "addenda").get(pk=note.pk)).data)


router = SimpleRouter()
router.register("handovers", Handovers, basename="handover-api")
urlpatterns = router.urls
