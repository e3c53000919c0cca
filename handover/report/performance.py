"""The performance sheet (绩效): what the reports say of one member, or of the team, in one month, and one number made of it by a formula
that is shown.

Points of a figure: 100 where its target is reached, else 100 × target ÷ figure (where less is better) or 100 × figure ÷ target (where
more is). Total: Σ weight × points ÷ Σ weight, over the figures that are known. Targets are the team's or the shop's (`report.targets`),
where none is set the trade's usual ones; weights are the team's from a month on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from handover.report import queries, targets
from handover.report.asking import Asked
from handover.report.cells import Cell, Loose, cell_of, parts_of
from handover.report.forms_of import FORMS
from handover.report.measures import REPORTS, Measure, Text
from handover.report.models import SheetAnswer, SheetWeight
from handover.report.months import Period
from tickets.people.access import may
from tickets.people.models import Member, Role

DAY = timedelta(days=1)
BOUNCED = "return-reasons.bounced"
USUAL_BOUNCED = Decimal("0.05")
Known = Mapping[str, Loose]
"""Fact → cells of one member, or of the team."""
NOTHING: Known = {}


@dataclass(frozen=True)
class Part:
    """A figure of the sheet: `report.measure`, and how much it usually counts; with 0 it is read and not counted."""

    name: str
    usual: int = 0

    @property
    def report(self) -> str:
        return self.name.split(".")[0]

    @cached_property
    def measure(self) -> Measure:
        return FORMS.get(self.name) or next(m for m in REPORTS[self.report].measures if m.code == self.name.split(".")[1])

    @property
    def title(self) -> Text:
        return REPORTS[self.report].title


PARTS = (
    Part("service.received"),
    Part("service.first", 15),
    Part("service.average", 10),
    Part("service.reply", 15),
    Part("service.satisfied", 10),
    Part("service.out"),
    Part("conversion.ordered"),
    Part("conversion.paid"),
    Part("custody.four", 10),
    Part("custody.mean"),
    Part("promises.kept", 20),
    Part("promises.broken"),
    Part("handover.on_time", 10),
    Part("handover.complete"),
    Part("complaint-rate.rate", 10),
    Part("compensation.sum"),
    Part("compensation.cases"),
    Part("return-reasons.filed"),
    Part(BOUNCED),
    Part("return-reasons.counted"),
)
SCORED = tuple(p.name for p in PARTS if p.name == BOUNCED or (p.name in targets.USUAL and p.measure.bottom is not None))
"""The figures that can be weighed: those with a target that does not depend on how long a member worked."""


@dataclass(frozen=True)
class Line:
    """One figure of a sheet, now and before, with what is wanted of it. `points` (0 to 100) only where it is weighed and known."""

    part: Part
    cell: Cell
    weight: int
    points: Decimal | None

    @property
    def target(self) -> Decimal | None:
        return self.cell.target


@dataclass(frozen=True)
class Book:
    """What all sheets of a month are made with: how the view is narrowed, what is wanted, and what each figure weighs."""

    asked: Asked
    parts: list[Part]
    wanted: targets.Targets
    weights: Mapping[str, int]

    @cached_property
    def goals(self) -> dict[str, Decimal]:
        """What is wanted of each figure that can be weighed; in the view's shop, where it is of one."""
        shops = self.asked.filters.get("shop", [])
        shop = shops[0] if len(shops) == 1 else None
        usual = targets.USUAL | {BOUNCED: USUAL_BOUNCED}
        own = {name: targets.wanted(self.wanted, name, shop) for name in SCORED if name in targets.USUAL}
        return {name: usual[name] if own.get(name) is None else own[name] for name in SCORED}  # type: ignore[misc]

    @cached_property
    def called(self) -> dict[str, Part]:
        return {part.name: part for part in self.parts}

    @cached_property
    def weighed(self) -> list[Part]:
        return [part for part in self.parts if part.name in SCORED and self.weights[part.name]]

    def terms(self, known: Known) -> list[tuple[int, Decimal]]:
        """(weight, points) of each figure that counts and is known."""
        found = []
        for part in self.weighed:
            measure = part.measure
            if measure.bottom is None or measure.bottom.fact not in known:  # whatever is weighed is a share of something
                continue
            value = parts_of(measure, self.asked.currency, _facts(measure, known))[2]
            made = points(measure, value, self.goals[part.name])
            if made is not None:
                found.append((self.weights[part.name], made))
        return found

    def total(self, known: Known) -> Decimal | None:
        """Of 100, one decimal; None where nothing that counts is known."""
        terms = self.terms(known)
        weight = sum(weight for weight, _points in terms)
        return round(sum((weight * made for weight, made in terms), Decimal(0)) / weight, 1) if weight else None


class Who(NamedTuple):
    """Whom a sheet is about: a whole member costs more than the figures of one in a list of hundreds."""

    pk: int
    display_name: str


@dataclass(frozen=True)
class Sheet:
    """A month of a member, or (`member` None) of the whole team. A list of all members ranks them by their totals; the lines are worked
    out where they are shown. `then`: what it is compared with, made with the weights that counted then (`old`)."""

    member: Who | None
    book: Book
    known: Known
    then: Known = field(default_factory=dict)
    old: Book | None = None
    answers: list[SheetAnswer] = field(default_factory=list)

    @cached_property
    def lines(self) -> list[Line]:
        return [self.line(part.name) for part in self.book.parts]

    def line(self, name: str) -> Line:
        """One figure; KeyError for one that the reader may not see."""
        if name not in self._made:
            self._made[name] = self._line(self.book.called[name])
        return self._made[name]

    @cached_property
    def _made(self) -> dict[str, Line]:
        return {}

    @cached_property
    def total(self) -> Decimal | None:
        return self.book.total(self.known)

    @cached_property
    def before(self) -> Decimal | None:
        return (self.old or self.book).total(self.then)

    @property
    def change(self) -> Decimal | None:
        return None if self.total is None or self.before is None else self.total - self.before

    @property
    def month(self) -> date:
        return self.book.asked.first

    @property
    def is_empty(self) -> bool:
        return not self.known

    def _line(self, part: Part) -> Line:
        measure = part.measure
        cell = cell_of(measure, self.book.asked, (_facts(measure, self.known), _facts(measure, self.then)))
        goal = self.book.goals.get(part.name)
        if goal is None:
            return Line(part, cell, 0, None)
        return Line(part, replace(cell, target=goal), self.book.weights[part.name], points(measure, cell.value, goal))


def _facts(measure: Measure, known: Known) -> dict[str, Loose]:
    return {count.fact: known.get(count.fact, {}) for count in (measure.top, measure.bottom) if count is not None}


def points(measure: Measure, value: Decimal | None, target: Decimal | None) -> Decimal | None:
    """0 to 100, one decimal; None where the figure or its target is not known."""
    if value is None or target is None:
        return None
    if measure.better == "less":
        share = Decimal(1) if value <= target else target / value
    else:
        share = Decimal(1) if value >= target else value / target
    return round(100 * share, 1)


def weights_of(team: int, month: date) -> dict[str, int]:
    """What each weighed figure counts in that month: the newest setting up to it, else the usual."""
    return weights_by_month(team, [month])[month]


def weights_by_month(team: int, months: list[date]) -> dict[date, dict[str, int]]:
    """`weights_of` for several months, earliest first. One query."""
    rows = list(SheetWeight.objects.filter(team=team, month__lte=months[-1]).order_by("month").values_list("month", "part", "weight"))
    usual = {part.name: part.usual for part in PARTS if part.name in SCORED}
    return {month: usual | {part: weight for since, part, weight in rows if since <= month and part in usual} for month in months}


def parts_for(reader: Member) -> list[Part]:
    """The figures that this reader may see: money only for who may see it."""
    return [p for p in PARTS if p.measure.show != "money" or may(reader, "see.money")]


def book_of(asked: Asked, weights: Mapping[str, int] | None = None) -> Book:
    """For the month that is asked for."""
    reader = asked.member
    return Book(asked, parts_for(reader), targets.of_team(reader.team_id), weights or weights_of(reader.team_id, asked.first))


def sheets(book: Book) -> list[Sheet]:
    """The sheets of everybody who has figures or is active, best total first. Queries do not grow with the members."""
    asked = book.asked
    known = read(book, [(asked.first, asked.last)], "member")[0]
    found = [Sheet(member, book, known.get(member.pk, NOTHING)) for member in _people(asked.member, set(known))]
    return sorted(found, key=lambda s: (s.total is None, -(s.total or 0), s.is_empty, s.member.display_name if s.member else ""))


def _people(reader: Member, seen: set[int]) -> Iterable[Who]:
    rows = Member.objects.filter(team=reader.team_id).order_by("display_name").values_list("pk", "display_name", "roles", "is_active")
    for pk, name, roles, active in rows:
        if (active and set(roles) - {Role.OPERATIONS, Role.MANAGER}) or pk in seen:
            yield Who(pk, name)


def read(book: Book, periods: list[Period], by: str | None, **narrower: list[Any]) -> list[dict[int, dict[str, Loose]]]:
    """Of each period: member (0 where they are not told apart) → fact → cells. One query."""
    asked = replace(book.asked, filters={**book.asked.filters, **narrower})
    found: list[dict[int, dict[str, Loose]]] = [{} for _period in periods]
    wanted = {c.fact: by for p in book.parts for c in (p.measure.top, p.measure.bottom) if c is not None}
    for fact, place, key, mark, currency, n, amount in queries.figures(asked, wanted, periods):
        if key or by is None:
            found[place].setdefault(int(key or 0), {}).setdefault(fact, {})[(mark, currency)] = (n, amount)
    return found


SUMMARY: Text = _("Total = Σ (weight × points) ÷ Σ weight, over the figures that are known.")
POINTS: Text = _("Points: 100 where the target is reached; else 100 × target ÷ figure (at most), or 100 × figure ÷ target (at least).")


def formula(sheet: Sheet) -> str:
    """The total as it was computed: `(15 × 100 + 10 × 82.5) ÷ 25 = 93`."""
    if sheet.total is None:
        return ""
    counted = sheet.book.terms(sheet.known)
    terms = " + ".join(f"{weight} × {plain(made)}" for weight, made in counted)
    return f"({terms}) ÷ {sum(weight for weight, _made in counted)} = {plain(sheet.total)}"


def plain(value: Decimal | None) -> str:
    return "" if value is None else format(value.normalize(), "f")
