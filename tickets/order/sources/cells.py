"""From what exports write into a cell to what it means. Pure; each raises `BadCell` with the column's name."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from .record import BadCell

EMPTY = frozenset({"", "-", "--", "null", "NULL", "None", "#N/A", "#VALUE!", "无"})
_SCIENTIFIC = re.compile(r"^\d(\.\d+)?[eE]\+?\d+$")
_MONEY = re.compile(r"^[¥￥$€£]?\s*(-?)[¥￥$€£]?\s*([\d,]*\.?\d+|\d+\.)\s*(?:元|RMB|CNY|USD)?$")
_PLAIN = re.compile(r"^[0-9]+(?:\.[0-9]{1,2})?$")
_SLASHED = re.compile(r"^(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?$")
_OFFSET = re.compile(r"^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) ([+-]\d{2}):?(\d{2})$")
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - wall-clock; the zone comes with the cell
_SERIALS = (20_000.0, 80_000.0)  # 1954 .. 2119: a number outside is no date
_SAFE_INTEGER = 2**53
_LARGEST = Decimal("9999999999.99")


def text(value: object) -> str:
    """The cell without what spreadsheets and platforms wrap around it: `="…"`, a leading `'` or tab, `'null`, spaces."""
    if not isinstance(value, str):
        return "" if value is None else _plain(value)
    if not value:
        return ""
    value = value.strip()
    first = value[:1]
    if first == "=":
        if len(value) > 2 and value[1] == value[-1] == '"':
            value = value[2:-1].strip()
    elif first == "'":
        value = value[1:].strip()
    if len(value) < 8 and value in EMPTY:
        return ""
    return value.replace("\x00", "") if "\x00" in value else value


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < _SAFE_INTEGER:
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def personal(value: object) -> str:
    """Text about a person; ciphertext (`##…`, `$$…`) is nobody's name or number, so it reads as empty."""
    found = text(value)
    return "" if found[:2] in ("##", "$$") else found


def identifier(value: object, column: str, *, rounded: bool = False) -> str:
    """An order or line id. Refused: `id_missing`; `id_damaged` where Excel has turned it into a rounded number.

    A number of 16 digits or more that a spreadsheet stores as a number has lost its last digits, whatever it shows.
    `rounded`: the file as a whole was saved by Excel with its ids cut to 15 digits (the rest are zeros).
    """
    if isinstance(value, float) and (not value.is_integer() or abs(value) >= _SAFE_INTEGER):
        raise BadCell("id_damaged", column, value)
    found = text(value)
    if not found:
        raise BadCell("id_missing", column)
    if (not found.isdigit() and _SCIENTIFIC.match(found)) or (rounded and looks_rounded(found)):
        raise BadCell("id_damaged", column, found)
    if len(found) > 64:
        raise BadCell("id_unreadable", column, found)
    return found


def looks_rounded(found: str) -> bool:
    """Whether an id has nothing but zeros behind its fifteenth digit, as Excel leaves it."""
    return len(found) > 15 and found.isdigit() and not found[15:].strip("0")


def money(value: object, column: str) -> Decimal | None:
    """An amount in the file's currency, exact to the cent; None for an empty cell. Refuses `money_unreadable`."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise BadCell("money_unreadable", column, value)
    try:
        return _amount(repr(value) if isinstance(value, (int, float)) else value if isinstance(value, str) else text(value))
    except ArithmeticError:
        raise BadCell("money_unreadable", column, value) from None


@lru_cache(4096)
def _amount(cell: str) -> Decimal | None:
    """The amount a cell tells. Kept, since the columns of a row mostly tell the same ones, or zero. Raises `ArithmeticError`."""
    found = text(cell)
    if not found:
        return None
    if len(found) < 11 and _PLAIN.match(found):
        return Decimal(found)
    try:
        amount = Decimal(found)
    except InvalidOperation:
        match = _MONEY.match(found)
        if match is None:
            raise
        sign, digits = match.groups()
        amount = Decimal(sign + digits.replace(",", ""))
    if not amount.is_finite() or abs(amount) > _LARGEST:
        raise OverflowError(found)
    exponent = amount.as_tuple().exponent
    return amount if -2 <= int(exponent) <= 0 else amount.quantize(Decimal("0.01"))


def quantity(value: object, column: str) -> int:
    """A whole number of pieces, 1 where the cell is empty. Refuses `quantity_unreadable`."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 7:
        return int(value)
    found = text(value)
    if not found:
        return 1
    try:
        number = Decimal(found.rstrip("件").strip())
    except InvalidOperation:
        raise BadCell("quantity_unreadable", column, found) from None
    if not number.is_finite() or number != number.to_integral_value() or not 0 <= number < 1_000_000:
        raise BadCell("quantity_unreadable", column, found)
    return int(number)


def moment(value: object, column: str, zone: ZoneInfo) -> datetime | None:
    """An instant; wall-clock times are read in `zone`, offsets in the cell win. Refuses `time_unreadable`.

    Understood: `yyyy-MM-dd HH:mm:ss`, `2018/5/16 9:41`, `2023-05-31 23:06:05 -0700`, ISO 8601, dates alone (midnight),
    Excel dates and serial numbers.
    """
    if value is None or value == "":
        return None
    try:
        return _moment(value, column, zone)
    except (ValueError, OverflowError):
        raise BadCell("time_unreadable", column, value) from None


def _moment(value: object, column: str, zone: ZoneInfo) -> datetime | None:
    if isinstance(value, str):
        found = text(value)
        return _moment_of_text(found, column, zone) if found else None
    if isinstance(value, datetime):
        return _sane(value if value.tzinfo else value.replace(tzinfo=zone), column)
    if isinstance(value, date):
        return _sane(datetime.combine(value, time(), zone), column)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _serial(float(value), column, zone)
    raise BadCell("time_unreadable", column, value)


def _moment_of_text(found: str, column: str, zone: ZoneInfo) -> datetime:
    length = len(found)
    if length == 19 and found[4] == "-":
        stamp = datetime.fromisoformat(found)
        return _sane(datetime.combine(stamp, stamp.time(), zone), column)  # a seventh of what `replace` takes
    if length >= 25 and (match := _OFFSET.match(found)):
        day, clock, hours, minutes = match.groups()
        return _sane(datetime.fromisoformat(f"{day}T{clock}{hours}:{minutes}"), column)
    if match := _SLASHED.match(found):
        parts = [int(part or 0) for part in match.groups()]
        return _sane(datetime(*parts, tzinfo=zone), column)  # type: ignore[misc, arg-type]
    if re.fullmatch(r"\d{5}(\.\d+)?", found):
        return _serial(float(found), column, zone)
    stamp = datetime.fromisoformat(found)
    return _sane(stamp if stamp.tzinfo else stamp.replace(tzinfo=zone), column)


def _serial(number: float, column: str, zone: ZoneInfo) -> datetime:
    if not _SERIALS[0] <= number <= _SERIALS[1]:
        raise BadCell("time_unreadable", column, number)
    stamp = _EXCEL_EPOCH + timedelta(seconds=round(number * 86_400))
    return stamp.replace(tzinfo=zone)


def _sane(stamp: datetime, column: str) -> datetime:
    """Platforms are younger than 1990; anything else is a wrong column or a typing slip."""
    if not 1990 <= stamp.year <= 2200:
        raise BadCell("time_unreadable", column, stamp.isoformat())
    return stamp


def epoch_of_name(name: str) -> datetime | None:
    """The export instant a file name starts with (Douyin: seconds or milliseconds since 1970), or None."""
    match = re.match(r"^(\d{10}|\d{13})(?!\d)", name)
    if match is None:
        return None
    seconds = int(match.group(1)) / (1000 if len(match.group(1)) == 13 else 1)
    stamp = datetime.fromtimestamp(seconds, UTC)
    return stamp if 2005 <= stamp.year <= 2100 else None


def stamp_of_name(name: str, zone: ZoneInfo) -> datetime | None:
    """The export instant a Taobao file name ends with (`ExportOrderList201707080100.csv`), or None."""
    match = re.search(r"(20\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\d{2})?(?!\d)", name)
    if match is None:
        return None
    try:
        return datetime(*(int(part) for part in match.groups()), tzinfo=zone)  # type: ignore[misc, arg-type]
    except ValueError:
        return None
