"""Letters for the tests, and a team with a mailbox to take them."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage

from tests.cast import Cast
from tickets.mail import actions, queries
from tickets.mail.models import Letter
from tickets.ticket.models import Ticket

ADDRESS = "help@lotus.example"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


def letter(
    text: str = "壶盖漏水", *, number: int = 1, sender: str = "Liu <liu@example.com>", to: str = ADDRESS, **headers: str
) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, headers.pop("Subject", "保温杯漏水")
    message["Message-ID"] = headers.pop("Message_ID", f"<{number}@example.com>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def take(cast: Cast, message: EmailMessage | bytes, *, at: datetime | None = None) -> Letter:
    return actions.receive(cast.team, message if isinstance(message, bytes) else message.as_bytes(), at=at)


def own_address(ticket: Ticket) -> str:
    return queries.reply_address(ticket.team_id, ticket.pk, ADDRESS)
