"""What a manager sets and reads: the policy, the people's figures; and the printed sheet."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.people.access import may
from tickets.return_form import actions, codes, queries
from tickets.return_form.models import Fault, Resolution, Signature, Stage
from tickets.return_form.views import common
from tickets.return_form.views.filing import WANTED, _money
from tickets.return_form.views.show import is_void
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell

LONGEST = timedelta(days=92)
"""Every signature of the days that are asked for is read: a quarter at a time."""
HOURS = ("count_hours", "decide_hours", "settle_hours")

FIGURES: tuple[Column, ...] = (
    (gettext_lazy("Who"), cell("member.display_name")),
    (gettext_lazy("Filed"), cell("filed")),
    (gettext_lazy("Sent back"), cell("bounced")),
    (gettext_lazy("Counted"), cell("counted")),
    (gettext_lazy("Found otherwise"), cell("disagreed")),
    (gettext_lazy("Decided"), cell("decided")),
    (gettext_lazy("Days to file"), cell("filing_days")),
    (gettext_lazy("Days to count"), cell("counting_days")),
    (gettext_lazy("Days to decide"), cell("deciding_days")),
)


@door(GET="team.edit", POST="team.edit")
def policy(request: HttpRequest) -> HttpResponse:
    """What may pass by rule (default: nothing) and how long each stage may take."""
    member = member_of(request)
    problems: list[str] = []
    if request.method == "POST":
        hours = {name: common.number(request, name) for name in HOURS}
        try:
            if any(value is None or not 1 <= value <= 2000 for value in hours.values()):
                raise Refused("invalid", errors={"hours": [_("Hours are whole numbers from 1 to 2000.")]})
            actions.change_policy(
                member.team,
                by=member,
                max_amount=_money(request.POST.get("max_amount", "").strip()) or Decimal(0),
                resolutions=[name for name in request.POST.getlist("resolutions") if name in Resolution.values],
                **{name: value or 0 for name, value in hours.items()},
            )
            messages.success(request, _("Kept."))
            return see_other(request, reverse("return_form:policy"))
        except Refused as refused:
            problems = common.sentences(refused)
    from tickets.return_form.models import ReturnPolicy

    found = ReturnPolicy.objects.filter(team_id=member.team_id).first() or ReturnPolicy(team_id=member.team_id)
    context = {"policy": found, "wanted": WANTED, "problems": problems}
    return page(request, "tickets/return_form/policy.html", context | common.shared(request), status=422 if problems else 200)


@door(GET="return.read")
def people(request: HttpRequest) -> HttpResponse:
    """Per person filed, got back, counted, found otherwise, decided, and the days it took; one's own for who may not see all."""
    member = member_of(request)
    today = timezone.localdate()
    end = _day(request.GET.get("to")) or today
    start = max(_day(request.GET.get("from")) or end - timedelta(days=30), end - LONGEST)
    everybody = may(member, "see.all_figures")
    figures = queries.performance(member.team, _midnight(start), _midnight(end + timedelta(days=1)), only=None if everybody else member)
    if file := as_file(request, "return-people", FIGURES, figures):
        return file
    headings = [FIGURES[0][0], *((label, "num") for label, _read in FIGURES[1:])]
    context = {"figures": figures, "headings": headings, "columns": FIGURES[1:], "start": start, "end": end, "everybody": everybody}
    return page(request, "tickets/return_form/people.html", context | common.shared(request))


def _day(text: str | None) -> Any:
    """A day of these times, or None: what is reckoned from the ends of the calendar is none of it."""
    try:
        found = parse_date(text or "")
    except ValueError:
        return None
    return found if found and 2000 <= found.year < 2100 else None


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@door(GET="return.read")
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The printed form of one revision, the newest unless `?revision=`, on A5 across or with `?paper=a4` on A4; signatures, and what
    they signed, only on the revision they were given for."""
    form = common.one(request, pk)
    wanted = whole_number(request.GET.get("revision", ""), digits=9)
    number = form.revision if wanted is None else wanted
    revision = form.revisions.select_related("by").filter(number=number).first()
    if revision is None:
        raise Http404
    given = [x for x in form.signatures.all() if x.revision == number]
    latest: dict[str, Signature] = {x.stage: x for x in given}
    decided = next((x for x in given if x.stage == Stage.MANAGER and not is_void(x)), None)
    context = {
        "form": form,
        "revision": revision,
        "current": number == form.revision,
        "paper": "a4" if request.GET.get("paper") == "a4" else "a5",
        "revisions": range(1, form.revision + 1),
        "lines": printed_lines(form, revision.content["lines"]),
        "signatures": [(stage, latest.get(stage)) for stage in ("initiator", "warehouse", "manager")],
        "decided": decided,
        "granted": granted_lines(decided),
        "qr": codes.qr(settings.SITE_URL.rstrip("/") + reverse("return_form:show", args=[form.pk])),
        "bars": [(parcel, codes.code128(parcel.tracking)) for parcel in form.parcels.all()],
    }
    return page(request, "tickets/return_form/print.html", context | common.shared(request))


def granted_lines(signature: Signature | None) -> dict[int, dict[str, Any]]:
    """What the manager signed, by the line's place; nothing without that signature."""
    words, faults = dict(Resolution.choices), dict(Fault.choices)
    rows = signature.part["lines"] if signature else []
    return {row["place"]: row | {"granted": words.get(row["granted"], ""), "fault": faults.get(row["fault"], "")} for row in rows}


def printed_lines(form: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The revision's own lines, with the products' and reasons' names; counts and grants only where they belong to this revision."""
    from tickets.order.models import OrderLine
    from tickets.ticket.models import Reason

    products = OrderLine.objects.in_bulk([row["order_line"] for row in rows])
    named = Reason.objects.in_bulk([row["reason"] for row in rows])
    words = dict(Resolution.choices)
    found = []
    for row in rows:
        names = {"product": products.get(row["order_line"]), "reason_name": named.get(row["reason"])}
        found.append(row | names | {"wanted": words.get(row["resolution"], "")})
    return found
