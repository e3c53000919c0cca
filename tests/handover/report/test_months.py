"""Did last month's top reasons shrink: as many days of both months, rates and not only counts, and what can be told from chance."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from handover.report import counting
from handover.report.months import compared
from tests.cast import make_cast, make_customer
from tickets.order.actions import Line, log_order
from tickets.order.models import Order, OrderLine
from tickets.return_form import actions as forms
from tickets.ticket.models import Reason

D = date


@pytest.mark.parametrize(
    ("last", "then", "now"),
    [
        (D(2026, 11, 22), (D(2026, 10, 1), D(2026, 10, 22)), (D(2026, 11, 1), D(2026, 11, 22))),
        (D(2026, 11, 30), (D(2026, 10, 1), D(2026, 10, 31)), (D(2026, 11, 1), D(2026, 11, 30))),
        (D(2026, 3, 30), (D(2026, 2, 1), D(2026, 2, 28)), (D(2026, 3, 1), D(2026, 3, 28))),
        (D(2026, 1, 1), (D(2025, 12, 1), D(2025, 12, 1)), (D(2026, 1, 1), D(2026, 1, 1))),
        (D(2024, 2, 29), (D(2024, 1, 1), D(2024, 1, 31)), (D(2024, 2, 1), D(2024, 2, 29))),
    ],
)
def test_as_many_days_of_both_months_and_whole_months_once_they_are_over(last, then, now):
    assert compared(last) == (then, now)


NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
EARLY, LATE, THIS = datetime(2026, 10, 5, 4, tzinfo=UTC), datetime(2026, 10, 28, 4, tzinfo=UTC), datetime(2026, 11, 5, 4, tzinfo=UTC)
TOLD = {"Leaks": (30, 2, 10), "Scratched": (8, 0, 9), "Late": (1, 1, 1)}
"""Reason → forms early in October, late in October, in November."""


@pytest.fixture
def cast(db):
    """A hundred orders paid early in October and a hundred in November besides those that came back."""
    cast = make_cast()
    head = Reason.objects.create(team=cast.team, name="Quality")
    customer = make_customer(cast.team)
    for name, counts in TOLD.items():
        reason = Reason.objects.create(team=cast.team, parent=head, name=name, fault="ours")
        for at, count in zip((EARLY, LATE, THIS), counts, strict=True):
            for number in range(count):
                order = log_order(
                    by=cast.bob, shop=cast.shop, number=f"{name}{at:%m%d}{number}", customer=customer, lines=[Line("Pot", 1, 59)], paid=59
                )
                Order.objects.filter(pk=order.pk).update(shipped_at=at, paid_at=at)
                asked = forms.Asked(OrderLine.objects.get(order=order).pk, 1, "return_and_refund", reason.pk)
                form = forms.file(order, [asked], by=cast.dora, at=at)
                forms.submit(form, by=cast.dora, revision=form.revision, at=at + timedelta(minutes=1))
    for at in (EARLY, THIS):
        Order.objects.bulk_create(
            Order(team=cast.team, shop=cast.shop, number=f"M{at:%m%d}{n}", paid_at=at, paid=9, created_at=at, updated_at=at)
            for n in range(100)
        )
    counting.count_stale()
    with time_machine.travel(NOW, tick=True):
        yield cast


def test_known_answers_with_their_rows_and_the_file(client, cast):
    client.force_login(cast.alice.user)
    panel = client.get("/api/v1/reports/return-reasons/").json()["months"]
    assert (panel["then"]["to"], panel["now"]["to"]) == ("2026-10-20", "2026-11-20")
    told = {row["reason"]: (row["top_then"], row["orders_then"], row["top_now"], row["orders_now"]) for row in panel["reasons"]}
    assert [name.split(" · ")[1] for name in told] == ["Leaks", "Scratched", "Late"], "the most frequent of the whole month before first"
    assert list(told.values()) == [(30, 139, 10, 120), (8, 139, 9, 120), (1, 139, 1, 120)]
    verdicts = [row["verdict"] for row in panel["reasons"]]
    assert verdicts == ["shrunk", "larger, perhaps by chance", "too few to tell"]

    html = client.get("/reports/return-reasons/").content.decode()
    part = html[html.index("Did last month") :]
    assert "1 of last month's top reasons shrank, 0 grew, of 2 nothing can be told from chance." in part.replace("&#39;", "'")
    rows = re.findall(r'<a (?:data-open )?href="(/reports/return-reasons/rows/[^"]+)">(\d+)</a>', part[: part.index("</section>")])
    assert [int(n) for _href, n in rows] == [30, 10, 8, 9, 1, 1]
    for href, n in rows:
        said = re.sub(r"<[^>]+>", " ", client.get(href.replace("&amp;", "&")).content.decode())
        assert f"Exactly the {n} row" in said

    body = b"".join(client.get("/reports/return-reasons/?panel=months&format=csv")).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(body)))
    assert [(int(row[1]), int(row[4]), row[-1]) for row in lines[1:]] == [(30, 10, verdicts[0]), (8, 9, verdicts[1]), (1, 1, verdicts[2])]
    assert client.get("/reports/complaint-rate/?panel=months&format=csv").status_code == 400


def test_it_is_narrowed_as_the_view_is(client, cast):
    client.force_login(cast.alice.user)
    assert client.get("/api/v1/reports/return-reasons/?platform=jd").json()["months"]["reasons"] == []
    client.force_login(cast.dora.user)
    mine = client.get("/api/v1/reports/return-reasons/").json()
    assert mine["months"]["reasons"][0]["top_now"] == 10, "of the forms she filed herself"
