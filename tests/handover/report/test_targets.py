"""What the team wants: set by managers, seen as a line and as a state, of the team and of single shops."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from handover.report import actions, counting
from handover.report.models import Target
from tests.cast import make_cast, make_customer, make_shop
from tickets.activity.models import Activity
from tickets.order.models import Order
from tickets.ticket import actions as tickets
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def cast():
    """Forty orders in each of two shops; one complaint in the first, four in the second."""
    cast = make_cast()
    cast.second = make_shop(cast.team, "Lotus Two")
    now = timezone.now()
    for number in range(80):
        shop = cast.second if number % 2 else cast.shop
        at = now - timedelta(days=2)
        order = Order.objects.create(
            team=cast.team, shop=shop, number=f"N{number}", paid_at=at, paid=10, created_at=at, updated_at=at, sold_by=cast.bob
        )
        if number == 0 or number in (1, 3, 5, 7):
            customer = make_customer(cast.team, handle=f"tb_{number}")
            tickets.open_ticket(by=cast.bob, customer=customer, subject="Leaks", at=at, orders=[order], complaint="dispute")
    counting.count_stale()
    return cast


def get(client, member, url):
    client.force_login(member.user)
    return client.get(url)


def test_a_target_is_a_state_in_the_tables_and_a_line_in_the_chart(client, cast):
    assert '<line class="target"' not in get(client, cast.alice, "/reports/complaint-rate/").content.decode()
    actions.set_targets({"complaint-rate.rate": D("0.05")}, by=cast.alice)
    html = get(client, cast.alice, "/reports/complaint-rate/?by=shop").content.decode()
    assert '<line class="target"' in html and "target 5.0" in html
    assert html.count(" missed<") == 2 and html.count(" reached<") == 1, "the team and the second shop miss it, the first shop reaches it"
    data = get(client, cast.alice, "/api/v1/reports/complaint-rate/?by=shop").json()
    assert (data["total"][0]["target"], data["total"][0]["met"]) == ("0.05", False)
    assert {row["label"]: row["cells"][0]["met"] for row in data["rows"]} == {"Lotus Kitchen": True, "Lotus Two": False}
    file = b"".join(get(client, cast.alice, "/reports/complaint-rate/?by=shop&format=csv")).decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(file)))
    assert [row[table[0].index("reached")] for row in table[1:]] == ["no", "yes"]


def test_a_shop_has_its_own_and_else_the_teams(client, cast):
    actions.set_targets({"complaint-rate.rate": D("0.05")}, by=cast.alice)
    actions.set_targets({"complaint-rate.rate": D("0.2")}, by=cast.alice, shop=cast.second)
    data = get(client, cast.alice, "/api/v1/reports/complaint-rate/?by=shop").json()
    assert {row["label"]: row["cells"][0]["target"] for row in data["rows"]} == {"Lotus Kitchen": "0.05", "Lotus Two": "0.2"}
    narrowed = get(client, cast.alice, f"/api/v1/reports/complaint-rate/?shop={cast.second.pk}").json()
    assert narrowed["total"][0]["target"] == "0.2"


def test_a_budget_is_for_15_days_and_grows_with_the_period(client, cast):
    actions.set_targets({"compensation.sum": D(1500)}, by=cast.alice)
    for days, budget in ((15, "1500"), (30, "3000"), (1, "100")):
        data = get(client, cast.alice, f"/api/v1/reports/compensation/?window={days}d").json()
        assert (data["total"][0]["target"], data["total"][0]["met"]) == (budget, True)
    narrowed = get(client, cast.alice, f"/api/v1/reports/compensation/?member={cast.bob.pk}").json()
    assert narrowed["total"][0]["target"] is None, "one member's part has no budget"
    shop = get(client, cast.alice, f"/api/v1/reports/compensation/?shop={cast.shop.pk}").json()
    assert shop["total"][0]["target"] is None, "the team's budget is not one shop's"


def test_the_page_saves_and_refuses(client, cast):
    client.force_login(cast.alice.user)
    saved = client.post("/reports/targets/", {"service.reply": "97", "service.first": "20", "promises.kept": ""})
    assert saved.status_code == 303
    assert set(Target.objects.values_list("measure", "value", "shop")) == {
        ("service.reply", D("0.97"), None),
        ("service.first", D(20), None),
    }
    assert 'value="97"' in client.get("/reports/targets/").content.decode()
    for wrong in ("120", "soon", "-1", "NaN"):
        answer = client.post("/reports/targets/", {"service.reply": wrong})
        assert answer.status_code == 422 and f'value="{wrong}"' in answer.content.decode(), "what was typed stays"
    assert Target.objects.get(measure="service.reply").value == D("0.97")
    client.post("/reports/targets/", {"service.reply": ""})
    assert not Target.objects.filter(measure="service.reply").exists()
    assert client.get("/reports/targets/?shop=999999").status_code == 404


def test_one_ledger_row_for_one_saving_and_none_for_none(cast):
    actions.set_targets({"service.reply": D("0.97"), "service.first": D(20)}, by=cast.alice)
    assert actions.set_targets({"service.reply": D("0.97")}, by=cast.alice) == {}
    row = Activity.objects.get(code="report.target_set")
    assert row.data["changes"] == {"service.reply": [None, "0.97"], "service.first": [None, "20"]}


def test_a1_agents_read_and_do_not_set(client, cast):
    page = get(client, cast.bob, "/reports/targets/")
    assert page.status_code == 200 and 'name="service.reply"' not in page.content.decode()
    assert client.post("/reports/targets/", {"service.reply": "1"}).status_code == 403
    assert client.put("/api/v1/reports/targets/", {"values": {"service.reply": "1"}}, content_type="application/json").status_code == 403
    assert get(client, cast.mallory, f"/reports/targets/?shop={cast.shop.pk}").status_code == 404
    with pytest.raises(Refused):
        actions.set_targets({"service.reply": D(1)}, by=cast.mallory, shop=cast.shop)
    actions.set_targets({"compensation.sum": D(7)}, by=cast.alice)
    assert get(client, cast.wen, "/api/v1/reports/targets/").json() == [], "money is not the warehouse's"


def test_the_api_sets_and_lists(client, cast):
    client.force_login(cast.alice.user)
    body = {"shop": cast.shop.pk, "values": {"service.average": "16"}}
    answer = client.put("/api/v1/reports/targets/", body, content_type="application/json")
    assert answer.json() == [{"measure": "service.average", "shop": cast.shop.pk, "value": "16.0000"}]
    wrong = client.put("/api/v1/reports/targets/", {"values": {"service.weather": "1"}}, content_type="application/json")
    assert wrong.status_code == 400 and "service.weather" in wrong.json()["errors"]


def test_the_database_keeps_one_target_of_ones_own_shop(cast):
    Target.objects.create(team=cast.team, measure="service.reply", value=1)
    with pytest.raises(IntegrityError, match="target_is_set_once"), transaction.atomic():
        Target.objects.create(team=cast.team, measure="service.reply", value=1)
    with pytest.raises(IntegrityError, match="target_is_of_its_shops_team"), transaction.atomic():
        Target.objects.create(team=cast.other_team, shop=cast.shop, measure="service.first", value=1)
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
