"""What single reports show besides: windows that must fall, where hops happen, the matters that went through most hands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote_plus

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from handover.report import names, queries, rolling
from handover.report.asking import WINDOW, Asked
from handover.report.building import Built
from handover.report.days import starts
from handover.report.drawn import Drawn, drawn
from handover.report.facts import SHIFT_PAIR
from handover.report.measures import Count
from handover.report.months import months
from handover.report.rules import heat
from handover.report.week import week_of
from handover.roster.models import ShiftPattern
from handover.shell.filters import day, number
from tickets.people.access import may
from tickets.ticket.models import Status, Ticket
from tickets.web.kept import Kept

PAIRS = 12
WORST = 8
MANY, MOST = Count("matters", ("4",)), 1000
"""Matters of four people and more; of more than so many in a narrowed view the newest are looked through."""


def windows(built: Built) -> list[Any]:
    """Consecutive periods of the same length, the newest last."""
    return built.windows


@dataclass(frozen=True)
class Rolling:
    """The drawn figure in the 15 days up to each day. `line`: what is wanted of 15 days; `turned`: the newest against the oldest shown."""

    points: list[Drawn]
    line: Decimal | None
    turned: str


def rolled(built: Built) -> Rolling | None:
    """The rolling line of the figure that is drawn. One query. None where the chart's points stand for 15 days each: it is that line."""
    asked, cell = built.asked, built.charted_cell
    if rolling.step_of(asked.days) == WINDOW:
        return None
    points = drawn(built, rolling.of_report(built))
    wanted = cell.target
    if wanted is not None and built.charted.bottom is None:
        wanted = wanted * WINDOW / asked.days
    said = {"what": built.charted.label, "now": points[-1].value, "then": points[0].value}
    said |= {"last": day(points[-1].point.last), "first": day(points[0].point.last)}
    told = _("%(what)s of the 15 days up to %(last)s: %(now)s; up to %(first)s: %(then)s.") % said
    return Rolling(points, wanted, told)


@dataclass(frozen=True)
class Spot:
    """One cell of the matrix: how many matters went, and their rows."""

    n: int
    heat: int
    href: str


@dataclass(frozen=True)
class Passed:
    """Where hops happen. `pairs`: bars of who passed how many on to whom, most first; `shifts` and `matrix`: from which shift (a row) to
    which (a column). `unknowing`: the view is narrowed by a product, which this does not tell apart."""

    pairs: list[dict[str, Any]]
    shifts: list[str]
    matrix: list[tuple[str, list[Spot]]]
    unknowing: bool
    addresses: dict[str, str]


def passed(built: Built) -> Passed:
    """Who passed matters on to whom, and from which shift to which. Three queries."""
    asked = built.asked
    counted: dict[str, dict[str, int]] = {"pair": {}, "moves": {}}
    found = queries.figures(asked, {"pairs": "item", "moves": "item"}, [(asked.first, asked.last)])
    for fact, _place, key, _mark, _currency, n, _amount in found:
        sums = counted["pair" if fact == "pairs" else fact]
        sums[str(key)] = sums.get(str(key), 0) + n
    addresses = {by: asked.address(by=by, chart="", all="") for by in counted}
    base = reverse("report:rows", args=[built.report.name])

    def opens(by: str, key: str) -> str:
        return f"{base}{addresses[by]}&measure=hops&key={quote_plus(key)}"

    most = sorted(counted["pair"].items(), key=lambda pair: (-pair[1], pair[0]))[:PAIRS]
    called = names.passed(asked.member.team_id, "pair", [key for key, _n in most])
    bars = [{"label": called[key], "value": n, "text": number(n), "href": opens("pair", key)} for key, n in most]
    shifts, matrix = _matrix(asked, counted["moves"], lambda key: opens("moves", key))
    return Passed(bars, shifts, matrix, "product" in asked.filters, addresses)


def _matrix(asked: Asked, counted: dict[str, int], opens: Callable[[str], str]) -> tuple[list[str], list[tuple[str, list[Spot]]]]:
    """Shifts in the order of the team's patterns, those outside of shifts last."""
    seen = {name for key in counted for name in key.split(SHIFT_PAIR)}
    patterns = PATTERNS.all(team=asked.member.team_id)
    ordered = [*dict.fromkeys(row["name"] for row in patterns if row["name"] in seen)]
    ordered += sorted(seen - {*ordered, ""}) + ([""] if "" in seen else [])
    most = max(counted.values(), default=0)

    def spot(key: str) -> Spot:
        n = counted.get(key, 0)
        return Spot(n, heat(n, most), opens(key) if n else "")

    rows = [(names.shift_name(gave), [spot(gave + SHIFT_PAIR + took) for took in ordered]) for gave in ordered]
    return [names.shift_name(name) for name in ordered], rows


PATTERNS: Kept[Any] = Kept(lambda team: ShiftPattern.objects.filter(team=team).order_by("place", "pk").values("name"))


def worst(built: Built) -> list[dict[str, Any]]:
    """The matters of the period that went through most hands (four and more), each one click from its story."""
    asked = built.asked
    span = Q(
        opened_at__gte=starts(asked.first, asked.member.team.zone), opened_at__lt=starts(asked.last + queries.DAY, asked.member.team.zone)
    )
    found = Ticket.objects.visible_to(asked.member).filter(span, touches__gte=4).exclude(status=Status.MERGED)
    found = _narrowed(found, asked).order_by("-touches", "-opened_at")
    rows = found.values_list("pk", "subject", "touches", "opened_at")[:WORST]
    return [{"url": reverse("ticket:show", args=[pk]), "subject": subject, "touches": n, "at": at} for pk, subject, n, at in rows]


def _narrowed(found: Any, asked: Asked) -> Any:
    """What a ticket does not tell of itself (its order's shop and product, the shift) is told by the rows that the figures count."""
    columns = {"reason": "reason__in", "member": "holder__in"}
    if set(asked.filters) - set(columns):
        return found.filter(pk__in=[row.id for row, _place in queries.behind(asked, MANY, {}, "", size=MOST)])
    return found.filter(**{columns[name]: values for name, values in asked.filters.items()})


def imports(built: Built) -> bool:
    """Whether the reader may bring in the platform's figures."""
    return may(built.asked.member, "report.import")


EXTRAS: dict[str, Callable[[Built], Any]] = {
    "rolling": rolled, "windows": windows, "passed": passed, "months": months, "worst": worst, "imports": imports, "week": week_of,
}  # fmt: skip
