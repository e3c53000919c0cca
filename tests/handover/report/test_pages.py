"""The pages, files and the API of the reports: one view, three ways to have it; each for whom it is meant."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone
from python_calamine import CalamineWorkbook

from handover.report import counting
from handover.report.measures import REPORTS
from tests.cast import make_cast, make_customer
from tickets.order.models import Order, OrderLine
from tickets.people.models import Presence
from tickets.ticket import actions
from tickets.ticket.models import Reason

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    """A hundred orders in the last 15 days and two complaints; two hundred in the 15 days before and eight."""
    cast = make_cast()
    now = timezone.now()
    leak = Reason.objects.create(team=cast.team, name="Leaks", fault="ours")
    for number in range(300):
        at = now - timedelta(days=1 if number < 100 else 20)
        order = Order.objects.create(
            team=cast.team, shop=cast.shop, number=f"N{number}", paid_at=at, paid=10, sold_by=cast.bob if number % 2 else cast.carol,
            created_at=at, updated_at=at,
        )  # fmt: skip
        OrderLine.objects.create(order=order, key="1", title="Thermos" if number % 4 else "=Pot", price=10)
        if number < 2 or 100 <= number < 108:
            actions.open_ticket(
                by=cast.bob, customer=make_customer(cast.team, handle=f"tb_{number}"), subject=f"Leaks {number}", at=at, orders=[order],
                complaint="dispute", reason=leak,
            )  # fmt: skip
    counting.count_stale()
    return cast


def get(client, member, url, **more):
    client.force_login(member.user)
    return client.get(url, **more)


def text(response):
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body.decode()))


def test_known_answers_in_a_sentence(client, cast):
    html = text(get(client, cast.alice, "/reports/complaint-rate/"))
    assert "Complaint rate 2.0 % in the last 15 days, down from 4.0 %." in html
    assert "too few cases" in html
    data = get(client, cast.alice, "/api/v1/reports/complaint-rate/").json()
    rate = data["total"][0]
    assert (rate["value"], rate["numerator"], rate["denominator"], rate["before"]) == ("0.02", "2", "100", "0.04")
    assert len(data["points"]) == 30 and data["by"] == "product"


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_report_by_every_breakdown_and_narrowed(client, cast, name):
    for by in REPORTS[name].bys:
        response = get(client, cast.alice, f"/reports/{name}/?by={by}&window=90d")
        assert response.status_code == 200, (name, by)
        narrowed = f"/reports/{name}/?by={by}&shop={cast.shop.pk}&member={cast.bob.pk}&platform=taobao"
        assert get(client, cast.alice, narrowed).status_code == 200
        assert get(client, cast.alice, f"/api/v1/reports/{name}/?by={by}").status_code == 200


def test_d3_file_and_screen_and_api_have_the_same_rows(client, cast):
    address = "?by=product&window=40d"
    data = get(client, cast.alice, f"/api/v1/reports/complaint-rate/{address}").json()
    table = list(csv.reader(io.StringIO(file(client, cast, address + "&format=csv").decode("utf-8-sig"))))
    assert [row[0].lstrip("'") for row in table[1:]] == [row["label"] for row in data["rows"]]
    assert [float(row[2]) for row in table[1:]] == [float(row["cells"][0]["numerator"]) for row in data["rows"]]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(file(client, cast, address + "&format=xlsx"))).get_sheet_by_index(0).to_python()
    assert [row[0] for row in sheet] == [row[0] for row in table]
    html = text(get(client, cast.alice, f"/reports/complaint-rate/{address}"))
    assert all(row["label"] in html for row in data["rows"])
    assert table[2][0] == "'=Pot" or table[1][0] == "'=Pot", "no formula leaves"


def file(client, cast, address):
    return b"".join(get(client, cast.alice, f"/reports/complaint-rate/{address}"))


def test_a_figure_opens_its_rows(client, cast):
    html = text(get(client, cast.alice, "/reports/complaint-rate/rows/?measure=rate"))
    assert "Exactly the 2 rows" in html and "Leaks 0" in html and "Leaks 1" in html and "Leaks 100" not in html
    bottom = get(client, cast.alice, "/reports/complaint-rate/rows/?measure=rate&part=bottom&key=Thermos")
    assert "Exactly the 75 rows" in text(bottom)
    more = re.search(r'rel="next" href="([^"]+)"', bottom.content.decode()).group(1).replace("&amp;", "&")
    second = text(get(client, cast.alice, "/reports/complaint-rate/rows/" + more))
    first = text(bottom)
    numbers = [set(re.findall(r"\bN\d+\b", page)) for page in (first, second)]
    assert len(numbers[0]) == 50 and len(numbers[1]) == 25 and not numbers[0] & numbers[1]
    rows = file(client, cast, "rows/?measure=rate&part=bottom&format=csv").decode()
    assert len(list(csv.reader(io.StringIO(rows)))) == 101


@pytest.mark.parametrize(
    "address",
    ["?by=colour", "?from=soon", "?from=2026-02-30", "?from=2026-11-02&to=2026-11-01", "?window=15", "?window=0d", "?shop=x", "?shop=9%00",
     "?platform=moon", "?colour=red", "?format=pdf", "?from=1000-01-01"],
)  # fmt: skip
def test_what_does_not_exist_is_refused(client, cast, address):
    assert get(client, cast.alice, f"/reports/complaint-rate/{address}").status_code == 400
    assert get(client, cast.alice, f"/api/v1/reports/complaint-rate/{address}").status_code == 400


@pytest.mark.parametrize("address", ["?measure=x", "?measure=bad_review&part=bottom&key=%27&by=shop", "?after=x", "?after=2026-01-01~1~1"])
def test_rows_that_do_not_exist_are_refused(client, cast, address):
    assert get(client, cast.alice, f"/reports/complaint-rate/rows/{address}").status_code == 400


def test_a1_agents_read_their_own_figures_and_nobody_elses(client, cast):
    mine = get(client, cast.bob, "/api/v1/reports/complaint-rate/").json()
    assert mine["total"][0]["denominator"] == "50"
    assert {row["label"] for row in get(client, cast.bob, "/api/v1/reports/complaint-rate/?by=member").json()["rows"]} <= {"Bob"}
    assert get(client, cast.bob, f"/api/v1/reports/complaint-rate/?member={cast.carol.pk}").status_code == 403
    assert get(client, cast.bob, f"/reports/complaint-rate/rows/?member={cast.carol.pk}").status_code == 403
    assert "Exactly the 50 rows" in text(get(client, cast.bob, "/reports/complaint-rate/rows/?part=bottom"))
    other = get(client, cast.bob, f"/reports/complaint-rate/rows/?part=bottom&by=member&key={cast.carol.pk}")
    assert "Exactly the 0 rows" in text(other), "a row's key narrows the view, it never widens it"


def test_a1_another_team_counts_nothing_of_ours(client, cast):
    data = get(client, cast.mallory, "/api/v1/reports/complaint-rate/").json()
    assert data["total"][0]["denominator"] == "0" and data["rows"] == []
    assert "Leaks" not in text(get(client, cast.mallory, f"/reports/complaint-rate/rows/?shop={cast.shop.pk}"))


def test_a2_the_warehouse_reads_no_money(client, cast):
    assert get(client, cast.wen, "/reports/compensation/").status_code == 403
    assert get(client, cast.wen, "/api/v1/reports/return-reasons/").status_code == 403
    assert "Compensation" not in text(get(client, cast.wen, "/reports/"))
    assert get(client, cast.olga, "/reports/compensation/").status_code == 200


def test_unknown_is_not_found(client, cast):
    assert get(client, cast.alice, "/reports/weather/").status_code == 404
    assert get(client, cast.alice, "/api/v1/reports/weather/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_rows(client, cast, django_assert_max_num_queries):
    caches["local"].clear()
    for name in REPORTS:
        get(client, cast.alice, f"/reports/{name}/")
        with django_assert_max_num_queries(24):
            client.get(f"/reports/{name}/?window=365d")
    with django_assert_max_num_queries(18):
        client.get("/reports/")


def test_home_shows_every_report(client, cast):
    html = text(get(client, cast.alice, "/reports/"))
    for report in REPORTS.values():
        assert str(report.title) in html
    assert "2.0 %" in html


def test_home_shows_the_total_of_the_performance_sheet(client, cast):
    """The team's to who reads everybody's figures, the own to who does not; with the line of the months."""
    for reader, at in ((cast.alice, "/reports/performance/"), (cast.bob, f"/reports/performance/{cast.bob.pk}/")):
        card = get(client, reader, "/reports/").content.decode().split('href="/reports/performance/"')[1]
        shown = re.search(r'class="figure">([^<]+)<', card)[1]
        total = re.search(r"Total: ([\d.]+) of 100", get(client, reader, at).content.decode())
        assert total and shown == total[1], (reader, shown)


def test_a_surprise_is_one_tap_once_per_duty(client, cast):
    from handover.duty import actions as duty
    from handover.report.models import Surprise

    client.force_login(cast.bob.user)
    assert client.post("/reports/surprise/").status_code == 409
    Presence.objects.filter(member=cast.bob).update(on_since=None)
    duty.let_in(cast.bob, by=cast.alice, reason="first day")
    for _twice in range(2):
        assert client.post("/reports/surprise/", {"text": "the coupon had ended"}).status_code == 303
    assert Surprise.objects.get().text == "the coupon had ended"
    counting.count_stale()
    data = get(client, cast.alice, "/api/v1/reports/handover/").json()
    assert next(c for c in data["total"] if c["measure"] == "surprises")["value"] == "1"


def test_the_chart_can_show_any_figure_and_a_filter_that_says_nothing_is_named(client, cast):
    data = get(client, cast.alice, "/api/v1/reports/complaint-rate/?chart=bad_review").json()
    assert data["charted"] == "bad_review" and sum(point["numerator"] for point in data["points"]) == 0
    assert get(client, cast.alice, "/reports/complaint-rate/?chart=colour").status_code == 400
    told = text(get(client, cast.alice, f"/reports/handover/?shop={cast.shop.pk}"))
    assert "Not narrowed by Shop" in told
    assert get(client, cast.alice, f"/api/v1/reports/handover/?shop={cast.shop.pk}").json()["ignored"] == ["shop"]
    assert get(client, cast.alice, f"/api/v1/reports/complaint-rate/?shop={cast.shop.pk}").json()["ignored"] == []


def test_the_form_that_narrows_is_sent_where_it_is_wanted(client, cast):
    """With a link it opens on the page; htmx gets it alone, without counting anything; on the page there is no list of members."""
    page = get(client, cast.alice, "/reports/complaint-rate/?by=shop").content.decode()
    assert cast.bob.display_name not in page and 'href="?by=shop&amp;narrow=1"' in page
    wide = get(client, cast.alice, "/reports/complaint-rate/?by=shop&narrow=1").content.decode()
    assert f'<option value="{cast.bob.pk}"' in wide and "All figures" in wide and 'name="by" value="shop"' in wide
    alone = client.get("/reports/complaint-rate/?by=shop&narrow=1", headers={"HX-Request": "true"}).content.decode()
    assert f'<option value="{cast.bob.pk}"' in alone and "All figures" not in alone


def test_ten_rows_are_shown_and_the_drivers_are_told_of_all(client, cast):
    now = timezone.now()
    for number in range(14):
        order = Order.objects.create(
            team=cast.team, shop=cast.shop, number=f"M{number}", paid_at=now, paid=10, created_at=now, updated_at=now
        )  # fmt: skip
        OrderLine.objects.create(order=order, key="1", title=f"Lid {number:02}", price=10)
        for more in range(20 if number == 0 else 1):
            actions.open_ticket(
                by=cast.bob, customer=make_customer(cast.team, handle=f"m_{number}_{more}"), subject="Loose", at=now, orders=[order],
                complaint="dispute",
            )  # fmt: skip
    counting.count_stale()
    page = get(client, cast.alice, "/reports/complaint-rate/").content.decode()
    assert page.count("<tr data-row>") == 10 and "more rows" in page
    assert "“Lid 00” makes up" in text(get(client, cast.alice, "/reports/complaint-rate/"))
    every = get(client, cast.alice, "/reports/complaint-rate/?all=1").content.decode()
    assert every.count("<tr data-row>") == 16
