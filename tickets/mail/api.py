"""/api/v1/mailbox/ and /api/v1/letters/: the address that customers write to, and what came there."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from tickets.mail import actions, queries
from tickets.mail.models import Letter, Mailbox
from tickets.web.api import Door
from tickets.web.filters import refuse_unknown
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.schema import describe

LISTED = [
    OpenApiParameter("outcome", str, enum=Letter.Outcome.values, description="All where not given."),
    OpenApiParameter("ticket", int, description="those of one ticket"),
]


SETTINGS = ("address", "host", "port", "security", "username", "folder", "is_on")


class MailboxIn(serializers.ModelSerializer[Mailbox]):
    """Without a `host` letters are piped in. `password` is never told; left out, it stays as it is."""

    address = serializers.EmailField(max_length=160)
    port = serializers.IntegerField(min_value=1, max_value=65535, default=993)
    password = serializers.CharField(max_length=500, trim_whitespace=False, required=False, allow_blank=True)

    class Meta:
        model = Mailbox
        fields = [*SETTINGS, "password"]


class MailboxOut(serializers.ModelSerializer[Mailbox]):
    """`last_error`: why it cannot be read now; it is tried again at `next_at`."""

    class Meta:
        model = Mailbox
        fields = [*SETTINGS, "last_at", "last_error", "failures", "next_at", "updated_at"]


class LetterOut(serializers.ModelSerializer[Letter]):
    """A letter and what became of it. `left_out` names what of it was not kept; `can_be_taken`: `take/` lets it be a customer's."""

    ticket = serializers.IntegerField(source="ticket_id", allow_null=True)
    can_be_taken = serializers.SerializerMethodField()
    left_out = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Letter
        fields = ["id", "at", "sender", "subject", "outcome", "ticket", "left_out", "can_be_taken"]

    def get_can_be_taken(self, letter: Letter) -> bool:
        return bool(letter.raw) and not letter.is_taken


class LetterInFull(LetterOut):
    """`text` is kept only where no ticket has it."""

    class Meta(LetterOut.Meta):
        fields = [*LetterOut.Meta.fields, "text"]


class Mailboxes(Door):
    """The team's one mailbox."""

    deeds = {"show": "mail.edit", "set": "mail.edit"}
    queryset = Mailbox.objects.none()
    serializer_class = MailboxOut
    filter_backends: list[Any] = []
    pagination_class = None

    @describe(MailboxOut, "not_found")
    def show(self, request: Request) -> Response:
        """The mailbox and whether it can be read; 404 where none is set up."""
        box = queries.mailbox_of(self.member)
        if box is None:
            raise Refused("not_found")
        return Response(MailboxOut(box).data)

    @describe(MailboxOut, "not_found", "wrong_state", request=MailboxIn)
    def set(self, request: Request) -> Response:
        """Set it up, or anew: what is left out is as in a new one, but for the password."""
        entry = MailboxIn(data=request.data)
        entry.is_valid(raise_exception=True)
        return Response(MailboxOut(actions.set_mailbox(by=self.member, **entry.validated_data)).data)


class Letters(ListModelMixin, RetrieveModelMixin, Door):
    """E-mails that came, each once."""

    deeds = dict.fromkeys(("list", "retrieve", "take"), "mail.edit")
    queryset = Letter.objects.none()
    filter_backends: list[Any] = []
    lookup_value_regex = r"[0-9]{1,18}"

    def get_serializer_class(self) -> Any:
        return LetterOut if self.action == "list" else LetterInFull

    def get_queryset(self) -> QuerySet[Letter]:
        rows = queries.letters_of(self.member)
        if self.action != "list":
            return rows
        asked = self.request.query_params
        outcome, ticket = asked.get("outcome", ""), asked.get("ticket", "")
        if outcome and outcome not in Letter.Outcome.values:
            raise Refused("invalid", errors={"outcome": [outcome[:20]]})
        number = whole_number(ticket)
        if ticket and number is None:
            raise Refused("invalid", errors={"ticket": [ticket[:20]]})
        rows = rows.filter(outcome=outcome) if outcome else rows
        return rows.filter(ticket=number) if ticket else rows

    @describe(LetterOut(many=True), "not_found", parameters=LISTED)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The team's letters, newest first."""
        refuse_unknown(request.query_params, ("outcome", "ticket"))
        return super().list(request, *args, **kwargs)

    @describe(LetterInFull, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One letter."""
        return super().retrieve(request, *args, **kwargs)

    @describe(LetterInFull, "not_found", "wrong_state", request=None)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str) -> Response:
        """Take a letter after all that was kept away from the matters: where a customer's would have gone."""
        return Response(LetterInFull(actions.take_after_all(self.get_object(), by=self.member)).data)


router = SimpleRouter()
router.register("letters", Letters, basename="api-letter")

urlpatterns = [path("mailbox/", Mailboxes.as_view({"get": "show", "put": "set"}), name="mailbox-api"), *router.urls]
