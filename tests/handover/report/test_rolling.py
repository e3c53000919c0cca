"""The rolling line: every point is the 15 days that end with it, counted by hand; and the same in the table, the file and the API."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.report import counting, queries
from handover.report.asking import FEW, WINDOW, Asked, read
from handover.report.building import DAILY, build
from handover.report.measures import COMPENSATION, COMPLAINTS, REPORTS
from handover.report.rolling import of_report, rolling, step_of
from tests.cast import make_cast, make_customer
from tests.handover.report.history import History, by_hand
from tickets.order.models import Order
from tickets.people.models import Member, Team
from tickets.ticket import actions

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = date(2026, 11, 21)
RATE = COMPLAINTS.measures[0]


def asked(cast, **values: str) -> Asked:
    return read(values, cast.alice, bys=COMPLAINTS.bys, today=TODAY, own=False)


def summed(cells: Counter, first: date, last: date, shop: int | None = None) -> int:
    return sum(n for (day, of, *_rest), n in cells.items() if first <= day <= last and shop in (None, of))


@pytest.mark.parametrize(("seed", "zone"), [(0, "Asia/Shanghai"), (1, "America/New_York"), (2, "Australia/Lord_Howe")])
def test_d3_every_point_is_the_fifteen_days_up_to_it_and_opens_them(seed, zone):
    """Across both months' ends and, away from Shanghai, across a night with an hour more or less."""
    cast = make_cast()
    Team.objects.filter(pk=cast.team.pk).update(time_zone=zone)
    cast.team.refresh_from_db()
    cast.alice.team.refresh_from_db()
    history = History(cast, 300 + seed)
    for _number in range(110):
        history.step()
    counting.count_stale()
    told, seen = by_hand(cast), 0
    for shop in (None, cast.shop.pk):
        view = asked(cast, **{"from": "2026-10-05", "to": "2026-11-10"} | ({"shop": str(shop)} if shop else {}))
        points = rolling(RATE, view)
        assert [p.last for p in points] == [view.first + n * DAY for n in range(view.days)]
        for p in points:
            assert (p.last - p.first).days == WINDOW - 1
            assert p.top == summed(told["complaints"], p.first, p.last, shop), p
            assert p.bottom == summed(told["orders"], p.first, p.last, shop), p
            seen += p.top > 0
        opened = asked(cast, **{**view.values, "from": str(points[-1].first), "to": str(points[-1].last)})
        assert len(list(queries.every_behind(opened, RATE.top, {}, ""))) == points[-1].top
        assert len(list(queries.every_behind(opened, RATE.bottom, {}, ""))) == points[-1].bottom
    assert seen > 10


@given(st.integers(1, 3700))
def test_points_grow_far_slower_than_days_and_always_end_with_the_period(days):
    step = step_of(days)
    assert WINDOW % step == 0
    assert (days - 1) // step + 1 <= DAILY or days > DAILY * WINDOW


@pytest.mark.parametrize(("days", "points"), [(1, 1), (15, 15), (62, 62), (63, 21), (365, 25), (1095, 73)])
def test_it_is_read_with_one_query_whatever_the_range(days, points, django_assert_num_queries):
    cast = make_cast()
    view = asked(cast, window=f"{days}d")
    with django_assert_num_queries(1):
        found = rolling(RATE, view)
    assert (len(found), found[-1].last) == (points, view.last)
    assert found[0].last >= view.first


@pytest.fixture
def sold(client):
    """Two orders a day for 20 days, and one complaint: the newest window has 30 orders, the ones before its beginning fewer."""
    cast = make_cast()
    for back in range(20):
        for number in range(2):
            at = datetime(2026, 11, 20, 4, tzinfo=UTC) - back * DAY
            order = Order.objects.create(
                team=cast.team, shop=cast.shop, number=f"{back}-{number}", title="Pot", paid_at=at, paid=10, created_at=at, updated_at=at
            )  # fmt: skip
    actions.open_ticket(by=cast.bob, customer=make_customer(cast.team), subject="Leaks", at=at, orders=[order], complaint="dispute")
    counting.count_stale()
    client.force_login(cast.alice.user)
    return client


ADDRESS = "?from=2026-11-10&to=2026-11-20"


def test_screen_file_and_api_tell_the_same_points_and_mark_the_few(sold):
    told = sold.get(f"/api/v1/reports/complaint-rate/{ADDRESS}").json()["rolling"]
    rows = list(
        csv.reader(io.StringIO(b"".join(sold.get(f"/reports/complaint-rate/{ADDRESS}&panel=rolling&format=csv")).decode("utf-8-sig")))
    )
    assert [(r[0], r[1], float(r[3]), float(r[4])) for r in rows[1:]] == [
        (p["from"], p["to"], p["numerator"], p["denominator"]) for p in told
    ]
    html = sold.get(f"/reports/complaint-rate/{ADDRESS}").content.decode()
    table = html.split('id="rolling"')[1].split("<tbody>")[1].split("</tbody>")[0]
    shown = [tuple(map(float, re.findall(r">(\d+)</a>", line))) for line in table.split("</tr>")[:-1]]
    assert shown == [(p["numerator"], p["denominator"]) for p in reversed(told)]
    assert table.count("badge") == sum(p["few"] for p in told) == sum(0 < p["denominator"] < FEW for p in told) > 0
    assert [p["denominator"] for p in told][-1] == 30 and not told[-1]["few"]


def test_each_point_of_it_opens_exactly_its_rows(sold):
    html = sold.get(f"/reports/complaint-rate/{ADDRESS}").content.decode()
    table = html.split('id="rolling"')[1].split("<tbody>")[1].split("</tbody>")[0]
    for href, told in re.findall(r'<a href="([^"]+)">(\d+)</a>', table):
        assert f"Exactly the {told} row" in sold.get(href.replace("&amp;", "&")).content.decode(), href


def test_only_reports_that_have_it_give_it_as_a_file(sold):
    assert {name for name, report in REPORTS.items() if "rolling" in report.extras} == {COMPLAINTS.name, COMPENSATION.name}
    assert sold.get("/reports/custody/?panel=rolling&format=csv").status_code == 400
    assert sold.get("/reports/custody/?panel=points&format=csv").status_code == 200


def test_points_fifteen_days_apart_are_those_of_the_chart(sold):
    """Years are drawn in the same windows either way: they are read once."""
    view = asked_of(sold, "1095d")
    assert [(p.first, p.last, p.top, p.bottom) for p in rolling(RATE, view.asked)] == [
        (p.first, p.last, p.top, p.bottom) for p in of_report(view)
    ]
    html = sold.get("/reports/complaint-rate/?window=1095d").content.decode()
    assert 'id="rolling"' not in html, "drawn once"
    assert "over so long a time this is the rolling line, too" in html
    assert "42 more rows" in html, "the newest 31 of 73; the others on request"
    assert "42 more rows" not in sold.get("/reports/complaint-rate/?window=1095d&all=1").content.decode()


def asked_of(client, window: str):
    member = Member.objects.get(user=client.session["_auth_user_id"])
    return build(COMPLAINTS, read({"window": window}, member, bys=COMPLAINTS.bys, today=TODAY, own=False))
