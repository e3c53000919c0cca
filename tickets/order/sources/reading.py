"""A table out of a file: rows with their line numbers, streamed. What a file is, its content says and never its name.

csv (comma, tab or semicolon; UTF-8 with or without BOM, UTF-16, GB18030), xlsx, and the old binary xls whatever they are called.
Memory stays bounded whatever the size: text is decoded as it is read, a workbook is read in pieces.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

from charset_normalizer import from_bytes

from . import spreadsheet

Numbered = Iterator[tuple[int, list]]

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BLOCK = 1 << 16
_FIELD = 1 << 20  # a quote that is never closed must not swallow the whole file into one field


class Unreadable(Exception):
    """The file is no table we know. `code` is one of `problems.REASONS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_rows(path: Path) -> Numbered:
    """`(line, cells)` of every row that is not blank; `line` counts from 1. Raises `Unreadable`."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise Unreadable("file_empty")
    if start.startswith(_ZIP):
        return _spreadsheet(spreadsheet.read_xlsx(path))
    if start.startswith(_OLE):
        return _spreadsheet(spreadsheet.read_xls(path))
    return _read_csv(path)


def _spreadsheet(rows: Numbered) -> Numbered:
    try:
        yield from rows
    except spreadsheet.Broken as broken:
        raise Unreadable(broken.code) from broken


def encoding_of(path: Path) -> str:
    """The encoding of a text file: its BOM, else UTF-8 if all of it is, else GB18030 if all of it is, else the likeliest one."""
    with path.open("rb") as file:
        start = file.read(4)
    for bom, name in _BOMS:
        if start.startswith(bom):
            return name
    for name in ("utf-8", "gb18030"):
        if _decodes(path, name):
            return name
    with path.open("rb") as file:
        best = from_bytes(file.read(256_000)).best()
    if best is None or best.encoding in ("ascii", "utf_8"):
        raise Unreadable("encoding_unknown")
    return best.encoding


def _decodes(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                if b"\x00" in block:
                    return False
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _delimiter(line: str) -> str:
    return max(",\t;", key=line.count)


def _read_csv(path: Path) -> Numbered:
    encoding = encoding_of(path)
    csv.field_size_limit(_FIELD)
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        delimiter = _delimiter(file.readline(200_000))
        file.seek(0)
        reader = csv.reader(file, delimiter=delimiter)
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise Unreadable("quote_open") from error
            if row:
                yield line, row
