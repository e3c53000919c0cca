"""The performance sheets as every other report: a month beside the one before, a year that is drawn, narrowed, opened, filed and sent."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.core import mail

from handover.message.actions import deliver
from handover.report import counting, performance_actions, schedules
from handover.report.models import ServiceDay
from handover.report.performance import PARTS
from handover.report.performance_asking import ask
from handover.report.performance_months import compared_with
from tests.cast import make_cast, make_customer
from tickets.order.models import Order
from tickets.people.models import Platform, Shop
from tickets.ticket import actions as tickets
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db
D = Decimal
OCTOBER, NOVEMBER = (datetime(2024, month, 10, 4, tzinfo=UTC) for month in (10, 11))
HOME = "/reports/performance/"


@pytest.fixture
def cast():
    """Bob sold forty in October with four complaints, and forty in November with one; half of each in a second shop, where nobody
    complained. Carol sold ten in November. Bob answered after 25 seconds in October, after 20 in November."""
    cast = make_cast()
    other = Shop.objects.create(team=cast.team, name="Second", platform=Platform.JD, currency="CNY")
    for at, complaints in ((OCTOBER, 4), (NOVEMBER, 1)):
        for number in range(40):
            order = sold(cast, cast.shop if number < 20 else other, cast.bob, at, f"{at.month}-{number}")
            if number < complaints:
                customer = make_customer(cast.team, handle=f"tb_{at.month}_{number}")
                tickets.open_ticket(by=cast.bob, customer=customer, subject="Leaks", at=at, orders=[order], complaint="dispute")
    for number in range(10):
        sold(cast, cast.shop, cast.carol, NOVEMBER, f"c{number}")
    for at, first in ((OCTOBER, 25), (NOVEMBER, 20)):
        ServiceDay.objects.create(
            team=cast.team, shop=cast.shop, account="bob", member=cast.bob, day=at.date(), received=100, asked=100, first=first,
            imported_at=at,
        )  # fmt: skip
    counting.count_stale()
    return cast


def sold(cast, shop, by, at, number):
    return Order.objects.create(team=cast.team, shop=shop, number=number, paid_at=at, paid=10, created_at=at, updated_at=at, sold_by=by)


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.json() if path.startswith("/api/") else answer.content.decode()


def filed(client, path):
    return list(csv.reader(io.StringIO(b"".join(client.get(path)).decode("utf-8-sig"))))


class Tables(HTMLParser):
    """The cells of every table of a page, as text and as addresses."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.links, self.inside = [], [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True
        elif tag == "a" and self.inside:
            self.links.append(dict(attrs)["href"])

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] = (self.rows[-1][-1] + data).strip()


def line(sheet, figure):
    return next(found for found in sheet["lines"] if found["figure"] == figure)


def test_a_month_is_told_beside_the_one_before(client, cast):
    client.force_login(cast.alice.user)
    bob = read(client, f"/api/v1/reports/performance/{cast.bob.pk}/?month=2024-11")
    rate = line(bob, "complaint-rate.rate")
    assert (rate["value"], rate["numerator"], rate["denominator"]) == ("0.025", "1", "40")
    assert (rate["before"], rate["change"], rate["verdict"]) == ("0.1", "-0.075", "few")
    assert (line(bob, "service.first")["before"], line(bob, "service.first")["change"]) == ("25", "-5")
    october = read(client, f"/api/v1/reports/performance/{cast.bob.pk}/?month=2024-10")
    assert bob["before"] == october["total"] and D(bob["change"]) == D(bob["total"]) - D(bob["before"]) > 0
    html = read(client, f"{HOME}{cast.bob.pk}/?month=2024-11")
    assert f"Total: {bob['total']} of 100, up from {bob['before']}." in html and "Compared with 2024-10." in html


def test_what_it_was_is_told_with_the_weights_of_then(client, cast):
    performance_actions.set_weights({"complaint-rate.rate": 100}, by=cast.alice, month=date(2024, 11, 1))
    client.force_login(cast.alice.user)
    bob, october = (read(client, f"/api/v1/reports/performance/{cast.bob.pk}/?month=2024-{month}") for month in (11, 10))
    assert bob["before"] == october["total"], "what the sheet of October says to this day"


@pytest.mark.parametrize(
    ("today", "then"),
    [(date(2026, 3, 15), (date(2026, 2, 1), date(2026, 2, 15))), (date(2026, 3, 30), (date(2026, 2, 1), date(2026, 2, 28))),
     (date(2026, 3, 31), (date(2026, 2, 1), date(2026, 2, 28))), (date(2026, 8, 1), (date(2026, 2, 1), date(2026, 2, 28))),
     (date(2026, 1, 5), (date(2026, 2, 1), date(2026, 2, 28)))],
)  # fmt: skip
def test_a_month_that_runs_is_compared_with_as_many_days(cast, today, then):
    assert compared_with(ask({"month": "2026-03"}, cast.alice), today) == then


def test_the_team_adds_up_and_every_sheet_is_the_reports_own_also_narrowed(client, cast):
    client.force_login(cast.alice.user)
    for more in ("", f"&shop={cast.shop.pk}", "&platform=jd", "&shift=Day"):
        team = read(client, f"/api/v1/reports/performance/team/?month=2024-11{more}")
        for found in team["lines"]:
            report, code = found["figure"].split(".")
            if code in ("filed", "bounced", "counted"):
                continue
            own = read(client, f"/api/v1/reports/{report}/?from=2024-11-01&to=2024-11-30{more}")
            cell = next(c for c in own["total"] if c["measure"] == code)
            assert (cell["value"], cell["numerator"]) == (found["value"], found["numerator"]), (more, found["figure"])
    whole, narrow = (
        line(read(client, f"/api/v1/reports/performance/team/?month=2024-11{more}"), "complaint-rate.rate")
        for more in ("", f"&shop={cast.shop.pk}")
    )
    assert (whole["numerator"], whole["denominator"]) == ("1", "50") and (narrow["numerator"], narrow["denominator"]) == ("1", "30")
    html = read(client, f"{HOME}?month=2024-11&shop={cast.shop.pk}")
    assert re.search(r"Not narrowed by Shop: [^<]*Notes signed on time", html), "what no shop says anything of"


@pytest.mark.parametrize("path", [HOME, HOME + "{bob}/"])
def test_d3_each_figure_of_the_page_opens_exactly_its_rows(client, cast, path):
    client.force_login(cast.alice.user)
    html = read(client, path.format(bob=cast.bob.pk) + f"?month=2024-11&chart=complaint-rate.rate&shop={cast.shop.pk}")
    links = {href for href in Tables(html).links if "/rows/" in href}
    assert {"measure=rate", "measure=first", "measure=four"} <= {part for href in links for part in href.split("&")}
    for href in links:
        page = read(client, href)
        told = int(re.search(r"Exactly the (\d+) row", page).group(1))
        assert len(filed(client, href + "&format=csv")) == 1 + told, href
    expected = {HOME: "2024-11-01&to=2024-11-30&shop", HOME + "{bob}/": f"2024-11-01&to=2024-11-30&member={cast.bob.pk}&shop"}[path]
    for part, count in (("", 1), ("&part=bottom", 30 if path == HOME else 20)):
        href = f"/reports/complaint-rate/rows/?from={expected}={cast.shop.pk}&measure=rate{part}"
        assert href in links and len(filed(client, href + "&format=csv")) == 1 + count


@pytest.mark.parametrize("chart", ["", "complaint-rate.rate", "service.received"])
def test_d3_file_and_screen_have_the_same_rows(client, cast, chart):
    client.force_login(cast.alice.user)
    address = f"{HOME}?month=2024-11&chart={chart}&all=1"
    head, *rows = filed(client, address + "&format=csv")
    screen = Tables(read(client, address)).rows
    table = next(place for place, row in enumerate(screen) if row and row[0] == "Member")
    shown = screen[table:]
    assert [row[0] for row in shown] == ["Member", *(row[0] for row in rows)]
    assert [title.split(": ")[-1] for title in head[: len(shown[0])]] == shown[0], "and, after them, what is not weighed"
    for filed_row, row in zip(rows, shown[1:], strict=True):
        assert [bool(cell.strip("–few ")) for cell in row[1:3]] == [bool(cell) for cell in filed_row[1:3]]
    assert client.get(address + "&format=xlsx").status_code == 200


def test_the_year_is_drawn_and_each_point_opens_what_it_is(client, cast):
    client.force_login(cast.alice.user)
    address = f"{HOME}{cast.bob.pk}/?month=2024-11"
    months = filed(client, address + "&panel=months&format=csv")
    bob = read(client, "/api/v1" + address)
    assert [row[:2] for row in months[1:]] == [[m["month"], m["total"]] for m in bob["months"]]
    assert [m["month"] for m in bob["months"]] == ["2024-10", "2024-11"], "months before the first figure are left out"
    drawn = address + "&chart=complaint-rate.rate"
    assert filed(client, drawn + "&panel=months&format=csv")[1:] == [["2024-10", "0.1", "4", "40"], ["2024-11", "0.025", "1", "40"]]
    html = read(client, drawn)
    points = [row for row in Tables(html).rows if row and row[0] in ("2024-10", "2024-11")]
    assert [(row[0], row[2], row[3]) for row in points] == [("2024-11", "1", "40"), ("2024-10", "4", "40")]
    assert all(row[4] for row in points), "eighty orders are enough for limits"
    assert "target 2.0" in html
    october = f"/reports/complaint-rate/rows/?from=2024-10-01&to=2024-10-31&member={cast.bob.pk}&measure=rate"
    assert october in Tables(html).links and len(filed(client, october + "&format=csv")) == 5


def test_a1_agents_read_nothing_of_the_team(client, cast):
    client.force_login(cast.bob.user)
    home = client.get(HOME + "?month=2024-11&shop=1&chart=service.first")
    assert home["Location"].startswith(f"{HOME}{cast.bob.pk}/?") and "chart=service.first" in home["Location"]
    for path in (HOME + "rows/?measure=filed", "/api/v1/reports/performance/team/", f"{HOME}{cast.carol.pk}/rows/?measure=filed"):
        assert client.get(path).status_code == 403, path
    assert [one["name"] for one in read(client, "/api/v1/reports/performance/")] == ["Bob"]
    assert {row[0] for row in filed(client, "/api/v1/reports/performance/?format=csv")}.isdisjoint({"Carol", "The team"})


@pytest.mark.parametrize("wrong", ["chart=weather.rain", "by=shop", "shop=x", "platform=moon", "format=pdf", "panel=hours&format=csv"])
def test_what_a_sheet_does_not_know_is_refused(client, cast, wrong):
    client.force_login(cast.alice.user)
    for path in (HOME, f"{HOME}{cast.bob.pk}/", "/api/v1/reports/performance/", f"/api/v1/reports/performance/{cast.bob.pk}/"):
        assert client.get(f"{path}?{wrong}").status_code == 400, path


def test_a2_who_sees_no_money_cannot_have_it_drawn(client, cast):
    client.force_login(cast.wen.user)
    own = f"{HOME}{cast.wen.pk}/"
    assert "chart=compensation.cases" in read(client, own) and "chart=compensation.sum" not in read(client, own)
    for path in (own, "/api/v1" + own):
        assert client.get(f"{path}?chart=compensation.sum").status_code == 400


def monthly(cast, query, members):
    return schedules.schedule(
        by=cast.alice, report="performance", query=query, every="month", monthday=1, hour=8, members=members, at=NOVEMBER
    )


def test_it_is_sent_each_month_and_each_reader_gets_what_that_reader_may_read(client, cast):
    monthly(cast, "?chart=complaint-rate.rate", [cast.alice, cast.bob])
    at = datetime(2024, 12, 1, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai
    assert schedules.send_due(at) == 1 and schedules.send_due(at + timedelta(hours=1)) == 0
    deliver(at)
    letters = {sent.to[0]: sent for sent in mail.outbox if "2024-11" in sent.subject}
    files = {to: tuple(sent.attachments[0]) for to, sent in letters.items()}
    name, content, _kind = files["alice@example.com"]
    assert name == "performance-2024-11.csv" and "The team" in content and "Carol" in content
    assert f"{HOME}?chart=complaint-rate.rate&month=2024-11" in letters["alice@example.com"].body
    name, content, _kind = files["bob@example.com"]
    assert name == f"performance-{cast.bob.pk}-2024-11.csv" and "Carol" not in content
    assert f"{HOME}{cast.bob.pk}/?chart=complaint-rate.rate&month=2024-11" in letters["bob@example.com"].body
    assert "Total: " in letters["bob@example.com"].body


def test_one_members_sheet_can_be_sent_and_the_page_leads_back_to_it(client, cast):
    client.force_login(cast.alice.user)
    html = read(client, f"{HOME}{cast.bob.pk}/?month=2024-11&chart=service.first")
    assert f"/reports/schedules/?report=performance&amp;query=chart%3Dservice.first%26member%3D{cast.bob.pk}" in html
    monthly(cast, f"chart=service.first&member={cast.bob.pk}", [cast.alice])
    assert f'href="{HOME}{cast.bob.pk}/?chart=service.first"' in read(client, "/reports/schedules/")
    for wrong in ("by=shop", "member=x", "chart=weather.rain"):
        with pytest.raises(Refused):
            monthly(cast, wrong, [cast.alice])


def test_the_number_of_queries_grows_neither_with_months_nor_with_members(client, cast, django_assert_max_num_queries):
    client.force_login(cast.alice.user)
    read(client, HOME)
    for path in (HOME, f"{HOME}{cast.bob.pk}/"):
        with django_assert_max_num_queries(24):
            read(client, f"{path}?month=2024-11&chart={PARTS[1].name}")
