"""What was sent again counts among the cost of after-sale, by what had been paid for it; an exchange brings its goods back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from handover.report import counting
from tests.cast import make_cast, make_customer
from tickets.order.actions import Line, log_order
from tickets.order.models import Order, OrderLine
from tickets.return_form import actions as forms
from tickets.ticket.models import Reason

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 10, 4, tzinfo=UTC)


def settled(cast, reason, number: str, resolution: str) -> None:
    """Two pots paid with 90 of 100, one of which is sent again or exchanged."""
    customer = make_customer(cast.team, handle=f"tb_{number}")
    order = log_order(by=cast.bob, shop=cast.shop, number=number, customer=customer, lines=[Line("Pot", 2, 50)], paid=90, at=AT)
    Order.objects.filter(pk=order.pk).update(shipped_at=AT, paid_at=AT)
    OrderLine.objects.filter(order=order).update(paid=90)
    line = OrderLine.objects.get(order=order)
    form = forms.file(order, [forms.Asked(line.pk, 1, resolution, reason.pk, "Pot")], by=cast.dora, signed=True, at=AT)
    if resolution == "reship":
        form = forms.cosign(form, by=cast.wen, outcome="no_goods_expected", at=AT + timedelta(hours=1))
    else:
        counts = [forms.Counted(1, ok=1, disposition="restock")]
        form = forms.cosign(forms.inspect(form, by=cast.wen, counts=counts, at=AT), by=cast.wen, at=AT + timedelta(hours=1))
    form = forms.decide(form, by=cast.alice, rationale="as asked", at=AT + timedelta(hours=2))
    forms.settle(form, by=cast.dora, reference=f"SF{number}", at=AT + timedelta(hours=3))


def test_goods_sent_again_cost_what_was_paid_for_them(client):
    cast = make_cast()
    head = Reason.objects.create(team=cast.team, name="Quality")
    reason = Reason.objects.create(team=cast.team, parent=head, name="Leaks", fault="ours")
    settled(cast, reason, "R1", "reship")
    settled(cast, reason, "X1", "exchange")
    counting.count_stale()
    client.force_login(cast.alice.user)
    with time_machine.travel(AT + timedelta(days=1), tick=True):
        total = client.get("/api/v1/reports/return-reasons/").json()["total"]
        cost = next(cell for cell in total if cell["measure"] == "cost")
        assert (Decimal(cost["numerator"]), Decimal(cost["denominator"])) == (45, 180)
        rows = b"".join(client.get("/reports/return-reasons/rows/?measure=cost&format=csv")).decode("utf-8-sig").splitlines()
    assert len(rows) == 2 and "Goods sent again" in rows[1] and "45" in rows[1], "the row behind it is the reshipment, not the exchange"
    assert counting.recount(cast.team, write=False) == {}
