"""Photos and attachments on the disk: what was kept of them is their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain
from typing import Any

from tickets.return_form.models import Evidence
from tickets.return_form.proof.checks import Finding
from tickets.ticket.models import Attachment


def findings_of_files() -> Iterator[Finding]:
    """Every photo of a form or a parcel (removed ones too) and every attachment of a ticket that is gone from the store or is another
    than was kept. One file's block is in memory at once."""
    photos, attachments = Evidence.objects.order_by("id").iterator(), Attachment.objects.order_by("id").iterator()
    for kept in chain[Evidence | Attachment](photos, attachments):
        wrong = _wrong(kept)
        if wrong:
            yield Finding(f"{kept._meta.model_name} {kept.pk} “{kept.name}”", wrong)


def _wrong(kept: Any) -> str:
    try:
        with kept.file.open("rb") as file:
            same = hashlib.file_digest(file, "sha256").hexdigest() == kept.sha256
    except FileNotFoundError:
        return "file_is_gone"
    return "" if same else "file_differs"
