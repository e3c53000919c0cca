"""Filing and editing a form: the order's lines with what can still be returned, and the purchase story beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from tickets.customer import queries as customers
from tickets.customer.models import Customer
from tickets.order import queries as orders
from tickets.order.models import Order
from tickets.return_form import actions, queries
from tickets.return_form.actions import Asked
from tickets.return_form.models import EDITABLE, FreightPayer, Resolution, ReturnForm
from tickets.return_form.queries.story import purchase_story
from tickets.return_form.views import common
from tickets.ticket.models import Ticket
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.pasted import pasted
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other

WANTED = [choice for choice in Resolution.choices if choice[0] != Resolution.REJECT]
NOT_MONEY = _("Write an amount such as 12.50.")
NOT_TIME = _("Write a date and a time.")
MOST_ROWS = 200
DUES = ("count_by", "decide_by", "settle_by")


@dataclass
class Row:
    """One row of the filing table: an order line, what was chosen of it, and (where it is shown) what the order offers of it.

    `again`: a further wish for part of a line that has a row already; it comes last, so that the others keep their places.
    """

    line: int
    quantity: int = 0
    resolution: str = ""
    reason: int | None = None
    exchange_for: str = ""
    amount: str = ""
    note: str = ""
    again: bool = False
    offer: queries.Offer | None = None


@door(GET="return.file", POST="return.file")
def new(request: HttpRequest) -> HttpResponse:
    """`?order=`, `?ticket=`, `?customer=` or `?q=`; without an order, a box to find it."""
    if request.method == "POST" and request.POST.get("order"):
        return _file(request)
    ticket = _ticket(request)
    order = _order(request, ticket)
    if order is None:
        found, asked = _search(request, ticket)
        context = {"found": found, "q": asked, "ticket": ticket} | common.shared(request)
        return page(request, "tickets/return_form/find.html", context)
    offers = queries.offer(order)
    rows = [Row(offer.line.pk, quantity=1 if len(offers) == 1 and offer.most else 0) for offer in offers]
    return _sheet(request, order, seated(rows, offers), ticket=ticket)


def _file(request: HttpRequest) -> HttpResponse:
    """File what was posted; order and ticket are read under the order's lock, and for the page only where the form was refused."""
    rows, number, attached = _typed(request), _id(request.POST.get("order", "")), _id(_said_ticket(request) or "0")
    try:
        if request.POST.get("sign"):
            common.prove(request)
        form = actions.file(
            Order(pk=number),
            _asked(rows),
            by=member_of(request),
            ticket=Ticket(pk=attached) if attached else None,
            tracking=request.POST.get("tracking", ""),
            courier=request.POST.get("courier", ""),
            files=request.FILES.getlist("files"),
            signed=bool(request.POST.get("sign")),
            **_header(request),
        )
    except Refused as refused:
        if refused.code in ("forbidden", "not_found"):
            raise
        ticket = _ticket(request)
        order = _order(request, ticket)
        if order is None:
            raise
        return _sheet(request, order, seated(rows, queries.offer(order)), ticket=ticket, refused=refused)
    return see_other(request, reverse("return_form:show", args=[form.pk]))


@door(GET="return.file", POST="return.file")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The same sheet over a form that is there. Signatures given before are void once it is saved."""
    form = common.one(request, pk)
    if form.state not in EDITABLE:
        return see_other(request, reverse("return_form:show", args=[form.pk]))
    refused: Refused | None = None
    rows = _rows_of(form)
    if request.method == "POST":
        rows = _typed(request)
        try:
            actions.edit(
                form,
                by=member_of(request),
                revision=common.number(request, "revision") or 0,
                lines=_asked(rows),
                files=request.FILES.getlist("files"),
                remove=[pk for text in request.POST.getlist("remove") if (pk := whole_number(text)) is not None],
                **_header(request, form),
            )
            return see_other(request, reverse("return_form:show", args=[form.pk]))
        except Refused as problem:
            refused = problem
    return _sheet(request, form.order, seated(rows, queries.offer(form.order, without=form)), form=form, refused=refused)


def _sheet(
    request: HttpRequest,
    order: Order,
    rows: list[Row],
    *,
    form: ReturnForm | None = None,
    ticket: Ticket | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    member = member_of(request)
    context = {
        "order": order,
        "products": [list(own) for _line, own in groupby(enumerate(rows), key=lambda pair: pair[1].line)],
        "form": form,
        "ticket": ticket or (form.ticket if form else None),
        "wanted": WANTED,
        "askable": any(row.quantity or (row.offer and row.offer.most) for row in rows),
        "reasons": common.reasons(member),
        "payers": FreightPayer.choices,
        "dues": {name: _typed_instant(getattr(form, name, None)) for name in DUES},
        "signed": [x for x in form.signatures.all() if getattr(x, "voiding", None) is None] if form else [],
        "photos": list(form.evidence.standing().filter(kind="filed")) if form else [],
        "story": purchase_story(member, order, form),
    }
    return common.answer(request, "file", context, refused)


def _id(text: str) -> int:
    """A row's number from the form; 404 for what cannot be one."""
    number = whole_number(text)
    if number is None:
        raise Http404
    return number


def _said_ticket(request: HttpRequest) -> str:
    return request.GET.get("ticket", "") or request.POST.get("ticket", "")


def _ticket(request: HttpRequest) -> Ticket | None:
    text = _said_ticket(request)
    if not text:
        return None
    ours = Ticket.objects.visible_to(member_of(request)).select_related("holder")
    found = ours.filter(pk=whole_number(text)).first()
    if found is None:
        raise Http404
    return found


def _order(request: HttpRequest, ticket: Ticket | None) -> Order | None:
    ours = Order.objects.visible_to(member_of(request)).select_related("customer", "shop", "sold_by")
    text = request.GET.get("order", "") or request.POST.get("order", "")
    if text:
        found = ours.filter(pk=whole_number(text)).first()
        if found is None:
            raise Http404
        return found
    if ticket is not None and not request.GET.get("q"):
        linked = list(ours.filter(tickets=ticket)[:2])
        return linked[0] if len(linked) == 1 else None
    return None


def _search(request: HttpRequest, ticket: Ticket | None) -> tuple[list[Order], str]:
    """The orders meant by a number, a nick, a phone; those of the ticket's customer, or of the one named, where nothing was typed."""
    member = member_of(request)
    asked = pasted(request.GET.get("q", ""))
    if asked:
        ours = Order.objects.visible_to(member)
        found = list(ours.filter(number__in=orders.numbers_of(asked))[:8]) or list(ours.filter(tracking=asked)[:8])
        for customer in customers.exact(member, asked) if not found else []:
            found += orders.of_customer(customer)
        return found, asked
    if ticket is not None:
        return orders.of_customer(ticket.customer), ""
    text = request.GET.get("customer", "")
    known = Customer.objects.visible_to(member).filter(pk=whole_number(text)).first()
    return (orders.of_customer(known) if known else []), ""


def _rows_of(form: ReturnForm) -> list[Row]:
    """The form's own lines, in their order."""
    found: list[Row] = []
    for line in form.lines.all():
        amount = "" if line.asked_amount is None else str(line.asked_amount)
        again = any(row.line == line.order_line_id for row in found)
        asked = (line.quantity, line.resolution, line.reason_id, line.exchange_for, amount, line.note)
        found.append(Row(line.order_line_id, *asked, again=again))
    return found


def seated(rows: list[Row], offers: list[queries.Offer]) -> list[Row]:
    """The rows as the page shows them: beside each product every wish for it, and, where more than one was bought, an empty row for a
    further one; then what else the order offers. Rows of what is not of this order are left out."""
    found: list[Row] = []
    wished = list(dict.fromkeys(row.line for row in rows))
    by_line = {offer.line.pk: offer for offer in offers}
    for line in [*(pk for pk in wished if pk in by_line), *(pk for pk in by_line if pk not in wished)]:
        own = [row for row in rows if row.line == line] or [Row(line)]
        if by_line[line].line.quantity > 1 and (len(own) == 1 or all(row.quantity for row in own)):
            own.append(Row(line, again=True))
        for row in own:
            row.offer = by_line[line]
        found += own
    return found


def _typed(request: HttpRequest) -> list[Row]:
    """What was posted: the nth row says which order line it is about (`line-n`), `quantity-n`, …"""
    found = []
    for n in range(MOST_ROWS):
        line = common.number(request, f"line-{n}", most=18)
        if line is None:
            break
        row = Row(line, common.number(request, f"quantity-{n}") or 0, request.POST.get(f"resolution-{n}", ""))
        row.reason = common.number(request, f"reason-{n}", most=18)
        row.exchange_for = request.POST.get(f"exchange_for-{n}", "")
        row.amount = request.POST.get(f"amount-{n}", "").strip()
        row.note = request.POST.get(f"note-{n}", "")[:300]
        row.again = bool(request.POST.get(f"again-{n}"))
        found.append(row)
    return found


def _asked(rows: list[Row]) -> list[Asked]:
    return [
        Asked(row.line, row.quantity, row.resolution, row.reason or 0, row.exchange_for[:300], _money(row.amount), row.note)
        for row in sorted(rows, key=lambda row: row.again)
        if row.quantity > 0
    ]


def _money(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation as wrong:
        raise Refused("invalid", errors={"amount": [NOT_MONEY]}) from wrong
    if not amount.is_finite() or amount < 0 or amount >= Decimal(10) ** 12:
        raise Refused("invalid", errors={"amount": [NOT_MONEY]})
    return amount.quantize(Decimal("0.01"))


def _header(request: HttpRequest, form: ReturnForm | None = None) -> dict[str, Any]:
    """What was typed beside the lines. A due date that still reads as it was shown (to the minute) was not typed."""
    payer = request.POST.get("freight_payer", FreightPayer.CUSTOMER)
    found: dict[str, Any] = {
        "words": request.POST.get("words", "").strip().replace("\r\n", "\n"),
        "note": request.POST.get("note", "").strip().replace("\r\n", "\n"),
        "freight_payer": payer if payer in FreightPayer.values else FreightPayer.CUSTOMER,
    }
    for name in DUES:
        if name in request.POST and (form is None or request.POST[name] != _typed_instant(getattr(form, name))):
            found[name] = _instant(request.POST[name], name)
    return found


def _typed_instant(at: datetime | None) -> str:
    """An instant as a browser's date-time field holds it: the team's wall clock, to the minute."""
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M") if at else ""


def _instant(text: str, name: str) -> Any:
    """A browser's local date and time, in the team's time zone; empty: the policy decides."""
    if not text.strip():
        return None
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise Refused("invalid", errors={name: [NOT_TIME]})
    return timezone.make_aware(found) if timezone.is_naive(found) else found
