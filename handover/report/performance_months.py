"""A performance sheet beside those of the months before it: what it is compared with, and the half year that is drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from handover.report.asking import Asked
from handover.report.days import next_month
from handover.report.models import SheetAnswer
from handover.report.months import Period, compared
from handover.report.performance import DAY, NOTHING, Sheet, Who, book_of, read, weights_by_month
from tickets.people.models import Member

MONTHS = 6


def compared_with(asked: Asked, today: date) -> Period:
    """The days of the month before that a sheet is compared with: all of them, or of a month that still runs as many as have passed."""
    runs = asked.first <= today < asked.last
    return compared(today if runs else asked.last)[0]


def year(asked: Asked, today: date, *, only: Member | None = None) -> list[Sheet]:
    """Half a year of one member, or of the whole team, without those before anything was counted. The month asked for comes last: it
    alone knows what it is compared with, and, of one member, its answers. Queries do not grow with the months."""
    firsts = _months(asked.first)
    weights = weights_by_month(asked.member.team_id, firsts)
    book = book_of(asked, weights[asked.first])
    books = [replace(book, asked=_in(asked, first), weights=weights[first]) for first in firsts]
    periods = [(one.asked.first, one.asked.last) for one in books]
    narrower = {"member": [only.pk]} if only else {}
    who = Who(only.pk, only.display_name) if only else None
    *found, then = read(book, [*periods, compared_with(asked, today)], None, **narrower)
    made = [Sheet(who, one, known.get(0, NOTHING)) for one, known in zip(books, found, strict=True)]
    answers = list(SheetAnswer.objects.filter(member=only, month=asked.first).select_related("by")) if only else []
    made[-1] = replace(made[-1], then=then.get(0, NOTHING), old=books[-2], answers=answers)
    begun = next((place for place, sheet in enumerate(made[:-2]) if sheet.known), len(made) - 2)
    return made[begun:]


def beside_before(sheets: list[Sheet], today: date) -> list[Sheet]:
    """Members' sheets of one month, each knowing what it is compared with. Two queries."""
    if not sheets:
        return sheets
    book = sheets[0].book
    first = _months(book.asked.first)[-2]
    old = replace(book, asked=_in(book.asked, first), weights=weights_by_month(book.asked.member.team_id, [first])[first])
    pks = [sheet.member.pk for sheet in sheets if sheet.member]
    then = read(book, [compared_with(book.asked, today)], "member", member=pks)[0]
    return [replace(sheet, then=then.get(sheet.member.pk if sheet.member else 0, NOTHING), old=old) for sheet in sheets]


def _in(asked: Asked, first: date) -> Asked:
    return replace(asked, first=first, last=next_month(first) - DAY)


def _months(last: date) -> list[date]:
    """The first days of so many months, the newest last."""
    found = [last]
    while len(found) < MONTHS:
        found.append((found[-1] - DAY).replace(day=1))
    return found[::-1]
