"""The old binary workbook (BIFF8 in an OLE2 file), written by hand: nothing writes it any more, and shops still send it."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR = 512
_MOST = 126  # sectors that one table of 128 can name, beside itself and the directory


def write_xls(path: Path, rows: Iterable[Iterable[str | float]]) -> Path:
    """A sheet of the rows, texts as texts and numbers as numbers; 63 kB at most. Empty texts are left out."""
    stream = _workbook(rows)
    stream += bytes(max(-len(stream) % _SECTOR, 4096 - len(stream)))  # below 4,096 bytes it would have to lie elsewhere
    count = len(stream) // _SECTOR
    assert count <= _MOST, count
    table = [_FAT, _END, *range(3, count + 2), _END]
    fat = struct.pack("<128I", *table, *[_FREE] * (128 - len(table)))
    directory = _entry("Root Entry", 5, child=1, start=_END, size=0) + _entry("Workbook", 2, child=_FREE, start=2, size=len(stream))
    path.write_bytes(_header() + fat + directory.ljust(_SECTOR, b"\0") + stream)
    return path


def _header() -> bytes:
    start = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    numbers = struct.pack("<9I", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    return start + numbers + struct.pack("<109I", 0, *[_FREE] * 108)


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return text.ljust(64, b"\0") + struct.pack("<HBB3I16x4x16xIQ", len(text), kind, 1, _FREE, _FREE, child, start, size)


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _workbook(rows: Iterable[Iterable[str | float]]) -> bytes:
    begin = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)
    bound = _record(0x0085, struct.pack("<IBBBB", 0, 0, 0, 1, 0) + b"s")
    place = len(_record(0x0809, begin)) + len(bound) + len(_record(0x000A))
    bound = _record(0x0085, struct.pack("<IBBBB", place, 0, 0, 1, 0) + b"s")
    cells = b"".join(_cell(line, column, value) for line, row in enumerate(rows) for column, value in enumerate(row) if value != "")
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + cells + _record(0x000A)
    return _record(0x0809, begin) + bound + _record(0x000A) + sheet


def _cell(line: int, column: int, value: str | float) -> bytes:
    if isinstance(value, str):
        return _record(0x0204, struct.pack("<HHHHB", line, column, 0, len(value), 1) + value.encode("utf-16-le"))
    return _record(0x0203, struct.pack("<HHHd", line, column, 0, value))
