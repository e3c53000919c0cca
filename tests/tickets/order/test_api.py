"""orders/, imports/ and customers/ of the API."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import Cast, make_cast, make_customer
from tests.tickets.order import exports
from tickets.customer.models import Customer
from tickets.order.imports.run import run_import
from tickets.order.models import Import, Order

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def bob(cast: Cast) -> Client:
    return signed_in(cast.bob)


def signed_in(member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def logged(client: Client, cast: Cast, number: str = "A100200300", **more):
    body = {
        "shop": cast.shop.pk,
        "number": number,
        "handle": "tb_liu_8854",
        "lines": [{"title": "保温杯", "quantity": 2, "price": "59.90"}],
    } | more
    return client.post(API + "orders/", body, content_type="application/json")


def test_an_order_is_logged_listed_and_read(bob: Client, cast: Cast) -> None:
    answer = logged(bob, cast, phone="13912345678")
    assert answer.status_code == 201
    order = answer.json()
    assert (order["total"], order["currency"], order["phone"]) == ("119.80", "CNY", "139****5678")
    assert bob.get(f"{API}orders/{order['id']}/").json() == order
    assert [row["id"] for row in bob.get(API + "orders/", {"number": "A100200300"}).json()["results"]] == [order["id"]]
    assert bob.get(API + "orders/", {"customer__name": "x"}).status_code == 400
    assert bob.get(API + "orders/", {"ordering": "logged_by__password"}).status_code == 400


@pytest.mark.parametrize(
    ("told", "total", "paid"),
    [({"paid": "88.00", "lines": []}, "88.00", "88.00"),
     ({"paid": "88.00", "lines": [{"title": "cup"}]}, "88.00", "88.00"),
     ({"paid": "88.00"}, "119.80", "88.00"),
     ({"paid": "88.00", "total": "0.00"}, "0.00", "88.00")],
)  # fmt: skip
def test_what_was_paid_stands_for_an_amount_that_nobody_said(bob: Client, cast: Cast, told: dict, total: str, paid: str) -> None:
    order = logged(bob, cast, **told).json()
    assert (order["total"], order["paid"]) == (total, paid)


def test_an_order_with_a_known_number_is_a_duplicate(bob: Client, cast: Cast) -> None:
    first = logged(bob, cast).json()
    again = logged(bob, cast)
    assert (again.status_code, again.json()["code"], again.json()["order"]) == (409, "duplicate", first["id"])
    assert again["Content-Type"].startswith("application/problem+json")


def test_a_repeated_key_logs_once(bob: Client, cast: Cast) -> None:
    body = {"shop": cast.shop.pk, "number": "K1"}
    answers = [bob.post(API + "orders/", body, content_type="application/json", headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Order.objects.count() == 1


def test_a1_another_team_gets_404_and_sees_no_row(bob: Client, cast: Cast) -> None:
    order = logged(bob, cast).json()
    mallory = signed_in(cast.mallory)
    assert mallory.get(f"{API}orders/{order['id']}/").status_code == 404
    assert mallory.get(f"{API}customers/{order['customer']}/").status_code == 404
    assert mallory.get(f"{API}customers/{order['customer']}/timeline/").status_code == 404
    assert mallory.get(API + "orders/").json()["results"] == []
    assert mallory.get(API + "customers/lookup/", {"handle": "tb_liu_8854"}).json()["customer"] is None
    assert logged(mallory, cast, "M1").status_code == 400


def test_a2_the_warehouse_gets_phones_and_no_money(bob: Client, cast: Cast) -> None:
    order = logged(bob, cast, phone="+8613912345678").json()
    seen = signed_in(cast.wen).get(f"{API}orders/{order['id']}/").json()
    assert (seen["phone"], seen["total"], seen["paid"], seen["lines"][0]["price"]) == ("+8613912345678", None, None, None)
    assert logged(signed_in(cast.wen), cast, "W1").status_code == 403
    assert logged(signed_in(cast.olga), cast, "O1").status_code == 403


def test_the_side_panel_asks_one_question(bob: Client, cast: Cast, django_assert_max_num_queries) -> None:
    order = logged(bob, cast).json()
    with django_assert_max_num_queries(14):
        found = bob.get(API + "customers/lookup/", {"handle": "TB_Liu_8854", "platform": "tmall"}).json()
    assert found["customer"]["id"] == order["customer"]
    assert [row["number"] for row in found["orders"]] == ["A100200300"]
    assert bob.get(API + "customers/lookup/", {"handle": "nobody"}).json() == {"customer": None, "open": [], "orders": []}
    assert bob.get(API + "customers/lookup/").status_code == 400
    assert bob.get(API + "customers/lookup/", {"handle": "x", "platform": "nowhere"}).status_code == 400


def test_the_timeline_holds_orders_and_deeds_and_goes_on(bob: Client, cast: Cast) -> None:
    order = logged(bob, cast).json()
    told = bob.get(f"{API}customers/{order['customer']}/timeline/").json()
    assert "order.logged" in [row["code"] for row in told["results"]]
    assert [row["at"] for row in told["results"]] == sorted((row["at"] for row in told["results"]), reverse=True)
    assert bob.get(f"{API}customers/{order['customer']}/timeline/", {"before": "never"}).status_code == 400


def test_c8_merging_by_api_moves_everything_and_refuses_itself(bob: Client, cast: Cast) -> None:
    order = logged(bob, cast).json()
    base = make_customer(cast.team, "刘小姐", "tb_liu_second")
    merged = bob.post(f"{API}customers/{order['customer']}/merge/", {"into": base.pk}, content_type="application/json")
    assert merged.status_code == 200
    assert {handle["value"] for handle in merged.json()["handles"]} == {"tb_liu_second", "tb_liu_8854"}
    assert bob.get(f"{API}orders/{order['id']}/").json()["customer"] == base.pk
    again = bob.post(f"{API}customers/{base.pk}/merge/", {"into": base.pk}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    foreign = Customer.objects.create(team=cast.other_team, name="x", created_at=base.created_at)
    assert bob.post(f"{API}customers/{base.pk}/merge/", {"into": foreign.pk}, content_type="application/json").status_code == 404


def test_a_file_is_posted_and_answers_202_with_progress_and_rows(bob: Client, cast: Cast) -> None:
    rows = [*exports.taobao(2), {**next(exports.taobao(1, first=9)), "订单编号": "3.5E+17"}]
    file = SimpleUploadedFile("orders.csv", exports.csv_text(exports.TAOBAO_56, rows).encode("gb18030"))
    answer = bob.post(API + "imports/", {"shop": cast.shop.pk, "file": file, "dry_run": "false"})
    assert (answer.status_code, answer.json()["kind"], answer.json()["state"]) == (202, "taobao.orders", "waiting")
    run_import(Import.objects.get().pk)
    run = bob.get(f"{API}imports/{answer.json()['id']}/").json()
    assert (run["state"], run["rows"], run["created"], run["problems"], run["reviews"]) == ("done", 3, 2, 1, 1)
    (row,) = bob.get(f"{API}imports/{run['id']}/rows/").json()["results"]
    assert (row["line"], row["column"], row["code"], row["value"], row["taken"]) == (4, "订单编号", "id_damaged", "3.5E+17", False)
    assert signed_in(cast.mallory).get(f"{API}imports/{run['id']}/rows/").status_code == 404


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PK\x03\x04nonsense", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1x"])
def test_what_is_no_export_is_refused_with_the_reason(bob: Client, cast: Cast, content: bytes) -> None:
    answer = bob.post(API + "imports/", {"shop": cast.shop.pk, "file": SimpleUploadedFile("x.csv", content)})
    assert answer.status_code == 400
    assert answer.json()["errors"]["file"]
    assert Import.objects.count() == 0
