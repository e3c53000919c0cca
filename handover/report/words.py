"""The report in a sentence or three, and its figures as they read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel.lists import format_list
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from markupsafe import Markup

from handover.report import rules
from handover.report.asking import Asked
from handover.report.building import Built, Cell
from handover.report.measures import Measure
from handover.shell.filters import day, locale, money, number, percent


def shown(measure: Measure, value: Decimal | float | None, currency: str, language: str = "") -> str:
    """A value as it reads; a dash where there is nothing to divide by. A page of some hundred figures asks once for the `language`."""
    return "–" if value is None else _shown(measure.show, value, currency, language or get_language() or "")


@lru_cache(maxsize=8192)
def _shown(show: str, value: Decimal | float, currency: str, language: str) -> str:
    """A table says the same few values many times, and to word a number costs more than to compute it. `language` is what the words
    depend on besides."""
    if show == "percent":
        return percent(float(value), 1 if abs(float(value)) >= 0.001 or not value else 2)
    if show == "money":
        return money(round(Decimal(value), 2), currency)
    if show in ("decimal", "minutes"):
        return number(round(float(value), 2 if show == "decimal" else 0))
    return number(int(value))


def counted(value: Decimal | float, language: str = "") -> str:
    """A numerator or denominator: a whole number."""
    return _shown("number", round(value), "", language or get_language() or "")


def period(first: date, last: date, today: date) -> str:
    """“in the last 15 days”, or the two dates."""
    days = (last - first).days + 1
    if last == today:
        return _("today") if days == 1 else ngettext("in the last %(num)s day", "in the last %(num)s days", days) % {"num": days}
    return _("from %(first)s to %(last)s") % {"first": day(first), "last": day(last)}


def sentences(built: Built, today: date) -> list[str]:
    """The headline, whether its change is real, and what drives it."""
    cell = built.headline
    found = [moved(cell, built.asked, today)]
    if cell.value is None:
        return found
    verdict = _verdict(cell)
    if verdict:
        found.append(verdict)
    drivers = _drivers(built)
    if drivers:
        found.append(drivers)
    return found


def paragraph(told: list[str]) -> str:
    """Sentences after one another. A full-width stop brings its own room."""
    return "".join(one if one.endswith("。") else f"{one} " for one in told).rstrip()


def moved(cell: Cell, asked: Asked, today: date) -> str:
    """A measure now and before, in one sentence."""
    said = {
        "what": str(cell.measure.label),
        "value": shown(cell.measure, cell.value, asked.currency),
        "when": period(asked.first, asked.last, today),
        "before": shown(cell.measure, cell.before, asked.currency),
    }
    return _moved(cell) % said


def _moved(cell: Cell) -> str:
    if cell.value is None:
        return _("%(what)s: nothing to count %(when)s.")
    if cell.change is None:
        return _("%(what)s %(value)s %(when)s; nothing to compare with before.")
    if cell.change < 0:
        return _("%(what)s %(value)s %(when)s, down from %(before)s.")
    if cell.change > 0:
        return _("%(what)s %(value)s %(when)s, up from %(before)s.")
    return _("%(what)s %(value)s %(when)s, as before.")


def _verdict(cell: Cell) -> str:
    falls = cell.change is not None and cell.change < 0
    return {
        "real": _("The fall is real, not noise.") if falls else _("The rise is real, not noise."),
        "noise": _("The fall may well be noise.") if falls else _("The rise may well be noise."),
        "few": _("There are too few cases to tell a change from noise."),
    }.get(cell.verdict, "")


def _drivers(built: Built) -> str:
    if built.headline.measure.better != "less" or len(built.tops) < 2:
        return ""
    found = rules.drivers([float(top) for top in built.tops])
    if found is None:
        return ""
    count, part = found
    names = [row.label for row in sorted(built.rows, key=lambda r: -r.cells[0].top)[:count]]
    listed = format_list([f"“{name}”" for name in names], locale=locale())
    return ngettext("%(names)s makes up %(share)s of it.", "%(names)s make up %(share)s of it.", count) % {
        "names": listed,
        "share": percent(part, 0),
    }


@lru_cache(maxsize=64)
def _noted(verdict: str, _language: str) -> str:
    return {"noise": _("noise"), "few": pgettext("change", "too few"), "real": _("real")}.get(verdict, "")


def change(cell: Cell, currency: str) -> Markup:
    """A change with its sign and, where it matters, its colour and a word; nothing where there is none."""
    if cell.change is None:
        return Markup("")
    if not cell.change:
        return Markup("±0")
    sign = "+" if cell.change > 0 else "−"
    text = f"{sign}{shown(cell.measure, abs(cell.change), currency)}"
    note = _noted(cell.verdict, get_language() or "")
    said = Markup(' <span class="muted small">{}</span>').format(note) if note else Markup("")
    return Markup('<span class="change {}">{}</span>{}').format(cell.tone, text, said)
