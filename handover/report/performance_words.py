"""A performance sheet in sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover.report import words
from handover.report.cells import Cell
from handover.report.days import DAY
from handover.report.months import Period
from handover.report.performance import Sheet
from handover.shell.filters import number


def lede(sheet: Sheet) -> list[str]:
    """The total and its change, how many targets are reached, and what is furthest from its own."""
    if sheet.total is None:
        return [_("Nothing that counts is known of this month.")]
    said = {"total": number(sheet.total, 1), "before": "" if sheet.before is None else number(sheet.before, 1)}
    found = [_moved(sheet) % said]
    counted = [line for line in sheet.lines if line.points is not None and line.weight]
    missed = [line for line in counted if not line.cell.met]
    reached = len(counted) - len(missed)
    targets = ngettext("%(reached)s of %(num)s target is reached.", "%(reached)s of %(num)s targets are reached.", len(counted))
    found.append(targets % {"reached": reached, "num": len(counted)})
    if missed:
        worst = min(missed, key=lambda line: line.points or 0)
        told = {"figure": worst.part.measure.label, "value": value_of(worst.cell, sheet), "points": number(worst.points or 0, 1)}
        found.append(_("Furthest from its target: %(figure)s, %(value)s (%(points)s points).") % told)
    return found


def value_of(cell: Cell, sheet: Sheet) -> str:
    return words.shown(cell.measure, cell.value, sheet.book.asked.currency)


def _moved(sheet: Sheet) -> str:
    if sheet.change is None:
        return _("Total: %(total)s of 100; nothing to compare with before.")
    if sheet.change < 0:
        return _("Total: %(total)s of 100, down from %(before)s.")
    if sheet.change > 0:
        return _("Total: %(total)s of 100, up from %(before)s.")
    return _("Total: %(total)s of 100, as before.")


def ends_of(people: list[Sheet]) -> list[str]:
    """Whose total is highest, and whose lowest; nothing of fewer than two."""
    known = [(sheet.member.display_name, number(sheet.total, 1)) for sheet in people if sheet.total is not None and sheet.member]
    if len(known) < 2:
        return []
    (first, most), (last, least) = known[0], known[-1]
    said = {"first": first, "most": most, "last": last, "least": least}
    return [_("Highest: %(first)s %(most)s; lowest: %(last)s %(least)s.") % said]


def compared(then: Period) -> str:
    """What “before” is."""
    first, last = then
    said = {"month": f"{first:%Y-%m}", "day": last.day}
    if (last + DAY).day == 1:
        return _("Compared with %(month)s.") % said
    return _("This month still runs: it is compared with the first %(day)s days of %(month)s.") % said
