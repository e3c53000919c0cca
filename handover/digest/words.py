"""What every card of a digest says: translated once for the page, not once for each card."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from handover.shell.icons import icon
from tickets.ticket.models import Ticket


def words() -> dict[str, Any]:
    """The words and icons in the active language."""
    return _words(get_language())


@cache
def _words(_language: str | None) -> dict[str, Any]:
    return {
        "ask": _("ask"),
        "ask_lead": _("ask the lead…"),
        "back": _("off, back"),
        "absent": _("who has it is not here"),
        "by": _("by"),
        "colon": _(": "),
        "comma": _(", "),
        "can_be_asked": _("can be asked"),
        "corrected": _("corrected"),
        "do": _("do"),
        "from": _("from"),
        "give": _("give to this person"),
        "if_then": _("if … then"),
        "in_pool": _("in the pool: whoever takes it first has it"),
        "next_action": _("next action"),
        "nobody": _("nobody"),
        "off": _("off"),
        "on_until": _("on until"),
        "other": _("another step or time"),
        "promised": _("promised"),
        "question": _("a question back"),
        "so_far": _("so far"),
        "somebody": _("someone else…"),
        "somebody_name": _("someone else takes it: name"),
        "state": _("state"),
        "take": _("I take it"),
        "take_by": _("I take it, by"),
        "tried": _("tried"),
        "waits": {code: str(label) for code, label in Ticket.Waiting.choices},
        "waits_on": _("waits on"),
        "what_next": _("what to do next"),
        "when": _("19:30, +2h"),
        "arrow": icon("arrow-right"),
        "chevron": icon("chevron-right"),
        "yours": _("yours already"),
        "hand": icon("hand"),
        "shapes": {"act_now": "■", "watch": "▲", "stable": "●"},
        "query": icon("question"),
    }
