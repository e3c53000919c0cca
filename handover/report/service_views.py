"""/reports/service/import/: bringing in the platform's figures, and saying whose account is whose."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max
from django.http import HttpRequest
from django.utils.translation import gettext as _

from handover.report import names, service_actions
from handover.report.models import ServiceDay
from tickets.people.models import Member, Shop
from tickets.web.doors import door
from tickets.web.refusals import Refused
from tickets.web.replies import page

TEMPLATE = "handover/report/service_import.html"
BIGGEST = 20 * 1024 * 1024


@door(GET="report.import", POST="report.import")
def bring(request: HttpRequest) -> Any:
    """Upload an export, or name an account's member."""
    member: Member = request.member  # type: ignore[attr-defined]
    brought, errors = None, {}
    if request.method == "POST":
        try:
            if "account" in request.POST:
                _named(request, member)
            else:
                brought = _brought(request, member)
        except Refused as refused:
            if refused.code != "invalid":
                raise
            errors = refused.problem().get("errors", {})
    accounts = ServiceDay.objects.filter(team=member.team_id).exclude(account="")
    context = {
        "brought": brought,
        "errors": errors,
        "shops": names.shops(member.team_id),
        "members": names.members(member.team_id),
        "accounts": accounts.values("account", "member").annotate(days=Count("pk"), last=Max("day")).order_by("account")[:500],
    }
    return page(request, TEMPLATE, context, status=422 if errors else 200)


def _brought(request: HttpRequest, member: Member) -> service_actions.Brought:
    file = request.FILES.get("file")
    wanted = request.POST.get("shop", "")
    shop = Shop.objects.filter(team=member.team_id, pk=int(wanted)).first() if wanted.isascii() and wanted.isdigit() else None
    if shop is None:
        raise Refused("invalid", errors={"shop": [_("Choose the shop.")]})
    if file is None or not file.size:
        raise Refused("invalid", errors={"file": [_("Choose a file.")]})
    if file.size > BIGGEST:
        raise Refused("invalid", errors={"file": [_("A file has at most 20 MB.")]})
    return service_actions.bring(file, by=member, shop=shop, name=file.name or "")


def _named(request: HttpRequest, member: Member) -> None:
    wanted = request.POST.get("member", "")
    chosen = Member.objects.filter(team=member.team_id, pk=int(wanted)).first() if wanted.isascii() and wanted.isdigit() else None
    service_actions.name_account(request.POST["account"], by=member, member=chosen)
