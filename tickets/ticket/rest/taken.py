"""What the API takes. Words are checked here for form only; whether a deed is possible decides the action."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from tickets.customer.models import Customer
from tickets.order.models import Order
from tickets.people.models import Member, Shop
from tickets.ticket.actions import BULK
from tickets.ticket.actions.talking import OUTCOMES
from tickets.ticket.models import Reason, Resolution, Severity, Ticket
from tickets.ticket.rest.fields import MOST, Row, Rows
from tickets.web.api import Moment

LONG = 20_000


def words(**kwargs: Any) -> serializers.CharField:
    return serializers.CharField(max_length=LONG, **kwargs)


class PromiseIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=300)
    due_at = Moment()


class PromiseFor(PromiseIn):
    owner = Row(Member, required=False, allow_null=True)


class Content(serializers.Serializer[Any]):
    """What a ticket says, as both logging and changing it take it."""

    subject = serializers.CharField(max_length=160, required=False)
    body = words(required=False, allow_blank=True)
    kind = serializers.ChoiceField(Ticket.Kind.choices, required=False)
    reason = Row(Reason, required=False, allow_null=True)
    severity = serializers.ChoiceField(Severity.choices, required=False)
    channel = serializers.ChoiceField(Ticket.Channel.choices, required=False)
    shop = Row(Shop, required=False, allow_null=True)
    orders = Rows(Order, required=False)
    tags = serializers.ListField(child=serializers.CharField(max_length=30), max_length=20, required=False)
    next_action = serializers.CharField(max_length=300, required=False, allow_blank=True)
    next_at = Moment(required=False, allow_null=True)
    next_by = Row(Member, required=False, allow_null=True)


class TicketIn(Content):
    """`anyway`: log it although the customer has an open ticket. `to_pool`: do not hold it oneself."""

    customer = Row(Customer)
    subject = serializers.CharField(max_length=160)
    promise = PromiseIn(required=False, allow_null=True)
    complaint = serializers.ChoiceField(Ticket.Complaint.choices, required=False, allow_blank=True)
    to_pool = serializers.BooleanField(required=False)
    watchers = Rows(Member, required=False)
    anyway = serializers.BooleanField(required=False)


class TicketChange(Content):
    version = serializers.IntegerField(min_value=0, max_value=MOST)


class Nothing(serializers.Serializer[Any]):
    """No fields."""


class ClaimIn(serializers.Serializer[Any]):
    override_reason = words(required=False, allow_blank=True)


class ReleaseIn(serializers.Serializer[Any]):
    reason = words(required=False, allow_blank=True)


class TransferIn(serializers.Serializer[Any]):
    to = Row(Member)
    reason = words()
    next_step = serializers.CharField(max_length=300)
    next_at = Moment(required=False, allow_null=True)
    override_reason = words(required=False, allow_blank=True)


class ContactIn(serializers.Serializer[Any]):
    """`to`: whom the customer was told to expect, for a routed contact."""

    outcome = serializers.ChoiceField(OUTCOMES, required=False)
    text = words(required=False, allow_blank=True)
    channel = serializers.ChoiceField(Ticket.Channel.choices, required=False)
    to = Row(Member, required=False, allow_null=True)
    override_reason = words(required=False, allow_blank=True)


class NoteIn(serializers.Serializer[Any]):
    text = words()


class WaitIn(serializers.Serializer[Any]):
    on = serializers.ChoiceField(Ticket.Waiting.choices)
    next_action = serializers.CharField(max_length=300, required=False, allow_blank=True)
    next_at = Moment(required=False, allow_null=True)


class ResolveIn(serializers.Serializer[Any]):
    resolution = Row(Resolution)
    text = words(required=False, allow_blank=True)


class ReasonIn(serializers.Serializer[Any]):
    reason = words()


class MergeIn(serializers.Serializer[Any]):
    into = Row(Ticket)


class ComplainIn(serializers.Serializer[Any]):
    level = serializers.ChoiceField(Ticket.Complaint.choices)
    text = words(required=False, allow_blank=True)


class DecideHandler(serializers.Serializer[Any]):
    """Whose request: `member`, or, where only one waits, nobody named."""

    member = Row(Member, required=False)
    reason = words()


class KeepIn(serializers.Serializer[Any]):
    note = words(required=False, allow_blank=True)


class FileIn(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)


class FilesIn(serializers.Serializer[Any]):
    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True), min_length=1, max_length=settings.DATA_UPLOAD_MAX_NUMBER_FILES
    )


class BulkIn(serializers.Serializer[Any]):
    """One deed for many tickets, with what that deed takes; all or none."""

    tickets = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=MOST), min_length=1, max_length=200)
    deed = serializers.ChoiceField(sorted(BULK))
    to = Row(Member, required=False)
    reason = words(required=False, allow_blank=True)
    next_step = serializers.CharField(max_length=300, required=False, allow_blank=True)
    on = serializers.ChoiceField(Ticket.Waiting.choices, required=False)
    next_action = serializers.CharField(max_length=300, required=False, allow_blank=True)
    next_at = Moment(required=False, allow_null=True)
    resolution = Row(Resolution, required=False)
    text = words(required=False, allow_blank=True)
    add = serializers.ListField(child=serializers.CharField(max_length=30), max_length=20, required=False)
    remove = serializers.ListField(child=serializers.CharField(max_length=30), max_length=20, required=False)
    severity = serializers.ChoiceField(Severity.choices, required=False)

    TAKES = {
        "claim": ((), ()),
        "release": ((), ("reason",)),
        "transfer": (("to", "reason", "next_step"), ("next_at",)),
        "wait": (("on",), ("next_action", "next_at")),
        "resume": ((), ()),
        "resolve": (("resolution",), ("text",)),
        "tag": ((), ("add", "remove")),
        "severity": (("severity",), ()),
    }
    """deed → what it must have, what it may have."""

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        must, can = self.TAKES[data["deed"]]
        missing = [name for name in must if data.get(name) in (None, "")]
        if missing:
            raise serializers.ValidationError({name: [self.fields[name].error_messages["required"]] for name in missing})
        data["with"] = {name: data[name] for name in (*must, *can) if name in data}
        return data
