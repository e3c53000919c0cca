"""How lists of tickets and promises can be narrowed."""

from __future__ import annotations

import re
from typing import Any

import django_filters as df
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member
from tickets.ticket.models import UNRESOLVED, Promise, Severity, Status, Ticket
from tickets.ticket.models.ticket import TicketQuerySet
from tickets.ticket.queries import matching
from tickets.web.filters import Filters, Id, Instant
from tickets.web.refusals import Refused

WHO = _("“me”, “pool”, or a member's id.")
PK = re.compile(r"[0-9]{1,18}")


def whose(member: Member, value: str, field: str) -> dict[str, Any]:
    """`me`, `pool` or an id, as a condition on the column `field`. Refuses `invalid` for anything else."""
    if value == "pool":
        return {f"{field}__isnull": True}
    if value == "me":
        return {field: member.pk}
    if not PK.fullmatch(value):
        raise Refused("invalid", errors={field: [WHO]})
    return {field: int(value)}


class TicketFilters(Filters):
    status = df.MultipleChoiceFilter(choices=Status.choices, help_text="repeat for several")
    unresolved = df.BooleanFilter(method="by_unresolved", help_text="open or waiting")
    holder = df.CharFilter(method="by_holder", help_text="me, pool, or a member's id")
    customer = Id(field_name="customer_id")
    order = Id(field_name="order_links__order_id")
    reason = Id(field_name="reason_id")
    shop = Id(field_name="shop_id")
    kind = df.ChoiceFilter(choices=Ticket.Kind.choices)
    severity = df.ChoiceFilter(choices=Severity.choices)
    channel = df.ChoiceFilter(choices=Ticket.Channel.choices)
    waiting_on = df.ChoiceFilter(choices=Ticket.Waiting.choices)
    complaint = df.ChoiceFilter(choices=[("any", "any"), *Ticket.Complaint.choices], method="by_complaint")
    due_before = Instant(method="by_due", help_text="unresolved and due before this instant")
    opened_after = Instant(field_name="opened_at", lookup_expr="gte")
    opened_before = Instant(field_name="opened_at", lookup_expr="lt")
    tag = df.CharFilter(field_name="tags", lookup_expr="contains", method="by_tag")
    q = df.CharFilter(method="by_text", max_length=80, help_text="text in subject, body, contacts and notes; the newest 1,000 matches")

    class Meta:
        model = Ticket
        fields: list[str] = []

    @property
    def member(self) -> Member:
        return self.request._request.member

    def by_unresolved(self, rows: TicketQuerySet, _name: str, value: bool) -> TicketQuerySet:
        return rows.unresolved() if value else rows.exclude(status__in=UNRESOLVED)

    def by_holder(self, rows: TicketQuerySet, _name: str, value: str) -> TicketQuerySet:
        return rows.in_pool() if value == "pool" else rows.filter(**whose(self.member, value, "holder"))

    def by_complaint(self, rows: TicketQuerySet, _name: str, value: str) -> TicketQuerySet:
        return rows.complained(value)

    def by_due(self, rows: TicketQuerySet, _name: str, value: Any) -> TicketQuerySet:
        return rows.due_before(value)

    def by_tag(self, rows: TicketQuerySet, _name: str, value: str) -> TicketQuerySet:
        return rows.tagged(value)

    def by_text(self, rows: TicketQuerySet, _name: str, value: str) -> TicketQuerySet:
        return rows.filter(pk__in=matching(self.member.team_id, value))


class PromiseFilters(Filters):
    status = df.MultipleChoiceFilter(choices=Promise.State.choices, help_text="repeat for several")
    unkept = df.BooleanFilter(method="by_unkept", help_text="open or broken")
    owner = df.CharFilter(method="by_owner", help_text="me, pool, or a member's id")
    ticket = Id(field_name="ticket_id")
    due_before = Instant(field_name="due_at", lookup_expr="lt")
    due_after = Instant(field_name="due_at", lookup_expr="gte")

    class Meta:
        model = Promise
        fields: list[str] = []

    def by_unkept(self, rows: QuerySet[Promise], _name: str, value: bool) -> QuerySet[Promise]:
        unkept = [Promise.State.OPEN, Promise.State.BROKEN]
        return rows.filter(status__in=unkept) if value else rows.exclude(status__in=unkept)

    def by_owner(self, rows: QuerySet[Promise], _name: str, value: str) -> QuerySet[Promise]:
        return rows.filter(**whose(self.request._request.member, value, "owner"))
