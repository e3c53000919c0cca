"""Real orders and reviews: the rates of the report against plain SQL over the same rows, counted another way."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from handover.report import counting
from tests.cast import make_cast, make_customer
from tickets.order.models import Order
from tickets.ticket.models import Assignment, Ticket, TicketOrder

DATA = Path(settings.BASE_DIR).parent / "shared" / "data"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason="../shared/data is absent: the real orders and reviews are not here"),
]
LONG_AGO = datetime(2016, 1, 1, tzinfo=UTC)
RATE = """
    SELECT (SELECT count(*) FROM tickets_ticket WHERE complained_at >= %(start)s AND complained_at < %(end)s),
           (SELECT count(*) FROM tickets_order WHERE paid_at >= %(start)s AND paid_at < %(end)s),
           (SELECT count(DISTINCT k.ticket_id) FROM tickets_order o JOIN tickets_ticketorder k ON k.order_id = o.id
            WHERE o.paid_at >= %(start)s AND o.paid_at < %(end)s)"""


def instant(text: str, zone) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC) if text else None


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return [{key.strip(): value for key, value in row.items()} for row in csv.DictReader(file)]


def report(client, cast, name: str, address: str) -> dict[str, dict]:
    client.force_login(cast.alice.user)
    return {cell["measure"]: cell for cell in client.get(f"/api/v1/reports/{name}/{address}").json()["total"]}


def plain(sql: str, **values) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()


def test_olist_reviews_of_two_stars_and_less_as_complaints(client):
    cast = make_cast()
    zone = cast.team.zone
    Order.objects.bulk_create(
        Order(
            team=cast.team, shop=cast.shop, number=row["order_id"], paid_at=instant(row["order_approved_at"], zone),
            created_at=LONG_AGO, updated_at=LONG_AGO,
        )
        for row in rows("olist/orders.csv")
    )  # fmt: skip
    known = dict(Order.objects.values_list("number", "pk"))
    customer = make_customer(cast.team)
    bad = [row for row in rows("olist/order_reviews.csv") if int(row["review_score"]) <= 2]
    made = Ticket.objects.bulk_create(
        Ticket(
            team=cast.team, customer=customer, shop=cast.shop, subject="Review", complaint="bad_review", opened_at=at, held_since=at,
            complained_at=at, updated_at=at, opened_by=cast.bob, holder=cast.bob,
        )
        for at in (instant(row["review_creation_date"], zone) for row in bad)
    )  # fmt: skip
    Assignment.objects.bulk_create(Assignment(ticket=t, to_member=cast.bob, cause="opened", at=t.opened_at) for t in made)
    links = [(t, known[row["order_id"]]) for t, row in zip(made, bad, strict=True) if row["order_id"] in known]
    TicketOrder.objects.bulk_create(TicketOrder(ticket=t, order_id=order) for t, order in links)
    counting.count_stale(limit=10_000)
    assert counting.recount(cast.team, write=False) == {}
    for first, last in (("2018-01-01", "2018-01-15"), ("2017-02-28", "2018-03-01"), ("2016-01-01", "2018-12-31")):
        cells = report(client, cast, "complaint-rate", f"?from={first}&to={last}")
        start, end = instant(first, zone), instant(f"{last}T23:59:59.999999", zone)
        complaints, orders, cohort = plain(RATE, start=start, end=end)
        assert (float(cells["rate"]["numerator"]), float(cells["rate"]["denominator"])) == (complaints, orders)
        assert float(cells["rate"]["value"]) == pytest.approx(complaints / orders, abs=1e-6)
        assert float(cells["cohort"]["numerator"]) == cohort > 0


def test_tmall_orders_and_refunds(client):
    cast = make_cast()
    zone = cast.team.zone
    found = rows("tmall_order_report/tmall_order_report.csv")
    Order.objects.bulk_create(
        Order(
            team=cast.team, shop=cast.shop, number=row["订单编号"], paid_at=instant(row["订单付款时间"], zone),
            paid=row["买家实际支付金额"],
            refunded=row["退款金额"], created_at=LONG_AGO, updated_at=LONG_AGO,
        )
        for row in found
    )  # fmt: skip
    counting.count_stale(limit=10_000)
    cells = report(client, cast, "return-reasons", "?from=2020-02-01&to=2020-03-31")
    refunded, paid = plain(
        "SELECT count(*) FILTER (WHERE refunded > 0), count(*) FROM tickets_order WHERE (paid_at AT TIME ZONE 'Asia/Shanghai')::date"
        " BETWEEN '2020-02-01' AND '2020-03-31'"
    )
    assert paid == 24_087
    assert (float(cells["refunded"]["numerator"]), float(cells["refunded"]["denominator"])) == (refunded, paid)
    assert counting.recount(cast.team, write=False) == {}
