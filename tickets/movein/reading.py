"""The documents of a file, one after the other, in bounded memory: pages of an API, one document a line, or a csv.

A page is an object with a list in it (`{"tickets": […], "next_page": …}`), also nested (`{"_embedded": {"conversations": […]}}`); pages
may follow each other in one file. What stands in such a list is read element by element; no list is ever held as a whole.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext_lazy as _

from tickets.movein.record import Unreadable
from tickets.order.sources.reading import Unreadable as NoTable
from tickets.order.sources.reading import encoding_of, read_rows

REASONS = {
    "file_unreadable": _("This is no file of that system: neither JSON nor, for the plain form, a table."),
    "document_too_large": _("One document of the file has more than 16 MB."),
    "document_unreadable": _("This part of the document cannot be read."),
    "id_missing": _("The document has no id."),
    "time_unreadable": _("This is not a date and time."),
    "kind_unknown": _("This is neither a person nor a matter of that system."),
    "ticket_unknown": _("The matter is not known yet. Bring the file of the matters first, then this one again."),
    "refused": _("What the document says cannot be taken."),
    "broken": _("Something unforeseen happened; the log has the details."),
}
LISTS = frozenset({"tickets", "users", "ticket_events", "customers", "conversations", "data"})
"""Under which names pages list their documents."""
_WRAPPERS = frozenset({"_embedded"})
_CHUNK, _LARGEST_CHUNK = 1 << 16, 1 << 20
_NUMBER = 40  # marks behind a number without which it may be only its beginning (`1.` of `1.5`)
LARGEST = 16 << 20
Document = tuple[str, Mapping[str, Any]]


def documents(path: Path, *, table: bool = False) -> Iterator[Document]:
    """`(name of the list it stood in, or "", the document)` in the file's order. Raises `Unreadable`."""
    if table:
        yield from _table(path)
        return
    try:
        encoding = encoding_of(path)
    except NoTable as unknown:
        raise Unreadable("file_unreadable") from unknown
    with path.open(encoding=encoding, errors="replace") as file:
        yield from _Stream(file).documents()


def _table(path: Path) -> Iterator[Document]:
    try:
        rows = read_rows(path)
        for _line, first in islice(rows, 1):
            names = [str(name).strip().lstrip("\ufeff").casefold().replace(" ", "_") for name in first]
            for _line, row in rows:
                yield "rows", dict(zip(names, row, strict=False))
    except (NoTable, csv.Error) as broken:
        raise Unreadable("file_unreadable") from broken


class _Stream:
    """JSON values out of a text that is never held as a whole."""

    def __init__(self, file: TextIO) -> None:
        self.file, self.buffer, self.at, self.ended = file, "", 0, False
        self.decoder = json.JSONDecoder()

    def documents(self) -> Iterator[Document]:
        if self.peek() not in ("{", "["):
            raise Unreadable("file_unreadable")
        while (mark := self.peek()) is not None:
            if mark == "[":
                yield from self.array("")
            elif mark == "{":
                yield from self.object()
            else:
                raise Unreadable("file_unreadable")

    def object(self) -> Iterator[Document]:
        """A page, whose lists are read as they come, or a document of its own."""
        self.take("{")
        kept: dict[str, Any] = {}
        listed = False
        while self.peek() != "}":
            name = self.value()
            self.take(":")
            if name in LISTS and self.peek() == "[":
                listed = True
                yield from self.array(str(name))
            elif name in _WRAPPERS and not kept and self.peek() == "{":
                listed = True
                yield from self.object()
            else:
                kept[str(name)] = self.value()
            if self.peek() == ",":
                self.take(",")
        self.take("}")
        if not listed and kept:
            yield "", kept

    def array(self, name: str) -> Iterator[Document]:
        self.take("[")
        while self.peek() != "]":
            value = self.value()
            yield name, value if isinstance(value, Mapping) else {}
            if self.peek() == ",":
                self.take(",")
        self.take("]")

    def peek(self) -> str | None:
        """The next mark that is no blank; None at the end."""
        while True:
            while self.at < len(self.buffer) and self.buffer[self.at] in " \t\r\n\ufeff":
                self.at += 1
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self.more():
                return None

    def take(self, mark: str) -> None:
        if self.peek() != mark:
            raise Unreadable("file_unreadable")
        self.at += 1

    def value(self) -> Any:
        """The next value as a whole, reading on until it is complete."""
        self.peek()
        size = _CHUNK
        while True:
            try:
                found, end = self.decoder.raw_decode(self.buffer, self.at)
            except (ValueError, RecursionError) as incomplete:
                if isinstance(incomplete, RecursionError) or not self.more(size):
                    raise Unreadable("file_unreadable") from incomplete
                size = min(size * 2, _LARGEST_CHUNK)
            else:
                length = end - self.at
                if isinstance(found, (int, float)) and len(self.buffer) - end < _NUMBER and self.more(size):
                    continue  # it may go on
                self.at += length
                return found

    def more(self, size: int = _CHUNK) -> bool:
        """Read on; False at the end. What was taken is let go."""
        if self.ended:
            return False
        if len(self.buffer) - self.at > LARGEST:
            raise Unreadable("document_too_large")
        piece = self.file.read(size)
        self.ended = not piece
        self.buffer, self.at = self.buffer[self.at :] + piece, 0
        return bool(piece)
