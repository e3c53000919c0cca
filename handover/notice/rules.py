"""What a notice says."""

from __future__ import annotations

from typing import Any

from tickets.activity.telling import sentence


def said(facts: dict[str, Any] | None, text: str) -> str:
    """What a notice tells whoever reads it now: its `text` as somebody typed it, or, of a notice that the system wrote, the sentence of
    its facts (`code` and data) in the reader's language."""
    return sentence(facts["code"], facts, {})[1] if facts else text
