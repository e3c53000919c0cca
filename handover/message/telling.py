"""How this room's codes read, and the words of its own messages."""

from __future__ import annotations

from django.utils.translation import gettext as _

from handover.message.addresses import KINDS
from handover.message.models import Message
from handover.message.wording import Words, composers
from tickets.activity.telling import SENTENCES, Data, Teller, register


def _where(data: Data) -> dict[str, str]:
    kind = str(data.get("kind") or "")
    return {"where": f"{KINDS.get(kind, kind)} {data.get('name') or ''}".strip(), "why": str(data.get("why") or "")}


WORDS: dict[str, Teller] = {
    "message.destination_added": lambda d, n: _("added a place for messages: %(where)s") % _where(d),
    "message.destination_changed": lambda d, n: _("changed a place for messages: %(where)s") % _where(d),
    "message.destination_removed": lambda d, n: _("removed a place for messages: %(where)s") % _where(d),
    "message.tested": lambda d, n: _("sent a test message: %(where)s") % _where(d),
    "message.sent_again": lambda d, n: _("sent a failed message again"),
    "message.refused": lambda d, n: _("Messages to %(where)s are refused (%(why)s); they rest until you look at it") % _where(d),
}


def _test(message: Message) -> Words:
    return Words(_("This is a test message from Handover, asked for by %(name)s.") % {"name": message.data.get("by", "")})


def register_all() -> None:
    """Called once when the apps are ready, harmless when called again."""
    composers["message.test"] = _test
    for code, teller in WORDS.items():
        if code not in SENTENCES:
            register(code, teller)
