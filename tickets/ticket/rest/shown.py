"""What the API tells of tickets and promises.

The fields describe the answer for the schema; the answer itself is made by hand, because a list of fifty rows through declared
fields costs more than the query behind it.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from tickets.ticket.models import HandlerRequest, Promise, Severity, Status, Ticket


class Person(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class TicketOut(serializers.Serializer[Ticket]):
    """A ticket as it is now. Instants are UTC; `holder` null: in the pool; `due_at`: the earliest of next action and promises."""

    id = serializers.IntegerField()
    customer = Person()
    shop = serializers.IntegerField(allow_null=True)
    orders = serializers.ListField(child=serializers.IntegerField())
    kind = serializers.ChoiceField(Ticket.Kind.choices)
    reason = serializers.IntegerField(allow_null=True)
    subject = serializers.CharField()
    body = serializers.CharField()
    severity = serializers.ChoiceField(Severity.choices)
    channel = serializers.ChoiceField(Ticket.Channel.choices)
    tags = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(Status.choices)
    waiting_on = serializers.CharField(help_text="customer, warehouse, logistics or manager while waiting, else empty")
    next_action = serializers.CharField()
    next_at = serializers.DateTimeField(allow_null=True)
    next_by = serializers.IntegerField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    holder = Person(allow_null=True)
    held_since = serializers.DateTimeField()
    touches = serializers.IntegerField(help_text="how many different people handled it")
    complaint = serializers.CharField(help_text="bad_review, dispute, platform, or empty")
    complained_at = serializers.DateTimeField(allow_null=True)
    resolution = serializers.IntegerField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    merged_into = serializers.IntegerField(allow_null=True)
    opened_by = serializers.IntegerField(allow_null=True)
    opened_at = serializers.DateTimeField()
    last_contact_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()
    version = serializers.IntegerField()

    PLAIN = (
        "id", "kind", "subject", "body", "severity", "channel", "tags", "status", "waiting_on", "next_action", "next_at", "due_at",
        "held_since", "touches", "complaint", "complained_at", "resolved_at", "opened_at", "last_contact_at", "updated_at", "version",
    )  # fmt: skip
    IDS = ("shop", "reason", "next_by", "resolution", "merged_into", "opened_by")

    def to_representation(self, ticket: Ticket) -> dict[str, Any]:
        found = {name: getattr(ticket, name) for name in self.PLAIN}
        found |= {name: getattr(ticket, f"{name}_id") for name in self.IDS}
        found["customer"] = {"id": ticket.customer_id, "name": ticket.customer.name}
        found["holder"] = {"id": ticket.holder_id, "name": ticket.holder.display_name} if ticket.holder else None
        found["orders"] = ticket.order_ids
        return found


class PromiseOut(serializers.Serializer[Promise]):
    """A promise. `owner` null: the pool and its lead. Broken ones can still be kept, late."""

    id = serializers.IntegerField()
    ticket = serializers.IntegerField()
    subject = serializers.CharField(help_text="of the ticket")
    customer = Person()
    text = serializers.CharField()
    due_at = serializers.DateTimeField()
    owner = Person(allow_null=True)
    made_by = serializers.IntegerField(allow_null=True)
    made_at = serializers.DateTimeField()
    status = serializers.ChoiceField(Promise.State.choices)
    broken_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_by = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()

    PLAIN = ("id", "text", "due_at", "made_at", "status", "broken_at", "closed_at", "reason")

    def to_representation(self, promise: Promise) -> dict[str, Any]:
        found: dict[str, Any] = {name: getattr(promise, name) for name in self.PLAIN}
        ticket = promise.ticket
        found |= {"ticket": ticket.pk, "subject": ticket.subject, "made_by": promise.made_by_id, "closed_by": promise.closed_by_id}
        found["customer"] = {"id": ticket.customer_id, "name": ticket.customer.name}
        found["owner"] = {"id": promise.owner_id, "name": promise.owner.display_name} if promise.owner else None
        return found


class HandlerOut(serializers.Serializer[Any]):
    """One person in the row of handlers: handled it, waits for a manager's word, or was refused."""

    place = serializers.IntegerField()
    member = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField(help_text="handled, waiting (for a manager) or refused")
    how = serializers.CharField()
    at = serializers.DateTimeField()
    why = serializers.CharField(allow_blank=True)


class AssignmentOut(serializers.Serializer[Any]):
    """One change of holder. Null is the pool."""

    from_member = serializers.IntegerField(source="from_member_id", allow_null=True)
    to_member = serializers.IntegerField(source="to_member_id", allow_null=True)
    cause = serializers.CharField()
    reason = serializers.CharField()
    next_step = serializers.CharField()
    actor = serializers.IntegerField(source="actor_id", allow_null=True)
    at = serializers.DateTimeField()


class CaseOut(serializers.Serializer[Any]):
    """Who has it and had it, and whom a customer is sent to."""

    handlers = HandlerOut(many=True)
    assignments = AssignmentOut(many=True)
    send_to = serializers.DictField(help_text="member (id or null), name, why (holder, next, lead), on, until, coming")
    suggested = serializers.ListField(child=serializers.DictField(), help_text="next holders, best first: id, name, why, on")


class HandlerRequestOut(serializers.ModelSerializer[HandlerRequest]):
    class Meta:
        model = HandlerRequest
        fields = ["id", "ticket", "member", "reason", "asked_at", "state", "decided_by", "decided_at", "decision"]


class AttachmentOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    by = serializers.IntegerField(source="by_id", allow_null=True, help_text="empty: it came with a letter")
    at = serializers.DateTimeField()
