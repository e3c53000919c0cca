"""How the roster's ledger rows read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tickets.activity.telling import moment, register

Data = Mapping[str, Any]


def _name(data: Data) -> dict[str, Any]:
    return {"name": data.get("name", "")}


def _range(data: Data) -> dict[str, Any]:
    return {"name": data.get("name", ""), "of": data.get("of", ""), "start": moment(data.get("start")), "end": moment(data.get("end"))}


def _day(data: Data) -> dict[str, Any]:
    date = parse_date(data.get("date") or data.get("week") or "")
    after = _(", ").join(data.get("after") or []) or _("free")
    return {"name": data.get("name", ""), "day": date_format(date, "SHORT_DATE_FORMAT") if date else "", "after": after}


def _swap(data: Data) -> dict[str, Any]:
    facts = {"shift": data.get("shift", ""), "start": moment(data.get("start"))}
    return facts | {"asker": data.get("from_name", ""), "taker": data.get("to_name", "")}


def register_all() -> None:
    """Add the sentences; called once when the app is ready."""
    register("roster.day_changed", lambda d, n: _("rostered %(name)s on %(day)s: %(after)s") % _day(d))
    register(
        "roster.codes_named", lambda d, n: _("said what these mean in the roster's file: %(codes)s") % {"codes": _(", ").join(d["codes"])}
    )
    register("roster.assigned", lambda d, n: _("rostered %(name)s, %(start)s until %(end)s") % _range(d))
    register("roster.stood_in", lambda d, n: _("let %(name)s stand in for %(of)s, %(start)s until %(end)s") % _range(d))
    register("roster.absent", lambda d, n: _("%(name)s is away, %(start)s until %(end)s") % _range(d))
    register("roster.back", lambda d, n: _("%(name)s can be counted on again") % _name(d))
    register("roster.week_copied", lambda d, n: _("planned the week of %(day)s as the one before") % _day(d))
    register("roster.undone", lambda d, n: _("took a change of the roster back: %(name)s, %(day)s") % _day(d))
    register("roster.pattern_made", lambda d, n: _("added the shift pattern %(name)s") % _name(d))
    register("roster.pattern_changed", lambda d, n: _("changed the shift pattern %(name)s") % _name(d))
    register("roster.shift_made", lambda d, n: _("added the shift %(name)s, %(start)s until %(end)s") % _range(d))
    register("roster.calendar_made", lambda d, n: _("made a calendar address"))
    register("roster.calendar_revoked", lambda d, n: _("took the calendar address back"))
    register("swap.asked", lambda d, n: _("%(asker)s asks to be replaced: %(shift)s, %(start)s") % _swap(d))
    register("swap.taken", lambda d, n: _("%(taker)s would work for %(asker)s: %(shift)s, %(start)s") % _swap(d))
    register("swap.approved", lambda d, n: _("%(taker)s works for %(asker)s: %(shift)s, %(start)s") % _swap(d))
    register("swap.refused", lambda d, n: _("The swap of %(asker)s and %(taker)s was refused: %(shift)s, %(start)s") % _swap(d))
    register("swap.stepped_back", lambda d, n: _("%(taker)s cannot work for %(asker)s after all: %(shift)s, %(start)s") % _swap(d))
    register("swap.lapsed", lambda d, n: _("The swap of %(asker)s was not decided in time: %(shift)s, %(start)s") % _swap(d))
    register("swap.withdrawn", lambda d, n: _("%(asker)s needs nobody any more: %(shift)s, %(start)s") % _swap(d))
