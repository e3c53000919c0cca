"""Photos on the disk: what was signed is their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from tickets.return_form.models import Evidence
from tickets.return_form.proof.checks import Finding

BLOCK = 1 << 20
"""Bytes of a photo in memory at once."""


def findings_of_files() -> Iterator[Finding]:
    """Every photo of a form or a parcel, removed ones too, that is gone from the store or is another than was kept."""
    for photo in Evidence.objects.order_by("id").iterator():
        where = f"R{photo.form_id}" if photo.form_id else f"parcel {photo.parcel_id}"
        name = f"{where} photo {photo.pk} “{photo.name}”"
        try:
            with photo.file.open("rb") as file:
                sha = hashlib.sha256()
                while block := file.read(BLOCK):
                    sha.update(block)
        except FileNotFoundError:
            yield Finding(name, "file_is_gone")
        else:
            if sha.hexdigest() != photo.sha256:
                yield Finding(name, "file_differs")
