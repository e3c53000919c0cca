"""What the platforms' sheets say was paid to make up for something: bring a sheet in, see what it met and what it did not."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from tickets.order.models import Import
from tickets.people.models import Shop
from tickets.return_form.models import PlatformCompensation
from tickets.return_form.rest.filters import CompensationFilters
from tickets.return_form.sheets import LAYOUTS
from tickets.return_form.views import common
from tickets.return_form.views.refunds import bring_list
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell

SIZE = 50
CODES = tuple(layout.code for layout in LAYOUTS)
COLUMNS: tuple[Column, ...] = (
    (_("Paid"), cell("paid_at")),
    (_("Payment"), cell("number")),
    (_("Shop"), cell("shop.name")),
    (_("Order"), cell("order_number")),
    (_("order known"), lambda row: _("yes") if row.order_id else _("no")),
    (_("Form"), lambda row: f"R{row.form_id}" if row.form_id else ""),
    (_("Kind"), cell("kind_text")),
    (_("Reason"), cell("reason_text")),
    (_("State"), cell("get_state_display")),
    (_("Status"), cell("status_text")),
    (_("Borne by"), cell("bearer_text")),
    (_("Amount"), cell("amount")),
    (_("Currency"), cell("shop.currency")),
)


@door(GET="compensation.read", POST="return.import")
def index(request: HttpRequest) -> HttpResponse:
    """The payments, newest first, by `matched` (an order was found), `state`, `shop`. A POST brings a sheet in, as for refunds."""
    member = member_of(request)
    problems: list[str] = []
    if request.method == "POST":
        try:
            return see_other(request, reverse("order:import", args=[bring_list(request, _kind_of).pk]))
        except Refused as refused:
            problems = common.sentences(refused)
    asked = {name: request.GET[name] for name in ("matched", "state", "shop") if request.GET.get(name)}
    found = CompensationFilters(asked, queryset=PlatformCompensation.objects.visible_to(member))
    if not found.is_valid():
        raise Refused("not_found")
    rows = found.qs.select_related("shop", "order").order_by("-id")
    return as_file(request, "compensations", COLUMNS, rows) or _page(request, rows, asked, problems)


def _kind_of(shop: Shop) -> str:
    """What a sheet of the shop must be: its platform's; of a platform that is none of ours, whichever its columns say."""
    return next((layout.code for layout in LAYOUTS if shop.platform in layout.platforms), "")


def _page(request: HttpRequest, rows: Any, asked: dict[str, str], problems: list[str]) -> HttpResponse:
    member, before = member_of(request), whole_number(request.GET.get("before", ""))
    shown = list((rows if before is None else rows.filter(pk__lt=before))[: SIZE + 1])
    waiting = PlatformCompensation.objects.visible_to(member).filter(order=None).count()
    context = {
        "rows": shown[:SIZE],
        "older": "?" + urlencode({**asked, "before": shown[SIZE - 1].pk}) if len(shown) > SIZE else None,
        "newest": "?" + urlencode(asked) if before else None,
        "tabs": [
            (_("All"), "?", None, not asked),
            (_("Without an order"), "?matched=false", waiting, asked.get("matched") == "false"),
            (_("Not paid yet"), "?state=open", None, asked.get("state") == "open"),
        ],
        "shops": list(Shop.objects.filter(team_id=member.team_id).values_list("pk", "name")),
        "runs": list(Import.objects.visible_to(member).filter(kind__in=CODES).select_related("shop", "by").order_by("-id")[:5]),
        "problems": problems,
    }
    status = 422 if problems else 200
    return page(request, "tickets/return_form/compensations.html", context | common.shared(request), status=status)
