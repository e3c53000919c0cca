"""A roster's grid out of the rows of a file, with the quirks of the sheets that people keep. Pure.

Above the dates may stand a merged title; below or above them the weekdays; left of the names numbers and groups; right of the last
date totals; below the names sums and remarks. Names are compared without blanks and in half width.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from handover.roster.sources.dates import heads, is_weekday, month_in, plain

NAME_HEADS = frozenset({"姓名", "名字", "员工", "員工", "客服", "人员", "人員", "name", "names", "staff", "who"})
NOT_PEOPLE = re.compile(
    r"(合计|合計|总计|總計|小计|小計|汇总|匯總|共计|total|sum|备注|備註|说明|說明|note|注[:：]|.*人数|.*人數).*", re.IGNORECASE
)
SEARCHED = 12
"""The dates stand in one of the first rows."""


@dataclass
class Row:
    """One person: as the file calls them, its line, and the code of each day that has one."""

    name: str
    line: int
    codes: dict[date, str] = field(default_factory=dict)


@dataclass
class Grid:
    """What a file says: its days in order, and who is meant to work when."""

    days: list[date] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    nameless: list[int] = field(default_factory=list)

    @property
    def codes(self) -> list[str]:
        """Every code once, in the order of the file."""
        return list(dict.fromkeys(code for row in self.rows for code in row.codes.values()))


def key(text: str) -> str:
    """What two writings of a name or a code have in common."""
    return re.sub(r"\s+", "", plain(text)).casefold()


def read_grid(rows: Iterable[tuple[int, list[Any]]], today: date, known: Iterable[str] = ()) -> Grid | None:
    """The grid in the rows of a sheet; None where no row is headed by at least two dates.

    `known`: the names of the team's people, which tell the column of the names where it has no heading.
    """
    table = list(rows)
    for place, (_line, cells) in enumerate(table[:SEARCHED]):
        month = month_in([cell for _l, above in table[:place] for cell in above if plain(cell)], today)
        if columns := heads(cells, today, month):
            names = _name_column(cells, table[place + 1 :], min(columns), {key(name) for name in known})
            return _grid(table[place + 1 :], columns, names)
    return None


def _name_column(head: list[Any], below: list[tuple[int, list[Any]]], before: int, known: set[str]) -> int:
    """The column that is headed as names are, else the one with most of the people we know, else the last with words left of the dates."""
    for column in range(before):
        if column < len(head) and key(head[column]) in NAME_HEADS:
            return column
    counts = {column: sum(key(_at(cells, column)) in known for _line, cells in below) for column in range(before)}
    best = max(counts, key=lambda column: counts[column], default=0)
    if counts.get(best):
        return best
    wordy = [column for column in range(before) if any(re.search(r"[^\W\d]", plain(_at(cells, column))) for _line, cells in below)]
    return wordy[-1] if wordy else 0


def _grid(below: list[tuple[int, list[Any]]], columns: dict[int, date], names: int) -> Grid:
    found = Grid(days=sorted(columns.values()))
    for line, cells in below:
        name = re.sub(r"\s+", " ", plain(_at(cells, names)))
        codes = {day: plain(_at(cells, column)) for column, day in columns.items() if plain(_at(cells, column))}
        if (
            codes
            and all(is_weekday(code) for code in codes.values())
            and (not name or key(name) in NAME_HEADS | {"日期", "星期", "weekday"})
        ):
            continue
        if NOT_PEOPLE.fullmatch(name) or not (name or codes):
            continue
        if not name:
            found.nameless.append(line)
        else:
            found.rows.append(Row(name, line, codes))
    return found


def _at(cells: list[Any], column: int) -> Any:
    return cells[column] if column < len(cells) else ""
