"""Rows as a file: csv that streams, xlsx in constant memory. A cell that a spreadsheet would run is made text."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from urllib.parse import quote

import xlsxwriter
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone, translation

from tickets.web.refusals import Refused

RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula."""
CELL = 32_767
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGING = ("format", "before", "after", "page", "cursor")
"""What of a page's address says which part of its list is shown, and nothing about which rows it has."""

Column = tuple[Any, Callable[[Any], Any]]
"""A column of a file: its heading, and the cell of a row."""


def as_file(request: HttpRequest, name: str, columns: Sequence[Column], rows: Iterable[Any]) -> HttpResponse | None:
    """The list of a page as the csv or xlsx that `?format=` asks for: every row that the page's filters let through, however many it
    shows at once. None where the page itself is asked for; `not_found` for a format we do not write. `ui.files(request)` links to it.
    """
    kind = request.GET.get("format", "")
    if not kind:
        return None
    if kind not in ("csv", "xlsx"):
        raise Refused("not_found")
    found = rows.iterator(chunk_size=500) if isinstance(rows, QuerySet) else rows
    lines = ([cell(row) for _title, cell in columns] for row in found)
    answer = csv_answer if kind == "csv" else xlsx_answer
    return cast(HttpResponse, answer([title for title, _cell in columns], lines, name=name))  # one that streams, which no view minds


def cell(path: str) -> Callable[[Any], Any]:
    """The cell at a dotted path of a row, such as `member.display_name`; methods are asked. Empty where something on the way is missing."""
    steps = path.split(".")

    def value(row: Any) -> Any:
        for step in steps:
            row = getattr(row, step, None)
            row = row() if callable(row) else row
            if row is None:
                return ""
        return row

    return value


def file_address(request: HttpRequest, kind: str) -> str:
    """Where the list in hand can be had as `csv` or `xlsx`: its filters stay, its place in the paging does not."""
    kept = request.GET.copy()
    for name in PAGING:
        kept.pop(name, None)
    kept["format"] = kind
    return f"{request.path}?{kept.urlencode()}"


def harmless(value: Any) -> Any:
    """The value as a cell may hold it: text that would be run gets an apostrophe in front; instants lose their offset, in local time."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None)
    if isinstance(value, bool | int | float | Decimal | date):
        return value
    text = str(value)[:CELL]
    return f"'{text}" if text.startswith(RUNS) else text


class _Echo:
    def write(self, value: str) -> str:
        return value


def csv_answer(head: Iterable[Any], rows: Iterable[Iterable[Any]], *, name: str) -> StreamingHttpResponse:
    """The rows as csv, UTF-8 with a byte-order mark (so that spreadsheets read the Chinese), written while they are read."""

    zone, language = timezone.get_current_timezone(), translation.get_language() or "en"

    def lines() -> Iterator[str]:
        # read after the middleware has let go of the reader's time zone and language
        with timezone.override(zone), translation.override(language):
            writer = csv.writer(_Echo())
            yield "\ufeff" + writer.writerow([str(title) for title in head])
            for row in rows:
                yield writer.writerow([_csv(value) for value in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    return _named(response, f"{name}.csv")


def _csv(value: Any) -> Any:
    value = harmless(value)
    return value.isoformat(" ", "seconds") if isinstance(value, datetime) else value  # a day writes itself so


def xlsx_answer(head: Iterable[Any], rows: Iterable[Iterable[Any]], *, name: str) -> FileResponse:
    """The rows as a workbook of one sheet, written row by row to a file on disk. Text is text: nothing is a formula or a link."""
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        instant, day = (book.add_format({"num_format": how}) for how in ("yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"))
        for column, title in enumerate(head):
            sheet.write_string(0, column, str(title), bold)
        sheet.freeze_panes(1, 0)
        for place, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write(sheet, place, column, harmless(value), instant if isinstance(value, datetime) else day)
    file.seek(0)
    return _named(FileResponse(file, content_type=XLSX), f"{name}.xlsx")


def _write(sheet: Any, place: int, column: int, value: Any, when: Any) -> None:
    """One cell; `when`: the format of an instant or a day, if it is one."""
    if isinstance(value, date):  # and so every datetime
        sheet.write_datetime(place, column, value, when)
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        sheet.write_number(place, column, value)
    elif value != "":
        sheet.write_string(place, column, str(value))


def _named(response: Any, name: str) -> Any:
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"  # customers' names; desks are shared
    return response
