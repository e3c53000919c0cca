"""Asking for the team's mailbox and its letters."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet

from tickets.mail.models import Letter, Mailbox
from tickets.mail.rules import reply_token
from tickets.people.models import Member
from tickets.ticket.models import Ticket


def mailbox_of(member: Member) -> Mailbox | None:
    """The team's mailbox, if it has one."""
    return Mailbox.objects.filter(team=member.team_id).first()


def letters_of(member: Member) -> QuerySet[Letter]:
    """The team's letters, newest first, with where they are."""
    return Letter.objects.visible_to(member).select_related("ticket").order_by("-id")


def reply_address(ticket: Ticket, box: Mailbox) -> str:
    """An address under which a customer's answer finds its way to this ticket: `help+t12-….@example.com`."""
    name, _at, domain = box.address.partition("@")
    return f"{name}+{reply_token(ticket.team_id, ticket.pk, settings.SECRET_KEY)}@{domain}"
