"""How a parcel leaves: as an e-mail, or through a robot."""

from __future__ import annotations

import smtplib
import ssl
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage

from handover.message import robots
from handover.message.models import Destination, Parcel
from handover.message.rules import Answer, Came
from handover.message.wording import Letter, Words, compose, letter
from tickets.web.sealed import unseal


def lines_of(parcel: Parcel) -> list[Words]:
    """What the parcel says now, in the order it happened; what has lost its sense meanwhile is left out."""
    rows = parcel.deliveries.select_related("message__team", "message__alert__member", "message__member__user").order_by("id")
    return [words for words in (compose(row.message, parcel.destination) for row in rows) if words is not None]


def send(parcel: Parcel, lines: list[Words]) -> Answer:
    """Send the lines to the parcel's destination. Never raises for what the other side does."""
    place = parcel.destination
    content = letter(lines, place, repeat=parcel.uncertain)
    if place.kind == Destination.EMAIL:
        return _mail(parcel, content)
    url = unseal(place.address)
    return robots.send(url, content.text) if url else Answer(Came.REFUSED, "SECRET_KEY was changed: enter the address again")


def _mail(parcel: Parcel, content: Letter) -> Answer:
    """By the mail server. Every try of a parcel has the same Message-ID, by which mail servers and programs know a repeat."""
    member = parcel.destination.member
    to = member.user.email if member is not None else ""
    if not to:
        return Answer(Came.REJECTED, "no e-mail address")
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    headers = {"Message-ID": f"<{parcel.pk}@{domain}>", "Auto-Submitted": "auto-generated"}
    mail = EmailMessage(content.subject, content.text, settings.DEFAULT_FROM_EMAIL, [to], headers=headers)
    for name, kind, data in content.files:
        mail.attach(name, data, kind)
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as failure:
        code = next(iter(failure.recipients.values()))[0]
        return Answer(Came.REFUSED if code >= 500 else Came.FAILED, f"{code}")
    except smtplib.SMTPAuthenticationError as failure:  # ours to mend, nobody's address is wrong
        return Answer(Came.FAILED, f"{failure.smtp_code} sign-in")
    except smtplib.SMTPResponseException as failure:
        return Answer(Came.REJECTED if failure.smtp_code >= 500 else Came.FAILED, f"{failure.smtp_code}")
    except (ConnectionRefusedError, ssl.SSLError, smtplib.SMTPNotSupportedError, OSError) as failure:
        unsure = isinstance(failure, TimeoutError | smtplib.SMTPServerDisconnected | ConnectionResetError)
        return Answer(Came.UNSURE if unsure else Came.FAILED, type(failure).__name__)
    return Answer(Came.SENT)
