"""Workbooks, first sheet. xlsx is read in pieces: a sheet's XML is cut between rows into small workbooks for calamine.

Calamine keeps a whole sheet in memory (about 100 bytes a cell); a year of orders would take gigabytes. So the sheet is streamed out
of the zip, cut every quarter of a megabyte at a row's end, and each piece is handed to calamine as a workbook of its own, with the
workbook's styles (dates need them) and only the shared strings that the piece uses.
"""

from __future__ import annotations

import io
import os
import re
import struct
import tempfile
import zipfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook

_PIECE = 1 << 18  # calamine keeps the interpreter to itself while it reads: the database would wait for larger ones
_LONGEST_ROW = 48 << 20
_ROWS_APART = 50_000
_BLOCK = 1 << 18
_STRINGS_IN_MEMORY = 4 << 20
_XLS_LIMIT = 120 << 20
_ROW_END = re.compile(rb"</(?:\w+:)?row>")
_ROW_NUMBER = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=\"(\d+)\"")
_FAR_COLUMN = re.compile(rb" r=\"[A-Z]{3}")
_SHARED = re.compile(rb"(<(?:\w+:)?c\b[^>]*?\bt=\"s\"[^>]*>\s*<(?:\w+:)?v>)(\d+)(</)")
_STRING = re.compile(rb"<(?:\w+:)?si\b[^>]*?(?:/>|>.*?</(?:\w+:)?si>)", re.DOTALL)
_SHEET_DATA = re.compile(rb"<(?:\w+:)?sheetData\b[^>]*?(/?)>")
_NS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Broken(Exception):
    """The workbook cannot be read; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_xls(path: Path) -> Iterator[tuple[int, list]]:
    """Rows of an old binary workbook (65,536 rows at most, so it is read whole)."""
    if path.stat().st_size > _XLS_LIMIT:
        raise Broken("file_too_large")
    try:
        with CalamineWorkbook.from_path(path) as book:
            yield from _rows(book)
    except (CalamineError, OSError, ValueError) as error:
        raise Broken("workbook_broken") from error


def _rows(book: CalamineWorkbook, shift: int = 0) -> Iterator[tuple[int, list]]:
    """The rows that hold anything, with their line number (that of the sheet, plus `shift`)."""
    sheet = book.get_sheet_by_index(0)
    start = sheet.start
    if start is None:
        return
    pad = [""] * start[1]
    for line, row in enumerate(sheet.to_python(skip_empty_area=True), start[0] + 1 + shift):
        if any(row):
            yield line, pad + row if pad else row


def read_xlsx(path: Path) -> Iterator[tuple[int, list]]:
    """Rows of the first sheet of an xlsx file, in bounded memory. Raises `Broken`."""
    try:
        with zipfile.ZipFile(path) as archive:
            book = _Book(archive)
            with _Strings(archive, book.strings) as strings:
                yield from _read_pieces(archive, book, strings)
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, CalamineError, struct.error, EOFError, ValueError) as error:
        raise Broken("workbook_broken") from error


class _Book:
    """Where the parts of a workbook lie in its zip."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        names = {name.lower(): name for name in archive.namelist()}
        root = _small(archive, names, "xl/workbook.xml")
        relations = _small(archive, names, "xl/_rels/workbook.xml.rels")
        if root is None or relations is None:
            raise Broken("workbook_broken")
        first = next((node for node in root.iter() if node.tag.endswith("}sheet")), None)
        targets = {node.get("Id"): (node.get("Target") or "", node.get("Type") or "") for node in relations.iter() if node.get("Id")}
        if first is None:
            raise Broken("workbook_broken")
        key = first.get(_NS) or next((value for name, value in first.attrib.items() if name.endswith("}id")), None)
        self.sheet = names[_inside(targets[key][0])]
        self.strings = names.get(next((_inside(target) for target, kind in targets.values() if kind.endswith("/sharedStrings")), ""))
        styles = next((_inside(target) for target, kind in targets.values() if kind.endswith("/styles")), "")
        self.styles = _bytes(archive, names[styles]) if styles in names else None
        self.date1904 = any(node.tag.endswith("}workbookPr") and node.get("date1904") in ("1", "true") for node in root.iter())


def _inside(target: str) -> str:
    return (target.lstrip("/") if target.startswith("/") else "xl/" + target).lower()


def _bytes(archive: zipfile.ZipFile, name: str, limit: int = 16 << 20) -> bytes:
    if archive.getinfo(name).file_size > limit:
        raise Broken("workbook_broken")
    return archive.read(name)


def _small(archive: zipfile.ZipFile, names: dict[str, str], name: str) -> ElementTree.Element | None:
    if name not in names:
        return None
    content = _bytes(archive, names[name])
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Broken("workbook_broken")
    return ElementTree.fromstring(content)  # noqa: S314 - no entities, checked above


class _Strings:
    """The shared strings, each as its raw `<si>…</si>`; kept in a temporary file with the places of each, so that any number fits."""

    def __init__(self, archive: zipfile.ZipFile, name: str | None) -> None:
        self.places = array("Q", [0])
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_STRINGS_IN_MEMORY)  # noqa: SIM115 - closed by __exit__
        if name is not None:
            with archive.open(name) as stream:
                self._spill(stream)
        self.file.flush()

    def _spill(self, stream: IO[bytes]) -> None:
        tail, at = b"", 0
        while block := stream.read(_BLOCK):
            tail += block
            end = 0
            for found in _STRING.finditer(tail):
                self.file.write(found.group())
                at += len(found.group())
                self.places.append(at)
                end = found.end()
            tail = tail[end:]
            if len(tail) > 32 * _BLOCK:
                raise Broken("workbook_broken")

    def __enter__(self) -> _Strings:
        return self

    def __exit__(self, *reason: object) -> None:
        self.file.close()

    def get(self, index: int) -> bytes:
        if index >= len(self.places) - 1:
            raise Broken("workbook_broken")
        start, end = self.places[index], self.places[index + 1]
        self.file.seek(start)
        return self.file.read(end - start)


def _read_pieces(archive: zipfile.ZipFile, book: _Book, strings: _Strings) -> Iterator[tuple[int, list]]:
    line = 0
    for piece in _cut(archive, book.sheet):
        first, last = _span(piece)
        if last - first > _ROWS_APART:
            raise Broken("rows_apart")
        if _FAR_COLUMN.search(piece):
            raise Broken("too_many_columns")
        with CalamineWorkbook.from_filelike(_workbook(piece, book, strings)) as small:
            yield from _rows(small, 0 if first else line)
        line = last or line + len(_ROW_END.findall(piece))


def _span(piece: bytes) -> tuple[int, int]:
    """The numbers of the piece's first and last row; zeros where the rows carry none."""
    first = _ROW_NUMBER.search(piece)
    last = _ROW_NUMBER.search(piece, max(piece.rfind(b"<row"), piece.rfind(b":row "), 1) - 1)
    return (int(first[1]) if first else 0, int(last[1]) if last else 0)


def _cut(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The rows of the sheet's XML as byte pieces, each ending where a row ends."""
    with archive.open(name) as stream:
        head = b""
        while (found := _SHEET_DATA.search(head)) is None:
            block = stream.read(_BLOCK)
            if not block or len(head) > 32 * _BLOCK:
                raise Broken("workbook_broken")
            head += block
        if found.group(1):
            return
        rest = bytearray(head[found.end() :])
        while block := stream.read(_BLOCK):
            rest += block
            if len(rest) >= _PIECE:
                end = _last_row_end(rest)
                if end:
                    yield bytes(rest[:end])
                    del rest[:end]
                elif len(rest) > _LONGEST_ROW:
                    raise Broken("workbook_broken")
        end = _last_row_end(rest)
        if end:
            yield bytes(rest[:end])


def _last_row_end(rest: bytearray) -> int:
    """Where the last complete row ends, 0 for none."""
    at = rest.rfind(b"row>")
    while at >= 0:
        start = rest.rfind(b"<", 0, at)
        if start >= 0 and (found := _ROW_END.match(rest, start)):
            return found.end()
        at = rest.rfind(b"row>", 0, at)
    return 0


def _workbook(piece: bytes, book: _Book, strings: _Strings) -> io.BytesIO:
    """A workbook of this piece alone, stored uncompressed."""
    used: dict[int, int] = {}

    def renumber(found: re.Match[bytes]) -> bytes:
        place = used.setdefault(int(found[2]), len(used))
        return b"%b%d%b" % (found[1], place, found[3])

    if b't="s"' in piece:
        piece = _SHARED.sub(renumber, piece)
    prefix = _prefix(piece)
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _ROOT,
        "xl/workbook.xml": _WORKBOOK % (b' date1904="1"' if book.date1904 else b""),
        "xl/_rels/workbook.xml.rels": _RELATIONS,
        "xl/worksheets/sheet1.xml": b"".join(
            [
                b"<",
                prefix,
                b"worksheet ",
                _xmlns(prefix),
                b"><",
                prefix,
                b"sheetData>",
                piece,
                b"</",
                prefix,
                b"sheetData></",
                prefix,
                b"worksheet>",
            ]
        ),
    }
    if book.styles is not None:
        parts["xl/styles.xml"] = book.styles
    if used:
        shared = b"".join(strings.get(index) for index in used)
        own = _prefix(shared)
        parts["xl/sharedStrings.xml"] = b"<" + own + b"sst " + _xmlns(own) + b">" + shared + b"</" + own + b"sst>"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    target.seek(0, os.SEEK_SET)
    return target


def _prefix(piece: bytes) -> bytes:
    found = re.search(rb"<(\w+:)?(?:row|si)\b", piece)
    return (found.group(1) or b"") if found else b""


def _xmlns(prefix: bytes) -> bytes:
    return (b"xmlns:" + prefix[:-1] if prefix else b"xmlns") + b'="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


_TYPES = (
    b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    b'<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ROOT = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Type="' + _OFFICE + b'/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_WORKBOOK = (
    b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="' + _OFFICE + b'">'
    b'<workbookPr%b/><sheets><sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_RELATIONS = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Type="' + _OFFICE + b'/worksheet" Target="worksheets/sheet1.xml"/>'
    b'<Relationship Id="rId2" Type="' + _OFFICE + b'/sharedStrings" Target="sharedStrings.xml"/>'
    b'<Relationship Id="rId3" Type="' + _OFFICE + b'/styles" Target="styles.xml"/></Relationships>'
)
