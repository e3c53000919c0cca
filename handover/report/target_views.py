"""/reports/targets/: what the team wants of its figures, and of single shops."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from handover.report import actions, names, targets
from handover.report.measures import Measure
from tickets.people.access import may
from tickets.people.models import Member, Shop
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file

TEMPLATE = "handover/report/targets.html"
COLUMNS: tuple[Column, ...] = (
    (gettext_lazy("Report"), lambda row: row["report"]),
    (gettext_lazy("Figure"), lambda row: row["measure"].label),
    (gettext_lazy("Target"), lambda row: row["typed"]),
    (gettext_lazy("Unit"), lambda row: "%" if row["measure"].show == "percent" else ""),
)


@door(GET="report.read", POST="report.edit")
def show(request: HttpRequest) -> HttpResponse:
    """What is wanted, of the team or (`?shop=`) of one shop; managers change it."""
    member = member_of(request)
    shop = shop_of(request.GET.get("shop", ""), member)
    typed: dict[str, str] = {}
    errors: dict[str, Any] = {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").strip() for name in targets.USUAL if name in request.POST}
        try:
            actions.set_targets(read(typed), by=member, shop=shop)
            return see_other(request, reverse("report:targets") + (f"?shop={shop.pk}" if shop else ""))
        except Refused as refused:
            if refused.code != "invalid":
                raise
            errors = refused.problem().get("errors", {})
    rows = [
        row | {"typed": typed.get(row["name"], shown(row["measure"], row["value"])), "hint": _hint(row, shop)}
        for row in targets.listed(member.team_id, shop.pk if shop else None)
        if may(member, "see.money") or row["measure"].show != "money"
    ]
    if request.method == "GET" and (file := as_file(request, "targets", COLUMNS, rows)):
        return file
    context = {"rows": rows, "errors": errors, "shop": shop, "shops": names.shops(member.team_id), "edits": may(member, "report.edit")}
    return page(request, TEMPLATE, context, status=422 if errors else 200)


def shop_of(text: str, member: Member) -> Shop | None:
    """The member's team's shop of this id; None for none, 404 for another team's."""
    if not text:
        return None
    shop = Shop.objects.filter(team=member.team_id, pk=whole_number(text) or 0).first()
    if shop is None:
        raise Http404
    return shop


def shown(measure: Measure, value: Decimal | None) -> str:
    """A target as it is typed: shares in percent."""
    if value is None:
        return ""
    return format((value * 100 if measure.show == "percent" else value).normalize(), "f")


def read(typed: dict[str, str]) -> dict[str, Decimal | None]:
    """What was typed, as it is stored. Refuses `invalid` by measure."""
    found: dict[str, Decimal | None] = {}
    errors = {}
    for name, text in typed.items():
        try:
            value = Decimal(text.rstrip("% ").replace(",", ".")) if text else None
        except InvalidOperation:
            errors[name] = [_("Enter a number.")]
            continue
        if value is not None and targets.measure_of(name).show == "percent":
            value /= 100
        found[name] = value if value is None or not value.is_finite() else round(value, 4)
    if errors:
        raise Refused("invalid", errors=errors)
    return found


def _hint(row: dict[str, Any], shop: Shop | None) -> str:
    unit = " %" if row["measure"].show == "percent" else ""
    if shop and row["team"] is not None and row["measure"].bottom is not None:
        return _("the team: %(value)s") % {"value": shown(row["measure"], row["team"]) + unit}
    return _("often %(value)s") % {"value": shown(row["measure"], row["usual"]) + unit}
