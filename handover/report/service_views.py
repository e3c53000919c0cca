"""/reports/service/import/: bringing in the platform's figures, and saying whose account is whose."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from handover.report import names, service_actions
from handover.report.models import ServiceDay
from tickets.order.actions import bring_in
from tickets.order.models import Import
from tickets.people.models import Member, Shop
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other

TEMPLATE = "handover/report/service_import.html"


@door(GET="report.import", POST="report.import")
def bring(request: HttpRequest) -> Any:
    """Keep an export to be looked at and started, or name an account's member."""
    member = member_of(request)
    errors = {}
    if request.method == "POST":
        try:
            if "account" in request.POST:
                _named(request, member)
            else:
                return see_other(request, reverse("order:import", args=[_brought(request, member).pk]))
        except Refused as refused:
            if refused.code != "invalid":
                raise
            errors = refused.problem().get("errors", {})
    accounts = ServiceDay.objects.filter(team=member.team_id).exclude(account="")
    context = {
        "errors": errors,
        "shops": names.shops(member.team_id),
        "members": names.members(member.team_id),
        "accounts": accounts.values("account", "member").annotate(days=Count("pk"), last=Max("day")).order_by("account")[:500],
    }
    return page(request, TEMPLATE, context, status=422 if errors else 200)


def _brought(request: HttpRequest, member: Member) -> Import:
    """The posted file, kept for its job. Refuses `invalid` for what holds no figures."""
    file, wanted = request.FILES.get("file"), request.POST.get("shop", "")
    shop = Shop.objects.filter(team=member.team_id, pk=whole_number(wanted) or 0).first()
    if shop is None:
        raise Refused("invalid", errors={"shop": [_("Choose the shop.")]})
    if file is None or not file.size:
        raise Refused("invalid", errors={"file": [_("Choose a file.")]})
    return bring_in(by=member, shop=shop, file=file, kind=service_actions.CODE, start_now=False)


def _named(request: HttpRequest, member: Member) -> None:
    chosen = Member.objects.filter(team=member.team_id, pk=whole_number(request.POST.get("member", "")) or 0).first()
    service_actions.name_account(request.POST.get("account", ""), by=member, member=chosen)
