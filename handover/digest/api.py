"""/api/v1/digest/ and /api/v1/duty/: reading, acknowledging, starting and ending."""

from __future__ import annotations

import re
from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from handover.digest import actions, queries, rules
from handover.digest.plain import said, told, told_duty
from handover.duty.models import Duty
from handover.note.models import Note
from tickets.people.access import may
from tickets.ticket.models import Severity
from tickets.web.api import Door
from tickets.web.refusals import Refused
from tickets.web.schema import describe

SIGN_FIRST = _("Sign this note first; signing it ends the duty.")


class DigestPerson(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


class DigestPromise(serializers.Serializer):
    id = serializers.IntegerField()
    text = serializers.CharField()
    due_at = serializers.DateTimeField()


class ItemOut(serializers.Serializer):
    """One matter. `item` names it in answers; `where`: offered to the reader, mine, in the pool, or its holder is absent."""

    item = serializers.CharField()
    ticket = serializers.IntegerField()
    severity = serializers.ChoiceField(choices=Severity.choices)
    where = serializers.ChoiceField(choices=["offered", "mine", "pool", "absent"])
    customer = serializers.CharField()
    subject = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True)
    author = DigestPerson(allow_null=True)
    from_ledger = serializers.BooleanField(help_text="Nobody wrote a note about it.")
    state = serializers.CharField()
    do = serializers.CharField()
    if_then = serializers.CharField()
    waits_on = serializers.CharField()
    promises = DigestPromise(many=True)
    handlers = serializers.ListField(child=serializers.CharField())
    hash = serializers.CharField()
    answer = serializers.DictField(allow_null=True, help_text="The answer kept so far.")


class NoticeRow(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    text = serializers.CharField()
    version = serializers.IntegerField()
    valid_until = serializers.DateTimeField(allow_null=True)


class NewsRow(serializers.Serializer):
    note = serializers.IntegerField()
    by = serializers.CharField()
    signed_at = serializers.DateTimeField()
    stock_outs = serializers.CharField()
    news = serializers.CharField()
    unmet_wish = serializers.CharField()


class DigestOut(serializers.Serializer):
    version = serializers.IntegerField(allow_null=True)
    content_hash = serializers.CharField(allow_blank=True)
    shift = serializers.IntegerField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True)
    cut_off = serializers.DateTimeField()
    until = serializers.DateTimeField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    unanswered = serializers.ListField(child=serializers.CharField())
    items = ItemOut(many=True)
    notices = NoticeRow(many=True)
    news = NewsRow(many=True)
    others = serializers.IntegerField(help_text="Offers that are other people's business.")


class AnswersIn(serializers.ListSerializer):
    """Forty answers that say nothing but `take` need not go through two hundred fields."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and all(map(_is_plain, data)):
            return [dict(answer) for answer in data]
        return super().to_internal_value(data)


ITEM = re.compile(r"[a-z][0-9]{1,18}")


def _is_plain(answer: Any) -> bool:
    """Whether it is an item and `take`, in a shape that the declared fields would give back as it is."""
    plain = isinstance(answer, dict) and answer.keys() == {"item", "answer"} and isinstance(answer["item"], str)
    return plain and answer["answer"] == rules.TAKE and ITEM.fullmatch(answer["item"]) is not None


class AnswerIn(serializers.Serializer):
    """`take` (confirm `next_action` and `next_at`), `owner` (name `owner`: a member's id), or `ask` (`text`)."""

    item = serializers.CharField(max_length=40)
    answer = serializers.ChoiceField(choices=rules.ANSWERS)
    next_action = serializers.CharField(max_length=300, required=False, allow_blank=True)
    next_at = serializers.DateTimeField(required=False, allow_null=True)
    owner = serializers.IntegerField(required=False, min_value=1)
    text = serializers.CharField(max_length=1000, required=False, allow_blank=True)

    class Meta:
        list_serializer_class = AnswersIn


class AckIn(serializers.Serializer):
    version = serializers.IntegerField(min_value=1)
    answers = AnswerIn(many=True, required=False)


class StartIn(serializers.Serializer):
    digest_version = serializers.IntegerField(min_value=1)


class EndIn(serializers.Serializer):
    note = serializers.IntegerField(min_value=1)


class DutyOut(serializers.ModelSerializer):
    class Meta:
        model = Duty
        fields = ["id", "member", "shift", "started_at", "until", "lapses_at", "ended_at", "end"]


class TakenOut(serializers.Serializer):
    item = serializers.CharField()
    ticket = serializers.IntegerField()
    subject = serializers.CharField()
    holder = DigestPerson(allow_null=True)


class AckOut(serializers.Serializer):
    receipt = serializers.IntegerField()
    version = serializers.IntegerField()
    content_hash = serializers.CharField()
    acknowledged_at = serializers.DateTimeField()
    duty = DutyOut(allow_null=True)
    taken = TakenOut(many=True, help_text="What somebody else had taken first.")


class Digests(Door):
    """Mine, now. Asking for it opens it; acknowledging it opens the workspace and starts duty."""

    deeds = {"mine": "digest.read", "ack": "digest.answer"}
    gated = False
    serializer_class = DigestOut
    pagination_class = None
    filter_backends: list[Any] = []

    @describe(DigestOut, "not_found", operation_id="digest_retrieve")
    def mine(self, request: Request) -> Response:
        member = self.member
        reading = actions.open_digest(member) if may(member, "digest.answer") else queries.read(member)
        return Response(told(reading))

    @describe(AckOut, "stale", "taken", "wrong_state", request=AckIn)
    def ack(self, request: Request) -> Response:
        entry = AckIn(data=request.data)
        entry.is_valid(raise_exception=True)
        return Response(acknowledged(self.member, entry.validated_data["version"], entry.validated_data.get("answers", ())))


class Duties(Door):
    """Beginning duty with the digest's version, ending it with the signed note."""

    deeds = {"start": "duty.work", "end": "duty.work"}
    gated = False
    serializer_class = DutyOut
    filter_backends: list[Any] = []

    @describe(AckOut, "stale", "taken", "wrong_state", request=StartIn)
    def start(self, request: Request) -> Response:
        """Start with the answers kept so far. While on duty it only says so."""
        entry = StartIn(data=request.data)
        entry.is_valid(raise_exception=True)
        return Response(acknowledged(self.member, entry.validated_data["digest_version"], ()))

    @describe(DutyOut, "not_found", "wrong_state", request=EndIn)
    def end(self, request: Request) -> Response:
        """The duty that the signed note has ended. Refuses `wrong_state` for a note that is not signed."""
        entry = EndIn(data=request.data)
        entry.is_valid(raise_exception=True)
        note = Note.objects.filter(pk=entry.validated_data["note"], member=self.member).select_related("duty").first()
        if note is None:
            raise Refused("not_found")
        if note.signed_at is None:
            raise Refused("wrong_state", SIGN_FIRST)
        return Response(DutyOut(note.duty).data)


def acknowledged(member: Any, version: int, answers: Any) -> dict[str, Any]:
    """What an acknowledgement came to, as `AckOut` describes it."""
    done = actions.acknowledge(member, by=member, version=version, answers=answers)
    receipt = done.receipt
    return {
        "receipt": receipt.pk,
        "version": receipt.version,
        "content_hash": receipt.content_hash,
        "acknowledged_at": said(receipt.acknowledged_at),
        "duty": told_duty(done.duty) if done.duty is not None else None,
        "taken": done.taken,
    }


urlpatterns = [
    # /api/v1/
    path("digest/", Digests.as_view({"get": "mine"}), name="digest-api"),
    path("digest/ack/", Digests.as_view({"post": "ack"}), name="digest-api-ack"),
    path("duty/start/", Duties.as_view({"post": "start"}), name="duty-api-start"),
    path("duty/end/", Duties.as_view({"post": "end"}), name="duty-api-end"),
]
