"""What the team wants: targets of its measures, as lines in the charts and as a state in the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from handover.report.asking import WINDOW, Asked
from handover.report.building import Built, Cell
from handover.report.measures import REPORTS, Measure
from handover.report.models import Target
from tickets.web.kept import Kept

Targets = Mapping[tuple[str, int | None], Decimal]
"""(measure, shop or None) → what is wanted."""

USUAL: dict[str, Decimal] = {
    "complaint-rate.rate": Decimal("0.02"),
    "compensation.sum": Decimal(1000),
    "return-reasons.asked": Decimal("0.05"),
    "return-reasons.cost": Decimal("0.05"),
    "custody.four": Decimal("0.01"),
    "promises.kept": Decimal("0.95"),
    "handover.on_time": Decimal("0.95"),
    "service.first": Decimal(20),
    "service.average": Decimal(16),
    "service.reply": Decimal("0.97"),
    "service.satisfied": Decimal("0.95"),
    "conversion.paid": Decimal("0.5"),
}
"""The measures that may have a target, and what a team of this trade usually wants: shown as a suggestion, and no target until saved."""


def measure_of(name: str) -> Measure:
    """The declared measure called `report.code`. KeyError for one that may have no target."""
    if name not in USUAL:
        raise KeyError(name)
    report, code = name.split(".")
    return next(m for m in REPORTS[report].measures if m.code == code)


def of_team(team: int) -> dict[tuple[str, int | None], Decimal]:
    """Every target of the team. One query."""
    return {(row["measure"], row["shop"]): row["value"] for row in TARGETS.all(team=team)}


TARGETS: Kept[Any] = Kept(lambda team: Target.objects.filter(team=team).values("measure", "shop", "value"))


def wanted(targets: Targets, name: str, shop: int | None) -> Decimal | None:
    """The shop's own target, or else the team's; a sum of the whole team is nobody's single budget."""
    found = targets.get((name, shop)) if shop else None
    if found is None and not (shop and measure_of(name).bottom is None):
        found = targets.get((name, None))
    return found


def target_of(targets: Targets, report: str, measure: Measure, asked: Asked, shop: int | None = None) -> Decimal | None:
    """What the measure should be over the period asked for, in the view's shop: a sum's budget of 15 days grows with the days.

    None where there is no target, or where the view is narrowed so that the team's sum is not what is shown.
    """
    name = f"{report}.{measure.code}"
    if name not in USUAL:
        return None
    narrowed = set(asked.filters) - {"shop"}
    shops = asked.filters.get("shop", [])
    of_shop = shop or (shops[0] if len(shops) == 1 else None)
    if measure.bottom is None and (narrowed or len(shops) > 1):
        return None
    found = wanted(targets, name, of_shop)
    return found * asked.days / WINDOW if found is not None and measure.bottom is None else found


def with_targets(built: Built) -> Built:
    """The report with what is wanted beside what is: of its figures, of the rows (a shop's own where they are shops), and of a day."""
    targets = of_team(built.asked.member.team_id)
    if not targets:
        return built
    name, asked = built.report.name, built.asked

    def cells(found: list[Cell], shop: int | None = None, *, part: bool = False) -> list[Cell]:
        # a row is a part of a sum: only a shop's part has a budget
        return [
            c if part and shop is None and c.measure.bottom is None else replace(c, target=target_of(targets, name, c.measure, asked, shop))
            for c in found
        ]

    rows = [replace(r, cells=cells(r.cells, int(r.key or 0) or None if asked.by == "shop" else None, part=True)) for r in built.rows]
    total = cells(built.total)
    line = next(cell.target for cell in total if cell.measure.code == built.charted.code)
    if line is not None and built.charted.bottom is None and built.points:
        first = built.points[0]
        line = line * ((first.last - first.first).days + 1) / asked.days
    return replace(built, total=total, rows=rows, line=line)


def listed(team: int, shop: int | None) -> list[dict[str, Any]]:
    """What can be set, with what is set for this shop (or the team) and what is usual."""
    targets = of_team(team)
    return [
        {
            "name": name,
            "report": REPORTS[name.split(".")[0]].title,
            "measure": measure_of(name),
            "value": targets.get((name, shop)),
            "team": targets.get((name, None)),
            "usual": usual,
        }
        for name, usual in USUAL.items()
    ]
