"""/roster/grid/: the roster from the file that people keep, and to it."""

from __future__ import annotations

import json
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover.roster import actions
from handover.roster.actions.grid import LONGEST, Plan
from handover.roster.grid_out import lines
from handover.roster.models import ShiftPattern
from handover.roster.sources.grid import Grid, Row, read_grid
from tickets.order.sources.reading import Unreadable, read_rows
from tickets.people.access import may
from tickets.people.models import Member
from tickets.web import sheets
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other

TEMPLATE = "handover/roster/grid.html"
BIGGEST = 5 * 1024 * 1024
FREE = "free"
WRITERS = {"xlsx": sheets.xlsx_answer, "csv": sheets.csv_answer}


@door(GET="roster.read", POST="roster.edit")
def grid(request: HttpRequest) -> HttpResponse:
    """Upload a grid and see what it would change; then carry that out. What codes mean is said here, once."""
    me = member_of(request)
    if request.method != "POST":
        return _page(request)
    try:
        found = _kept(request.POST["grid"]) if "grid" in request.POST else _uploaded(request, me)
        _remember(request, me)
        if "sure" in request.POST:
            plan = actions.take_grid(found, me.team, by=me, seal=request.POST["sure"])
            return _done(request, found, plan)
    except Refused as refused:
        if refused.code == "stale":
            return _page(request, found=found, plan=actions.plan_grid(found, me.team), refused=refused, status=409)
        if refused.code != "invalid" or "file" not in (refused.errors or {}):
            raise
        return _page(request, errors=refused.errors or {}, status=422)
    return _page(request, found=found, plan=actions.plan_grid(found, me.team))


@door(GET="roster.read")
def grid_file(request: HttpRequest, kind: str) -> Any:
    """The grid from `?from=` to `?to=` as csv or xlsx; this week and the four after it by default."""
    me = member_of(request)
    days = _days(request)
    writer: Any = WRITERS.get(kind)
    if writer is None:
        raise Http404
    head, rows = lines(me.team, days, _("Name"))
    return writer(head, rows, name=f"roster-{days[0].isoformat()}")


def _days(request: HttpRequest) -> list[date]:
    """Refuses `invalid` for what is no date, ends before it begins, or is longer than a quarter."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    try:
        first = date.fromisoformat(request.GET.get("from") or monday.isoformat())
        last = date.fromisoformat(request.GET.get("to") or (first + timedelta(days=34)).isoformat())
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    except (ValueError, OverflowError) as wrong:
        raise Refused("invalid", errors={"from": [_("This is not a date.")]}) from wrong
    if not 0 < len(days) <= LONGEST:
        raise Refused("invalid", errors={"to": [_("At most three months, the later day last.")]})
    return days


def _uploaded(request: HttpRequest, me: Member) -> Grid:
    """The grid in the uploaded file. Refuses `invalid` for a file that holds none."""
    file = request.FILES.get("file")
    if file is None or not file.size or file.size > BIGGEST:
        raise _no(_("A file has at most 5 MB.") if file and file.size else _("Choose a file."))
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "grid"
        with path.open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        try:
            known = Member.objects.filter(team=me.team_id).values_list("display_name", flat=True)
            found = read_grid(read_rows(path), timezone.localdate(), known)
        except Unreadable as failure:
            raise _no(_("This file cannot be read: csv, xlsx or xls is expected.")) from failure
    return _checked(found)


def _checked(found: Grid | None) -> Grid:
    if found is None:
        raise _no(_("No row is headed by dates. Names go down, dates across."))
    if not found.rows:
        raise _no(_("No name stands below the dates."))
    if (found.days[-1] - found.days[0]).days >= LONGEST or len(found.rows) > 2000:
        raise _no(_("At most three months, the later day last."))
    return found


def _no(text: str) -> Refused:
    return Refused("invalid", errors={"file": [text]})


def _kept(text: str) -> Grid:
    """The grid that was shown, as the page gave it back. Refuses `invalid` where it was tampered with."""
    try:
        said = json.loads(text)
        rows = [
            Row(str(name), int(line), {date.fromisoformat(day): str(code) for day, code in codes.items()})
            for name, line, codes in said["rows"]
        ]
        days = sorted(date.fromisoformat(day) for day in said["days"])
        nameless = [int(line) for line in said["nameless"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as wrong:
        raise _no(_("Choose the file once more.")) from wrong
    if not days or any(day not in days for row in rows for day in row.codes):
        raise _no(_("Choose the file once more."))
    return _checked(Grid(days, rows, nameless))


def _given(found: Grid) -> str:
    rows = [[row.name, row.line, {day.isoformat(): code for day, code in row.codes.items()}] for row in found.rows]
    return json.dumps({"days": [day.isoformat() for day in found.days], "rows": rows, "nameless": found.nameless}, ensure_ascii=False)


def _remember(request: HttpRequest, me: Member) -> None:
    """What was chosen for the codes that nobody knew; the others stay unknown."""
    by_id = {str(pattern.pk): pattern for pattern in ShiftPattern.objects.visible_to(me).active()}
    said = {name.removeprefix("code:"): value for name, value in request.POST.items() if name.startswith("code:") and value}
    meanings = {code: None if value == FREE else by_id.get(value) for code, value in said.items() if value == FREE or value in by_id}
    if meanings:
        actions.remember_codes(me.team, meanings, by=me)


def _done(request: HttpRequest, found: Grid, plan: Plan) -> HttpResponse:
    count = len(plan.changes)
    messages.success(request, ngettext("%(num)s day was changed.", "%(num)s days were changed.", count) % {"num": count})
    return see_other(request, f"{reverse('roster:week')}?week={found.days[0].isoformat()}")


def _page(request: HttpRequest, *, found: Grid | None = None, plan: Plan | None = None, status: int = 200, **more: Any) -> HttpResponse:
    me = member_of(request)
    context = {
        "found": found,
        "plan": plan,
        "given": _given(found) if found else "",
        "patterns": ShiftPattern.objects.visible_to(me).active(),
        "free": FREE,
        "kinds": list(WRITERS),
        "may_edit": may(me, "roster.edit"),
        "tab": "grid",
        **more,
    }
    return page(request, TEMPLATE, context, status=status)
