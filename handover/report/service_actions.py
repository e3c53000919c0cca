"""Bringing in the platform's own figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.report.models import ServiceDay
from handover.report.service import VALUES, Line, Read, fits, lines
from tickets.activity.actions import record
from tickets.order.models import Import
from tickets.order.sources.lists import OtherList, Piece, introduce
from tickets.order.sources.reading import Unreadable, read_rows
from tickets.order.sources.record import Problem
from tickets.people.models import Member, Platform, Shop
from tickets.web.refusals import Refused

CODE = "service-figures"
CHUNK = 2000

_SET = ", ".join(f"{name} = COALESCE(EXCLUDED.{name}, s.{name})" for name in VALUES)
_DIFFERENT = ", ".join(f"s.{name}" for name in VALUES)
_NEW = ", ".join(f"COALESCE(EXCLUDED.{name}, s.{name})" for name in VALUES)
# A value that is not final yet (or not in this file) never takes the place of one that is known.
UPSERT = f"""
INSERT INTO handover_serviceday AS s (team_id, shop_id, account, member_id, day, {", ".join(VALUES)}, pending, imported_at) VALUES %s
ON CONFLICT (team_id, day, shop_id, account) DO UPDATE SET {_SET}, pending = EXCLUDED.pending, imported_at = EXCLUDED.imported_at,
    member_id = COALESCE(s.member_id, EXCLUDED.member_id)
WHERE ({_DIFFERENT}, s.pending) IS DISTINCT FROM ({_NEW}, EXCLUDED.pending)
RETURNING xmax = 0
"""


def introduce_figures() -> None:
    """Let the imports take the agents' figures, for the shops of any platform."""
    everywhere, waiting = frozenset(map(str, Platform.values)), _("Days of nobody’s accounts")
    introduce(OtherList(CODE, _("Agents’ figures (赤兔, 生意参谋)"), fits, everywhere, "report.import", pieces, waiting))


def pieces(run: Import) -> Iterator[Piece]:
    """Read and write the figures of an import, `CHUNK` rows at a time (see `sources.lists.OtherList`).

    The same file twice changes nothing; a later one fills in what was not final. Where rows tell one day of an account differently the last
    one counts, and the others are reported. An account is a member's by its name, or since somebody said so.
    """
    if run.shop is None:
        raise Unreadable("layout_unknown")
    read = list(lines(read_rows(Path(run.file.path))))
    last = {_key(each.line): each.line for each in read if each.line}
    people = _people(run.shop)
    for start in range(0, len(read), CHUNK):
        chunk = read[start : start + CHUNK]
        if chunk[-1].number <= run.done:
            continue
        told = [(each, last[_key(each.line)]) for each in chunk if each.line]
        piece = Piece(upto=chunk[-1].number, rows=len(chunk), problems=[problem for each in chunk for problem in each.problems])
        piece.problems += [_repeated(each) for each, counts in told if each.line != counts]
        _write([counts for each, counts in told if each.line is counts], people, run.shop, piece, timezone.now())
        piece.unchanged = sum(each.line == counts for each, counts in told) - piece.created - piece.updated
        yield piece


def _key(line: Line) -> tuple[date, str]:
    return line.day, line.account


def _repeated(each: Read) -> Problem:
    assert each.line is not None  # noqa: S101 - asked of rows that have one
    return Problem(each.number, "day_repeated", "", f"{each.line.day.isoformat()} {each.line.account}")


def _people(shop: Shop) -> dict[str, int]:
    """Whose an account is: a member's name, unless somebody said otherwise."""
    named = dict(Member.objects.filter(team=shop.team_id).values_list("display_name", "pk"))
    said = ServiceDay.objects.filter(team=shop.team_id, member__isnull=False).order_by("account", "-day").distinct("account")
    return named | dict(said.values_list("account", "member"))


def _write(days: list[Line], people: dict[str, int], shop: Shop, piece: Piece, at: datetime) -> None:
    if not days:
        return
    marks = f"({', '.join(['%s'] * (len(VALUES) + 7))})"
    with connection.cursor() as cursor:
        cursor.execute(UPSERT % ", ".join([marks] * len(days)), [value for line in days for value in _row(line, people, shop, at)])
        made = [new for (new,) in cursor.fetchall()]
    piece.created, piece.updated = sum(made), len(made) - sum(made)
    piece.unmatched = sum(bool(line.account) and line.account not in people for line in days)


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
