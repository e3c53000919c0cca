"""The words of a message, made when it is sent: in the reader's language, at the team's clock, without anybody's phone number."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover.message.models import Destination, Message
from tickets.activity.models import Alert
from tickets.activity.telling import names_in, tell_alert

PHONE = re.compile(r"(?<![\d.])\+?\d(?:[ -]?\d){6,14}(?![\d.])")


@dataclass(frozen=True)
class Words:
    """What a message says. `alone`: a letter of its own, with its own subject; `files`: (name, type, bytes), for e-mail only."""

    text: str
    url: str = ""
    subject: str = ""
    alone: bool = False
    files: tuple[tuple[str, str, bytes], ...] = ()


Composer = Callable[[Message], Words | None]
composers: dict[str, Composer] = {}
"""Code → what makes its words, registered by the room that sends it; None: there is nothing to say any more."""


def compose(message: Message, destination: Destination) -> Words | None:
    """The words of one message for one destination; None where it is of no use any more."""
    with translation.override(_language(destination)), timezone.override(message.team.zone):
        if message.code in composers:
            return composers[message.code](message)
        return _told(message.alert) if message.alert is not None else None


def _language(destination: Destination) -> str:
    member = destination.member or destination.team.lead
    return (member.user.language if member else "") or settings.LANGUAGE_CODE


def _told(alert: Alert) -> Words:
    """An alert in the words of the bell, and where to look."""
    told = tell_alert(alert, names_in([alert], alert.member))
    parts = [f"{told.who} {told.text}".strip()]
    if told.subject:
        parts.append(f"#{alert.ticket_id} {told.subject}" if alert.ticket_id else told.subject)
    if told.due:
        parts.append(_("by %(time)s") % {"time": date_format(timezone.localtime(told.due), "SHORT_DATETIME_FORMAT")})
    if told.said:
        parts.append(f"“{told.said}”")
    return Words(without_phones(" · ".join(parts)), url=_where(alert))


def _where(alert: Alert) -> str:
    if alert.data.get("form"):
        return address("return_form:show", alert.data["form"])
    if alert.ticket_id:
        return address("ticket:show", alert.ticket_id)
    return address("activity:alerts")


def address(name: str, *args: object) -> str:
    """The whole address of a page, for a reader who is outside."""
    return settings.SITE_URL.rstrip("/") + reverse(name, args=args)


def without_phones(text: str) -> str:
    """The text with what looks like a telephone or order number hidden but for its last four digits: it goes to other people's servers."""
    return PHONE.sub(lambda found: "…" + re.sub(r"\D", "", found.group())[-4:], text)


@dataclass(frozen=True)
class Letter:
    """What one parcel carries."""

    subject: str
    text: str
    files: tuple[tuple[str, str, bytes], ...] = ()


def letter(lines: Sequence[Words], destination: Destination, *, repeat: bool) -> Letter:
    """Several lines as one message. `repeat`: a robot's group is told that it may have read this already (mail programs see it by
    the Message-ID)."""
    with translation.override(_language(destination)):
        texts = [f"{line.text}\n{line.url}".strip() for line in lines]
        if len(lines) > 1 and destination.kind != Destination.EMAIL:
            texts = [f"{place}. {text}" for place, text in enumerate(texts, 1)]
        if repeat and destination.kind != Destination.EMAIL:
            texts.insert(0, _("(may be a repeat: the first try got no answer)"))
        one = lines[0].subject or lines[0].text.split("\n")[0]
        count = ngettext("%(count)s message from Handover", "%(count)s messages from Handover", len(lines)) % {"count": len(lines)}
        subject = one if len(lines) == 1 else count
        return Letter(" ".join(subject.split())[:150], "\n\n".join(texts), tuple(file for line in lines for file in line.files))
