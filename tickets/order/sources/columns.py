"""Columns by name: a header is bound once, then every row is read by position."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TypeVar

from tickets.web.phones import e164

from . import cells
from .record import Context

T = TypeVar("T")
_KEPT, _SHORT = 1_000, 80  # texts per column, characters of one: a few megabytes at most


def header_names(row: Iterable[object]) -> list[str]:
    """A header's names: stripped, full-width brackets made plain, so that spelling drift does not hide a column."""
    return [cells.text(cell).lstrip("\ufeff").replace("（", "(").replace("）", ")").replace("\u3000", "").strip() for cell in row]


class Columns:
    """Getters for one header. A name the file lacks gives a getter of "nothing", so optional columns need no `if`."""

    def __init__(self, names: list[str], context: Context) -> None:
        self.names, self.context = names, context
        self._at: dict[str, int] = {}
        for index, name in enumerate(names):
            if name:
                self._at.setdefault(name, index)

    def __contains__(self, name: str) -> bool:
        return name in self._at

    def _index(self, names: tuple[str, ...]) -> tuple[int, str] | None:
        return next(((self._at[name], name) for name in names if name in self._at), None)

    def text(self, *names: str, limit: int = 500) -> Callable[[list], str]:
        """Text of the first of `names` that exists, cut at `limit` characters."""
        found = self._index(names)
        return _nothing if found is None else _remembering(found[0], lambda cell: cells.text(cell)[:limit] if cell else "")

    def personal(self, *names: str, limit: int = 300) -> Callable[[list], str]:
        return self._getter(names, lambda value, column: cells.personal(value)[:limit], "")

    def phone(self, *names: str, country: str = "") -> Callable[[list], str]:
        """The first of `names` that holds a readable number, in E.164; `country` names the column with the number's country."""
        found = [self._at[name] for name in names if name in self._at]
        home = self.context.region
        region_at = self._at.get(country, -1)

        def get(row: list) -> str:
            region = (row[region_at] or home) if region_at >= 0 else home
            for index in found:
                value = cells.personal(row[index]) if row[index] else ""
                number = e164(value, region) if value else ""
                if number:
                    return number
            return ""

        return get

    def money(self, *names: str) -> Callable[[list], Decimal | None]:
        return self._getter(names, cells.money, None)

    def moment(self, *names: str) -> Callable[[list], datetime | None]:
        return self._getter(names, partial(_moment, zone=self.context.zone), None)

    def quantity(self, *names: str) -> Callable[[list], int]:
        return self._getter(names, cells.quantity, 1)

    def identifier(self, *names: str) -> Callable[[list], str]:
        found, rounded = self._index(names), self.context.ids_rounded
        if found is None:
            return _nothing
        index, column = found
        return lambda row: cells.identifier(row[index], column, rounded=rounded)

    def _getter(self, names: tuple[str, ...], convert: Callable, missing: object) -> Callable:
        found = self._index(names)
        if found is None:
            return lambda row: missing
        index, column = found
        return _remembering(index, lambda cell: convert(cell, column))


def _remembering(index: int, read: Callable[[object], T]) -> Callable[[list], T]:
    """Read a column, keeping what its first short texts meant: most columns say the same few things in every row."""
    known: dict[str, T] = {}

    def get(row: list) -> T:
        cell = row[index]
        if cell.__class__ is not str:  # 1, 1.0 and True would be one
            return read(cell)
        if cell in known:
            return known[cell]
        found = read(cell)
        if len(known) < _KEPT and len(cell) <= _SHORT:
            known[cell] = found
        return found

    return get


def _nothing(row: list) -> str:
    return ""


def _moment(value: object, column: str, zone: object) -> datetime | None:
    return cells.moment(value, column, zone)  # type: ignore[arg-type]
