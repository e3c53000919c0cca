"""What writes, signs and corrects notes, and what becomes of the custody they offer."""

from handover.note.actions.draft import PARTS, open_draft, save_item, save_parts
from handover.note.actions.offers import close_settled, escalate, offer, put_away, take
from handover.note.actions.signing import add_addendum, build_without_author, cells, may_correct, sign, signed_hooks

__all__ = [
    "PARTS",
    "add_addendum",
    "build_without_author",
    "cells",
    "close_settled",
    "escalate",
    "may_correct",
    "offer",
    "open_draft",
    "put_away",
    "save_item",
    "save_parts",
    "sign",
    "signed_hooks",
    "take",
]
