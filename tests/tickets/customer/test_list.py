"""The list of customers: narrowed, walked to its end, given as a file, asked for by programs."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import NOON, Cast, make_cast, make_customer
from tickets.customer import actions
from tickets.customer.models import Customer
from tickets.order.actions import Line, log_order
from tickets.ticket.actions import open_ticket

pytestmark = pytest.mark.django_db
ROW = re.compile(r'id="c-(\d+)"')


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def client_of(member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def shown(client: Client, query: str = "") -> list[int]:
    return [int(pk) for pk in ROW.findall(client.get(f"/customers/{query}").content.decode())]


def filed(client: Client, query: str) -> list[list[str]]:
    response = client.get(f"/customers/?format=csv{query}")
    return list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))


def test_it_is_reached_from_the_look_up(cast: Cast) -> None:
    assert 'href="/customers/"' in client_of(cast.bob).get("/lookup/").content.decode()


def test_it_is_narrowed_and_the_file_and_the_api_have_the_same_rows(cast: Cast) -> None:
    liu, wang = make_customer(cast.team), make_customer(cast.team, "王先生", "tb_wang_77")
    actions.add_handle(wang, kind="email", value="wang@example.com", by=cast.bob)
    Customer.objects.filter(pk=wang.pk).update(created_at=NOON)
    open_ticket(by=cast.bob, customer=liu, subject="保温杯漏水")
    bob = client_of(cast.bob)
    asked = {
        "": [wang.pk, liu.pk],
        "q=tb_wang_77": [wang.pk],
        "q=王先": [wang.pk],
        "q=nobody": [],
        "kind=email": [wang.pk],
        "matters=open": [liu.pk],
        "matters=none": [wang.pk],
        "since=2026-11-21": [wang.pk],
        "until=2026-11-20": [liu.pk],
    }
    for query, found in asked.items():
        assert shown(bob, f"?{query}") == found, query
        assert [int(row[0]) for row in filed(bob, f"&{query}")[1:]] == found, query
        assert [row["id"] for row in bob.get(f"/api/v1/customers/?{query}").json()["results"]] == found, query


def test_what_cannot_be_read_is_refused_by_page_file_and_api(cast: Cast) -> None:
    bob = client_of(cast.bob)
    for query in ("since=yesterday", "kind=fax", "matters=some"):
        assert bob.get(f"/customers/?{query}").status_code == 422, query
        assert bob.get(f"/customers/?{query}&format=csv").status_code == 422, query
        assert bob.get(f"/api/v1/customers/?{query}").json()["code"] == "invalid", query


def test_it_is_walked_to_its_end_and_a_new_customer_repeats_none(cast: Cast) -> None:
    everybody = [make_customer(cast.team, f"Customer {number}", "").pk for number in range(120)]
    bob, seen = client_of(cast.bob), []
    page = bob.get("/customers/").content.decode()
    make_customer(cast.team, "Newcomer", "")
    while True:
        seen += [int(pk) for pk in ROW.findall(page)]
        older = re.search(r'rel="next" href="([^"]+)"', page)
        if older is None:
            break
        page = bob.get("/customers/" + older[1].replace("&amp;", "&")).content.decode()
    assert seen == everybody[::-1]


def test_a_row_tells_what_is_open_and_bought_and_hides_the_phone(cast: Cast) -> None:
    liu, now = make_customer(cast.team), timezone.now()
    actions.add_handle(liu, kind="phone", value="139 1234 5678", by=cast.bob)
    for number, days in (("1", 3), ("2", 1)):
        log_order(
            by=cast.bob, shop=cast.shop, number=number, customer=liu, lines=[Line("保温杯", 1, 59)], placed_at=now - timedelta(days=days)
        )
    open_ticket(by=cast.bob, customer=liu, subject="保温杯漏水")
    head, row = filed(client_of(cast.wen), "")
    told = dict(zip(head, row, strict=True))
    assert (told["Open matters"], told["Orders"], told["Name"]) == ("1", "2", "刘女士")
    assert told["Last order"].startswith(f"{timezone.localtime(now - timedelta(days=1), cast.team.zone):%Y-%m-%d}")
    assert "tb_liu_8854" in told["Handles"] and "5678" in told["Handles"] and "1234" not in told["Handles"]


def test_whoever_became_another_and_another_teams_are_not_in_it(cast: Cast) -> None:
    liu, other, far = make_customer(cast.team), make_customer(cast.team, "刘小姐", "liu_jd"), make_customer(cast.other_team, "远", "far")
    actions.merge(other, liu, by=cast.bob)
    bob = client_of(cast.bob)
    assert shown(bob) == [liu.pk]
    assert far.pk not in shown(bob, "?q=far")


def test_more_customers_take_no_more_queries(cast: Cast, django_assert_max_num_queries) -> None:
    bob = client_of(cast.bob)
    for number in range(3):
        make_customer(cast.team, f"Customer {number}", f"tb_{number}")
    with django_assert_max_num_queries(20) as few:
        bob.get("/customers/")
    for number in range(40):
        make_customer(cast.team, f"Further {number}", f"further_{number}")
    with django_assert_max_num_queries(len(few)):
        bob.get("/customers/")
