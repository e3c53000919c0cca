"""The performance sheet (绩效): what the reports say of one member in one month, and one number made of it by a formula that is shown.

Points of a figure: 100 where its target is reached, else 100 × target ÷ figure (where less is better) or 100 × figure ÷ target (where
more is). Total: Σ weight × points ÷ Σ weight, over the figures that are known. Targets are the team's (`report.targets`), where it set
none the trade's usual ones; weights are the team's from a month on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

from handover.report import queries, targets
from handover.report.asking import Asked
from handover.report.cells import Loose, parts_of
from handover.report.days import next_month
from handover.report.forms_of import FORMS
from handover.report.measures import REPORTS, Measure, Text
from handover.report.models import SheetAnswer, SheetWeight
from tickets.people.access import may
from tickets.people.models import Member, Role

DAY = timedelta(days=1)
BOUNCED = "return-reasons.bounced"
USUAL_BOUNCED = Decimal("0.05")


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
    Part("custody.four", 10),
    Part("custody.mean"),
    Part("promises.kept", 20),
    Part("promises.broken"),
    Part("handover.on_time", 10),
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
    """One figure of a sheet. `points` (0 to 100) only where it is weighed and known."""

    part: Part
    value: Decimal | None
    top: Decimal
    bottom: Decimal | None
    target: Decimal | None
    weight: int
    points: Decimal | None


@dataclass(frozen=True)
class Book:
    """What all sheets of a month are made with: whether each figure is reached, and what it weighs."""

    parts: list[Part]
    currency: str
    wanted: targets.Targets
    weights: Mapping[str, int]

    @cached_property
    def weighed(self) -> list[Part]:
        return [part for part in self.parts if part.name in SCORED and self.weights[part.name]]


@dataclass(frozen=True)
class Sheet:
    """A member's month. `total` is None where nothing that counts is known. A list of all members ranks them by their totals; the other
    lines are worked out where they are shown."""

    member: Member
    month: date
    book: Book
    known: Mapping[str, Loose]
    answers: list[SheetAnswer] = field(default_factory=list)

    @cached_property
    def lines(self) -> list[Line]:
        return [_line(part, self.book, self.known) for part in self.book.parts]

    @cached_property
    def counted(self) -> list[Line]:
        lines = (_line(part, self.book, self.known) for part in self.book.weighed if self._knows(part))
        return [line for line in lines if line.points is not None]

    def _knows(self, part: Part) -> bool:
        """Whether there can be a figure: whatever is weighed is a share of something."""
        bottom = part.measure.bottom
        return bottom is not None and bottom.fact in self.known

    @cached_property
    def total(self) -> Decimal | None:
        weight = sum(line.weight for line in self.counted)
        if not weight:
            return None
        return round(Decimal(sum(line.weight * (line.points or Decimal(0)) for line in self.counted)) / weight, 1)

    @property
    def last(self) -> date:
        return next_month(self.month) - DAY

    @property
    def is_empty(self) -> bool:
        return self.total is None and not any(line.top or line.bottom for line in self.lines)


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
    found = {part.name: part.usual for part in PARTS if part.name in SCORED}
    rows = SheetWeight.objects.filter(team=team, month__lte=month).order_by("month").values_list("part", "weight")
    return found | {part: weight for part, weight in rows if part in found}


def sheets(reader: Member, month: date, *, only: Member | None = None) -> list[Sheet]:
    """The sheets of a month, of one member or of everybody who has figures or is active, best total first. Queries do not grow with
    the members; one sheet alone carries its answers."""
    asked = Asked(reader, month, next_month(month) - DAY, "member", {"member": [only.pk]} if only else {}, currency=reader.team.currency)
    parts = [p for p in PARTS if p.measure.show != "money" or may(reader, "see.money")]
    book = Book(parts, asked.currency, targets.of_team(reader.team_id), weights_of(reader.team_id, month))
    known = _cells(asked, parts)
    people = [only] if only else list(_people(reader, set(known)))
    answers = list(SheetAnswer.objects.filter(member=only, month=month).select_related("by")) if only else []
    found = [Sheet(m, month, book, known.get(m.pk, {}), answers) for m in people]
    return sorted(found, key=lambda s: (s.total is None, -(s.total or 0), s.is_empty, s.member.display_name))


def _people(reader: Member, seen: set[int]) -> Any:
    for member in Member.objects.filter(team=reader.team_id).order_by("display_name"):
        works = member.is_active and set(member.roles) - {Role.OPERATIONS, Role.MANAGER}
        if works or member.pk in seen:
            yield member


def _cells(asked: Asked, parts: list[Part]) -> dict[int, dict[str, Loose]]:
    """Member → fact → cells. One query."""
    found: dict[int, dict[str, Loose]] = {}
    wanted = {c.fact: "member" for p in parts for c in (p.measure.top, p.measure.bottom) if c is not None}
    for fact, _place, key, mark, currency, n, amount in queries.figures(asked, wanted, [(asked.first, asked.last)]):
        if key:
            found.setdefault(int(key), {}).setdefault(fact, {})[(mark, currency)] = (n, amount)
    return found


def _line(part: Part, book: Book, known: Mapping[str, Loose]) -> Line:
    measure = part.measure
    facts = {c.fact: known.get(c.fact, {}) for c in (measure.top, measure.bottom) if c is not None}
    top, bottom, value = parts_of(measure, book.currency, facts)
    if part.name not in SCORED:
        return Line(part, value, top, bottom, None, 0, None)
    usual = targets.USUAL.get(part.name, USUAL_BOUNCED)
    target = book.wanted.get((part.name, None), usual)
    return Line(part, value, top, bottom, target, book.weights[part.name], points(measure, value, target))


SUMMARY: Text = _("Total = Σ (weight × points) ÷ Σ weight, over the figures that are known.")
POINTS: Text = _("Points: 100 where the target is reached; else 100 × target ÷ figure (at most), or 100 × figure ÷ target (at least).")


def formula(sheet: Sheet) -> str:
    """The total as it was computed: `(15 × 100 + 10 × 82.5) ÷ 25 = 93`."""
    if sheet.total is None:
        return ""
    terms = " + ".join(f"{line.weight} × {_plain(line.points)}" for line in sheet.counted)
    return f"({terms}) ÷ {sum(line.weight for line in sheet.counted)} = {_plain(sheet.total)}"


def _plain(value: Decimal | None) -> str:
    return "" if value is None else format(value.normalize(), "f")
