"""Asking for the team's mailbox and its letters."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import caches
from django.db.models import QuerySet

from tickets.mail.models import Letter, Mailbox
from tickets.mail.rules import reply_token
from tickets.people.access import may
from tickets.people.models import Member


def mailbox_of(member: Member) -> Mailbox | None:
    """The team's mailbox, if it has one."""
    return Mailbox.objects.filter(team=member.team_id).first()


def letters_of(member: Member) -> QuerySet[Letter]:
    """The team's letters, newest first, with where they are."""
    return Letter.objects.visible_to(member).select_related("ticket").order_by("-id")


def reply_address(team: int, ticket: int, address: str) -> str:
    """An address under which a customer's answer finds its way to this ticket: `help+t12-….@example.com`."""
    name, _at, domain = address.partition("@")
    return f"{name}+{reply_token(team, ticket, settings.SECRET_KEY)}@{domain}"


def beside_ticket(ticket: int, member: Member) -> str:
    """The reply address that the page of a ticket shows to who may answer; empty where the team has no mailbox.

    The mailbox is looked up once a minute in each process: it is set up once in years, and every ticket's page asks.
    """
    if not may(member, "ticket.contact"):
        return ""
    key = f"mailbox-{member.team_id}"
    address = caches["local"].get(key)
    if address is None:
        address = Mailbox.objects.filter(team=member.team_id, is_on=True).values_list("address", flat=True).first() or ""
        caches["local"].set(key, address, 60)
    return reply_address(member.team_id, ticket, address) if address else ""
