"""The platform's refunds beside our forms: bring a list in, see what does not match."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.db.models import DecimalField, F, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from tickets.order.queries import reason
from tickets.people.models import Shop
from tickets.return_form.actions.refunds import Summary, import_refunds
from tickets.return_form.models import PlatformRefund
from tickets.return_form.views import common
from tickets.web.doors import door
from tickets.web.refusals import Refused
from tickets.web.replies import page

MOST_BYTES = 20 * 1024 * 1024
CHOOSE = _("Choose a shop and a file.")
TOO_LARGE = _("A refund list has at most 20 MB. Export fewer days at once.")


@door(GET="return.import", POST="return.import")
def index(request: HttpRequest) -> HttpResponse:
    """Read a list (or only try it), and show refunds without a form and those of which the form says another amount."""
    member = common.member_of(request)
    done: Summary | None = None
    problems: list[str] = []
    if request.method == "POST":
        try:
            done = _import(request)
        except Refused as refused:
            problems = common.sentences(refused)
    rows = PlatformRefund.objects.visible_to(member).select_related("shop", "order", "form").order_by("-id")
    money = DecimalField(max_digits=14, decimal_places=2)
    ours = Sum("form__settlements__amount", filter=Q(form__settlements__kind="refund"), output_field=money)
    context = {
        "shops": list(Shop.objects.filter(team_id=member.team_id).values_list("pk", "name")),
        "unmatched": list(rows.filter(form__isnull=True)[:100]),
        "different": list(rows.filter(form__isnull=False).annotate(ours=ours).exclude(ours=F("amount")).exclude(ours__isnull=True)[:100]),
        "done": done,
        "bad": [(x.line, x.column, reason(x.code), x.value) for x in done.problems] if done else [],
        "problems": problems,
    }
    return page(request, "tickets/return_form/refunds.html", context | common.shared(request), status=422 if problems else 200)


def _import(request: HttpRequest) -> Summary:
    member, file = common.member_of(request), request.FILES.get("file")
    shop = Shop.objects.filter(team_id=member.team_id, pk=common.number(request, "shop") or 0).first()
    if shop is None or not isinstance(file, UploadedFile):
        raise Refused("invalid", errors={"file": [CHOOSE]})
    if (file.size or 0) > MOST_BYTES:
        raise Refused("too_large", TOO_LARGE)
    with tempfile.NamedTemporaryFile(suffix=".refunds") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
        kept.flush()
        return import_refunds(Path(kept.name), shop=shop, by=member, dry_run=bool(request.POST.get("dry_run")))
