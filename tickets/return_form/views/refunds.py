"""The platform's refunds beside our forms: bring a list in, see what does not match."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from django.core.files.uploadedfile import UploadedFile
from django.db.models import DecimalField, F, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tickets.order.actions import bring_in
from tickets.order.models import Import
from tickets.people.models import Shop
from tickets.return_form.actions.refunds import KIND
from tickets.return_form.models import PlatformRefund
from tickets.return_form.views import common
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell

CHOOSE = _("Choose a shop and a file.")
COLUMNS: tuple[Column, ...] = (
    (_("Refund"), cell("number")),
    (_("Shop"), cell("shop.name")),
    (_("Order"), cell("order_number")),
    (_("order known"), lambda row: _("yes") if row.order_id else _("no")),
    (_("Product"), cell("title")),
    (_("Status"), cell("status_text")),
    (_("Reason"), cell("reason_text")),
    (_("Refunded"), cell("amount")),
    (_("Form"), lambda row: f"R{row.form_id}" if row.form_id else ""),
    (_("Our form"), cell("ours")),
    (_("Currency"), cell("shop.currency")),
)


@door(GET="return.import", POST="return.import")
def index(request: HttpRequest) -> HttpResponse:
    """Bring a list in (a job reads it; its page asks for a dry run or the import and shows what came of it), and show refunds without a
    form and those of which the form says another amount."""
    member = member_of(request)
    problems: list[str] = []
    if request.method == "POST":
        try:
            return see_other(request, reverse("order:import", args=[bring_list(request, lambda _shop: KIND).pk]))
        except Refused as refused:
            problems = common.sentences(refused)
    rows = PlatformRefund.objects.visible_to(member).select_related("shop", "order", "form").order_by("-id")
    money = DecimalField(max_digits=14, decimal_places=2)
    ours = Sum("form__settlements__amount", filter=Q(form__settlements__kind="refund"), output_field=money)
    rows = rows.annotate(ours=ours)
    unmatched = rows.filter(form__isnull=True)
    different = rows.filter(form__isnull=False).exclude(ours=F("amount")).exclude(ours__isnull=True)
    if request.method == "GET" and (file := as_file(request, "refunds", COLUMNS, chain(unmatched.iterator(), different.iterator()))):
        return file
    context = {
        "shops": list(Shop.objects.filter(team_id=member.team_id).values_list("pk", "name")),
        "runs": list(Import.objects.visible_to(member).filter(kind=KIND).select_related("shop", "by").order_by("-id")[:5]),
        "unmatched": list(unmatched[:100]),
        "different": list(different[:100]),
        "problems": problems,
    }
    return page(request, "tickets/return_form/refunds.html", context | common.shared(request), status=422 if problems else 200)


def bring_list(request: HttpRequest, kind: Callable[[Shop], str]) -> Import:
    """Keep the posted list of a shop for its job to read. Refuses `invalid` for what is not of the `kind` that the shop's lists are."""
    member, file = member_of(request), request.FILES.get("file")
    shop = Shop.objects.filter(team_id=member.team_id, pk=common.number(request, "shop") or 0).first()
    if shop is None or not isinstance(file, UploadedFile):
        raise Refused("invalid", errors={"file": [CHOOSE]})
    return bring_in(by=member, shop=shop, file=file, kind=kind(shop), start_now=False)
