"""What all exports share: rows by column name, and the files they are written into, as platforms write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import xlsxwriter

Row = dict[str, str]
_START = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)


def names(*pieces: str) -> list[str]:
    """The columns of a header, written as the platforms write it: with commas."""
    return ",".join(pieces).split(",")


def as_id(number: int | str) -> str:
    return f'="{number}"'


def when(place: int) -> str:
    """The time of an order, 41 seconds after the one before."""
    return (_START + timedelta(seconds=place * 41)).strftime("%Y-%m-%d %H:%M:%S")


def cells_of(header: list[str], row: Row) -> list[str]:
    return [row.get(name.strip(), "") for name in header]


def write_csv(
    path: Path, header: list[str], rows: Iterable[Row], *, encoding: str = "gb18030", trailing: bool = False, title: str = ""
) -> Path:
    """A csv as platforms write it: CRLF, ids unquoted as `="…"`, the rest quoted; `trailing` adds the comma that detail files have."""
    with path.open("w", encoding=encoding, newline="") as file:
        if title:
            file.write(title + "\r\n")
        file.write(",".join(_quoted(name) for name in header) + "\r\n")
        tail = "," if trailing else ""
        for row in rows:
            file.write(",".join(value if value.startswith('="') else _quoted(value) for value in cells_of(header, row)) + tail + "\r\n")
    return path


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def csv_text(header: list[str], rows: Iterable[Row]) -> str:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(header)
    writer.writerows(cells_of(header, row) for row in rows)
    return target.getvalue()


def write_xlsx(path: Path, header: list[str], rows: Iterable[Row], *, inline: bool = True) -> Path:
    """A workbook; `inline` strings (as exporters write) or shared ones (as Excel writes)."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": inline})
    sheet = book.add_worksheet()
    for place, name in enumerate(header):
        sheet.write_string(0, place, name)
    for line, row in enumerate(rows, 1):
        for place, value in enumerate(cells_of(header, row)):
            if value:
                sheet.write_string(line, place, value)
    book.close()
    return path
