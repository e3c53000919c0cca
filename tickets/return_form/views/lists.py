"""The list of forms, its export, and deciding like cases together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tickets.customer.models import Customer
from tickets.order.models import Order
from tickets.people.models import Member, Role, Shop
from tickets.return_form import actions, queries
from tickets.return_form.actions.deciding import lets_pass
from tickets.return_form.models import Fault, ReturnForm, ReturnLine, State
from tickets.return_form.rest.filters import FormFilters
from tickets.return_form.views import common
from tickets.ticket.models import Reason
from tickets.web.doors import door, member_of
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import csv_answer, xlsx_answer

SIZE = 25
MOST_WAITING = 15
MOST_TOGETHER = 30
FILTERS = ("state", "open", "older_than", "reason", "fault", "shop", "product", "agent", "customer", "order", "ticket")
PAGING = ("before",)


@door(GET="return.read")
def index(request: HttpRequest) -> HttpResponse:
    """What waits for me first; below it the team's forms, newest first, by the filters in the address."""
    member = member_of(request)
    rows, kept = filtered(request)
    before = whole_number(request.GET.get("before", ""))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    top = not kept and not before  # the desk itself, which is asked for most
    ids = queries.newest_ids(member, SIZE + 1) if top else list(rows.order_by("-id").values_list("pk", flat=True)[: SIZE + 1])
    waiting = queries.most_urgent_ids(member, MOST_WAITING + 1) if top else []
    shown = queries.listed([*waiting[:MOST_WAITING], *ids])
    mine, found = shown[: len(waiting[:MOST_WAITING])], shown[len(waiting[:MOST_WAITING]) :]
    context = {
        "waiting": [(row, queries.WHAT.get(State(row.state), "settle")) for row in mine],
        "stages": queries.stages(member, timezone.now()) if top else [],
        "more_waiting": len(waiting) > MOST_WAITING,
        "forms": found[:SIZE],
        "older": "?" + urlencode({**kept, "before": found[SIZE - 1].pk}, doseq=True) if len(found) > SIZE else None,
        "newest": "?" + urlencode(kept, doseq=True) if before else None,
        "kept": kept,
        "address": urlencode(kept, doseq=True),
        "chips": _chips(member, kept),
        "words": common.words(),
    }
    return page(request, "tickets/return_form/list.html", context | common.shared(request), block="forms")


@door(GET="return.read")
def filters(request: HttpRequest) -> HttpResponse:
    """What the list can be narrowed by, loaded when somebody asks for it: choices of a large team are not part of every page."""
    member = member_of(request)
    context = {
        "kept": filtered(request)[1],
        "states": State.choices,
        "faults": Fault.choices,
        "reasons": common.reasons(member),
        "shops": list(Shop.objects.filter(team_id=member.team_id).values_list("pk", "name")),
        "people": _sellers(member),
    }
    return page(request, "tickets/return_form/filters.html", context, block="filters")


def _sellers(member: Member) -> list[tuple[int, str]]:
    found = Member.objects.visible_to(member).active().with_role(Role.AGENT, Role.AFTER_SALE)
    return list(found.values_list("pk", "display_name")[:100])


def filtered(request: HttpRequest) -> tuple[QuerySet[ReturnForm], dict[str, Any]]:
    """The forms that the address asks for, and the filters that are set. What cannot be read narrows to nothing: 404."""
    data = request.GET.copy()
    for name in list(data):
        if name not in FILTERS or not any(data.getlist(name)):
            del data[name]
    ours = ReturnForm.objects.visible_to(member_of(request))
    if not data:
        return ours, {}
    found = FormFilters(data, queryset=ours, request=request)
    if not found.is_valid():
        raise Refused("not_found")
    return found.qs, {name: data.getlist(name) if name == "state" else data[name] for name in data}


CHIPS = {
    "state": gettext_lazy("State"),
    "open": gettext_lazy("Open"),
    "older_than": gettext_lazy("Older than (days)"),
    "reason": gettext_lazy("Reason"),
    "fault": gettext_lazy("Fault"),
    "shop": gettext_lazy("Shop"),
    "product": gettext_lazy("Product"),
    "agent": gettext_lazy("Agent"),
    "customer": gettext_lazy("Customer"),
    "order": gettext_lazy("Order"),
    "ticket": gettext_lazy("Ticket"),
}
NAMED: dict[str, tuple[type[Model], str]] = {
    "reason": (Reason, "name"), "shop": (Shop, "name"), "agent": (Member, "display_name"), "order": (Order, "number"),
    "customer": (Customer, "name"),
}  # fmt: skip
"""What a filter names by its number, and how people call it."""


def _chips(member: Member, kept: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What is filtered, each with the address without it."""
    found = []
    for name, value in kept.items():
        without = "?" + urlencode({key: other for key, other in kept.items() if key != name}, doseq=True)
        found.append((str(CHIPS[name]), _called(member, name, value), without))
    return found


def _called(member: Member, name: str, value: Any) -> str:
    """A filter's value as people say it; a number that is not of the team stays a number."""
    if name == "state":
        return _(", ").join(str(State(one).label) for one in value)
    number = whole_number(value) if name in NAMED else None
    if number is not None:
        model, called = NAMED[name]
        rows: Any = model._default_manager.filter(team=member.team_id, pk=number)
        return str(rows.values_list(called, flat=True).first() or value)
    return str(Fault(value).label if name == "fault" else value)


@door(GET="return.export")
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Exactly the rows of the list, one row a line of a form, as csv or xlsx."""
    if kind not in ("csv", "xlsx"):
        raise Refused("not_found")
    money = common.shared(request)["money"]
    rows, _kept = filtered(request)
    answer = csv_answer if kind == "csv" else xlsx_answer
    found: HttpResponseBase = answer(heading(money=money), sheet_rows(rows, money=money), name="returns")
    return found


def heading(*, money: bool) -> list[str]:
    head = [_("Form"), _("State"), _("Order"), _("Shop"), _("Customer"), _("Filed by"), _("Filed"), _("Product"), _("SKU"), _("Quantity")]
    head += [_("Wanted"), _("Reason"), _("Received"), _("Damaged"), _("Missing"), _("Granted"), _("Approved"), _("Fault"), _("Closed")]
    return [*head, _("Amount"), _("Currency")] if money else head


def sheet_rows(rows: QuerySet[ReturnForm], *, money: bool) -> Iterator[list[Any]]:
    """Line by line, newest form first, read in pieces."""
    for form in queries.told(rows).order_by("-id").iterator(chunk_size=500):
        of_form: list[Any] = [form.number, form.get_state_display(), form.order.number, form.shop.name, str(form.customer or "")]
        of_form += [form.filed_by.display_name, form.filed_at]
        for line in form.lines.all():
            row = of_form + _cells(line) + [form.closed_at]
            yield [*row, line.amount, form.order.currency] if money else row


def _cells(line: ReturnLine) -> list[Any]:
    asked = [line.order_line.title, line.order_line.sku, line.quantity, line.get_resolution_display(), line.reason.name]
    counted = [line.received if line.is_counted else None, line.damaged, line.missing]
    granted = line.get_granted_display() if line.granted else ""
    return [*asked, *counted, granted, line.approved_quantity, line.get_fault_display() if line.fault else ""]


@door(GET="return.decide", POST="return.decide")
def decide_together(request: HttpRequest) -> HttpResponse:
    """Like cases side by side (`?like=` a form's id); each that is ticked gets its own signature, or none does."""
    member = member_of(request)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            done = _decide(request, member)
            said = ngettext("%(num)s form decided and signed.", "%(num)s forms decided and signed.", done)
            messages.success(request, said % {"num": done})
            return see_other(request, reverse("return_form:decide_together"))
        except Refused as problem:
            refused = problem
    case = _case(request, member)
    waiting = (queries.like(queries.to_decide(member), case) if case else queries.to_decide(member))[:MOST_TOGETHER]
    forms = queries.listed(list(waiting.values_list("pk", flat=True)))
    policy = actions.policy_of(member.team)
    context = {
        "forms": forms,
        "case": case,
        "words": common.words(),
        "policy": policy,
        "passing": {form.pk for form in queries.told(waiting) if _as_asked(form, policy)} if policy.max_amount > 0 else set(),
        "which": refused.extra.get("refused", []) if refused else [],
    }
    return common.answer(request, "decide", context, refused)


def _case(request: HttpRequest, member: Member) -> ReturnForm | None:
    """The form that the others shall be like."""
    return ReturnForm.objects.visible_to(member).filter(pk=whole_number(request.GET.get("like", ""))).first()


def _decide(request: HttpRequest, member: Member) -> int:
    common.prove(request)
    seen: dict[int, dict[str, int]] = {}
    for text in request.POST.getlist("form"):
        pk, _dot, version = text.partition(".")
        form, saw = whole_number(pk), whole_number(version, digits=9)
        if form is not None and saw is not None:
            seen[form] = {"version": saw}
    if not seen:
        raise Refused("invalid", errors={"form": [_("Tick at least one form.")]})
    how = request.POST.get("how", "approve")
    rationale = request.POST.get("rationale", "")
    return len(actions.decide_together(seen, by=member, reject=how == "reject", by_rule=how == "rule", rationale=rationale))


def _as_asked(form: ReturnForm, policy: Any) -> bool:
    """Whether this form would pass by rule if granted as asked."""
    lines = list(form.lines.all())
    for line in lines:
        line.granted, line.approved_quantity = line.resolution, line.quantity
        line.amount = line.asked_amount or line.order_line.price * line.quantity
    return lets_pass(form, lines, policy.max_amount, policy.resolutions)
