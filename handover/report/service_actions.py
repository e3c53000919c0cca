"""Bringing in the platform's own figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook

from handover.report.service import VALUES, Line, Problem, lines
from tickets.activity.actions import record
from tickets.people.models import Member, Shop
from tickets.web.refusals import Refused

NO_SHEET = _("This is no workbook that can be read (xlsx or xls).")
NO_DAYS = _("No column with a day was found.")
OTHER_TEAM = _("This shop is not your team's.")
STEP = 2000

_SET = ", ".join(f"{name} = COALESCE(EXCLUDED.{name}, s.{name})" for name in VALUES)
_DIFFERENT = ", ".join(f"s.{name}" for name in VALUES)
_NEW = ", ".join(f"COALESCE(EXCLUDED.{name}, s.{name})" for name in VALUES)
# A value that is not final yet (or not in this file) never takes the place of one that is known.
UPSERT = f"""
INSERT INTO handover_serviceday AS s (team_id, shop_id, account, member_id, day, {", ".join(VALUES)}, pending, imported_at) VALUES %s
ON CONFLICT (team_id, day, shop_id, account) DO UPDATE SET {_SET}, pending = EXCLUDED.pending, imported_at = EXCLUDED.imported_at,
    member_id = COALESCE(s.member_id, EXCLUDED.member_id)
WHERE ({_DIFFERENT}, s.pending) IS DISTINCT FROM ({_NEW}, EXCLUDED.pending)
"""


@dataclass
class Brought:
    """What an import did: days read, rows written (new or changed), and what could not be read."""

    days: int = 0
    written: int = 0
    problems: list[Problem] = field(default_factory=list)


@transaction.atomic
def bring(file: IO[bytes], *, by: Member, shop: Shop, name: str = "", at: datetime | None = None) -> Brought:
    """Store the figures of an export, every sheet of it. The same file twice changes nothing; a later one fills in what was not final.

    An account whose name is a member's is that member's. Refuses `invalid` for a file that is no workbook, or has no day.
    """
    at = at or timezone.now()
    if shop.team_id != by.team_id:
        raise Refused("invalid", errors={"shop": [OTHER_TEAM]})
    found = Brought()
    days: dict[tuple[Any, str], Line] = {}
    for rows in _sheets(file):
        for line in lines(rows):
            if isinstance(line, Problem):
                found.problems.append(line)
            else:
                days[(line.day, line.account)] = line
    if not days:
        raise Refused("invalid", errors={"file": [NO_DAYS]})
    people = dict(Member.objects.filter(team=by.team_id).values_list("display_name", "pk"))
    found.days, found.written = len(days), _write(list(days.values()), people, shop, at)
    record("report.service_imported", team=by.team, actor=by, at=at, shop=shop.pk, name=name[:120], days=found.days, written=found.written)
    return found


def _sheets(file: IO[bytes]) -> list[list[list[Any]]]:
    try:
        book = CalamineWorkbook.from_filelike(file)
        return [sheet for sheet in (book.get_sheet_by_name(title).to_python() for title in book.sheet_names) if sheet]
    except (CalamineError, ValueError, OSError) as error:
        raise Refused("invalid", errors={"file": [NO_SHEET]}) from error


def _write(days: list[Line], people: dict[str, int], shop: Shop, at: datetime) -> int:
    written = 0
    marks = f"({', '.join(['%s'] * (len(VALUES) + 7))})"
    with connection.cursor() as cursor:
        for start in range(0, len(days), STEP):
            part = days[start : start + STEP]
            values = [value for line in part for value in _row(line, people, shop, at)]
            cursor.execute(UPSERT % ", ".join([marks] * len(part)), values)
            written += cursor.rowcount
    return written


def _row(line: Line, people: dict[str, int], shop: Shop, at: datetime) -> Iterable[Any]:
    values = [line.values.get(name) for name in VALUES]
    return [shop.team_id, shop.pk, line.account, people.get(line.account), line.day, *values, line.pending, at]


@transaction.atomic
def name_account(account: str, *, by: Member, member: Member | None) -> int:
    """Say whose account this is, for all of its days. Returns how many days changed hands. Refuses `not_found` across teams."""
    if member is not None and member.team_id != by.team_id:
        raise Refused("not_found")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE handover_serviceday SET member_id = %s WHERE team_id = %s AND account = %s AND member_id IS DISTINCT FROM %s",
            [member.pk if member else None, by.team_id, account, member.pk if member else None],
        )
        changed = cursor.rowcount
    if changed:
        record("report.account_named", team=by.team, actor=by, account=account, member=member.pk if member else None)
    return changed
