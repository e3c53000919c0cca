"""One small module per system: a document in, a `Person` or a `Matter` out. docs/systems.md says what each expects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tickets.movein.record import Matter, Person
from tickets.movein.systems import gorgias, helpscout, plain, zendesk

Reader = Callable[[str, Mapping[str, Any]], Person | Matter | None]
READERS: dict[str, Reader] = {"zendesk": zendesk.read, "helpscout": helpscout.read, "gorgias": gorgias.read, "csv": plain.read}
"""By `models.System`. None: the document is nothing to bring in (spam, deleted)."""
