"""Orders that Shopify sends by itself: signed, in any order, any number of times."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import itertools
import json
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.cast import Cast, make_cast, make_shop
from tickets.activity.models import Activity
from tickets.customer.models import Customer
from tickets.order import pushes
from tickets.order.imports.pushing import take_order, take_refund
from tickets.order.imports.run import run_import
from tickets.order.imports.uploads import start, upload
from tickets.order.models import Order, OrderLine, PushDoor, Pushed
from tickets.people.models import Shop
from tickets.web.refusals import Refused
from tickets.web.sealed import unseal

pytestmark = pytest.mark.django_db
SECRET = "shpss_look_alike_0123456789"
DOMAIN = "lotus.myshopify.com"
DATA = Path(settings.BASE_DIR).parent / "shared" / "data" / "shopify_admin_api"


def document(number: int = 1001, *, updated: str = "2026-11-20T10:00:00+08:00", **changes: Any) -> dict[str, Any]:
    """An order as the Admin API writes it: amounts as texts, nested parts, nulls where nothing is."""
    found = {
        "id": 5_000_000_000 + number, "name": f"#{number}", "order_number": number, "currency": "CNY", "email": "Liu@Example.com",
        "created_at": "2026-11-20T09:00:00+08:00", "processed_at": "2026-11-20T09:01:00+08:00", "updated_at": updated,
        "financial_status": "paid", "fulfillment_status": None, "cancelled_at": None, "cancel_reason": None, "note": None,
        "total_price": "409.94", "total_outstanding": "0.00", "phone": None, "test": False,
        "shipping_lines": [{"code": "SF", "price": "10.00", "title": "SF"}],
        "customer": {"id": 7, "first_name": "Liu", "last_name": "Wei", "email": "liu@example.com", "phone": None},
        "billing_address": {"name": "Liu Wei", "country_code": "CN"},
        "shipping_address": {
            "name": "刘伟", "phone": "139 1234 5678", "address1": "中山路 1 号", "address2": None, "city": "南京", "province": "江苏",
            "zip": "210000", "country": "China", "country_code": "CN",
        },
        "line_items": [
            {"id": 1, "name": "Thermos - red", "title": "Thermos", "variant_title": "red", "sku": "T-R", "quantity": 2, "price": "150.00",
             "total_discount": "0.06", "fulfillment_status": None},
            {"id": 2, "name": "Spoon", "title": "Spoon", "variant_title": None, "sku": None, "quantity": 1, "price": "100.00"},
        ],
        "fulfillments": [], "refunds": [],
    }  # fmt: skip
    return found | changes


def refund(number: int = 1001, *, id: int = 31, amount: str = "100.00", status: str = "success") -> dict[str, Any]:
    transaction = {"id": id + 1, "amount": amount, "kind": "refund", "status": status, "currency": "CNY"}
    return {"id": id, "order_id": 5_000_000_000 + number, "refund_line_items": [], "transactions": [transaction]}


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def shop(cast: Cast) -> Shop:
    return make_shop(cast.team, "Lotus Abroad", "shopify")


@pytest.fixture
def way_in(cast: Cast, shop: Shop) -> PushDoor:
    return pushes.set_door(shop, by=cast.alice, domain=DOMAIN, secret=SECRET)


def send(way_in: PushDoor, told: Any, *, topic: str = "orders/updated", secret: str = SECRET, **headers: str):
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    head = {"X-Shopify-Hmac-Sha256": signature, "X-Shopify-Shop-Domain": DOMAIN, "X-Shopify-Topic": topic} | headers
    client = Client(enforce_csrf_checks=True)
    return client.post(f"/hooks/shopify/{way_in.token}/", body, content_type="application/json", headers=head)


def test_a_signed_order_comes_in_with_its_customer_its_lines_and_its_money(way_in: PushDoor, shop: Shop) -> None:
    told = document(fulfillment_status="fulfilled", fulfillments=[
        {"status": "failure", "created_at": "2026-11-20T12:00:00+08:00", "tracking_number": "BAD", "tracking_company": None},
        {"status": "success", "created_at": "2026-11-21T12:00:00+08:00", "tracking_number": "SF100200", "tracking_company": "SF"},
    ])  # fmt: skip
    answer = send(way_in, told, topic="orders/create")
    assert (answer.status_code, answer.json()) == (200, {"result": "created"})
    order = Order.objects.get(shop=shop)
    assert (order.number, order.status, order.source) == ("#1001", "shipped", "push")
    assert (order.total, order.paid, order.freight, order.refunded) == (Decimal("409.94"), Decimal("409.94"), 10, 0)
    assert (order.tracking, order.recipient, order.phone) == ("SF100200", "刘伟", "+8613912345678")
    assert [(line.title, line.sku, line.quantity, line.price, line.paid) for line in order.lines.all()] == [
        ("Thermos - red", "T-R", 2, Decimal("150.00"), Decimal("299.94")),
        ("Spoon", "", 1, Decimal("100.00"), Decimal("100.00")),
    ]
    assert set(order.customer.handles.values_list("kind", "key")) == {("email", "liu@example.com")}
    assert Activity.objects.get(code="order.pushed").order_id == order.pk


def test_d2_the_same_message_twice_does_nothing_twice(way_in: PushDoor) -> None:
    assert send(way_in, document()).json() == {"result": "created"}
    before = list(Order.objects.values()), list(OrderLine.objects.values()), Activity.objects.count()
    for _again in range(3):
        assert send(way_in, document()).json() == {"result": "unchanged"}
    assert before == (list(Order.objects.values()), list(OrderLine.objects.values()), Activity.objects.count())


def test_an_older_telling_never_overwrites_a_newer_one(way_in: PushDoor) -> None:
    send(way_in, document(updated="2026-11-20T12:00:00+08:00", financial_status="paid", note="new"))
    old = document(updated="2026-11-20T11:00:00+08:00", financial_status="pending", note="old")
    assert send(way_in, old).json() == {"result": "older"}
    order = Order.objects.get()
    assert (order.status, order.buyer_message) == ("paid", "new")


def test_a_telling_that_only_confirms_also_holds_back_what_is_older_than_it(way_in: PushDoor) -> None:
    send(way_in, document(updated="2026-11-20T10:00:00+08:00"))
    assert send(way_in, document(updated="2026-11-20T12:00:00+08:00")).json() == {"result": "unchanged"}
    late = document(updated="2026-11-20T11:00:00+08:00", financial_status="pending")
    assert send(way_in, late).json() == {"result": "older"}


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_whatever_order_messages_come_in_the_end_is_the_same(way_in: PushDoor, order: tuple[int, ...]) -> None:
    """Placed, shipped, refunded (alone), refunded (inside the order): each once or twice, in every order."""
    part = refund(amount="100.00")
    messages = [
        ("orders/create", document(updated="2026-11-20T10:00:00+08:00")),
        ("orders/fulfilled", document(updated="2026-11-20T11:00:00+08:00", fulfillment_status="fulfilled")),
        ("refunds/create", part),
        ("orders/updated", document(updated="2026-11-20T13:00:00+08:00", fulfillment_status="fulfilled", refunds=[part],
                                    financial_status="partially_refunded")),
    ]  # fmt: skip
    for place in order:
        assert send(way_in, messages[place][1], topic=messages[place][0]).status_code == 200
    found = Order.objects.get()
    assert (found.status, found.paid, found.refunded) == ("shipped", Decimal("409.94"), Decimal("100.00"))
    assert OrderLine.objects.count() == 2
    assert Customer.objects.count() == 1


def test_refunds_update_money_each_once(way_in: PushDoor) -> None:
    send(way_in, document())
    assert send(way_in, refund(id=31, amount="100.00"), topic="refunds/create").json() == {"result": "updated"}
    assert send(way_in, refund(id=31, amount="100.00"), topic="refunds/create").json() == {"result": "unchanged"}
    assert send(way_in, refund(id=32, amount="9.94", status="pending"), topic="refunds/create").json() == {"result": "unchanged"}
    order = Order.objects.get()
    assert (order.refunded, order.paid, order.status) == (100, Decimal("409.94"), "paid")
    send(way_in, refund(id=33, amount="309.94"), topic="refunds/create")
    order.refresh_from_db()
    assert (order.refunded, order.status) == (Decimal("409.94"), "refunded")
    changed = Activity.objects.filter(code="order.changed").order_by("id")
    assert changed.first().data["refunded"] == ["0.00", "100.00"]
    assert changed.count() == 2


def test_a_refund_before_its_order_waits_for_it(way_in: PushDoor) -> None:
    assert send(way_in, refund(), topic="refunds/create").json() == {"result": "waiting"}
    assert Order.objects.count() == 0
    send(way_in, document())
    assert Order.objects.get().refunded == 100


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"secret": "another key"}, 401),
        ({"X-Shopify-Hmac-Sha256": ""}, 401),
        ({"X-Shopify-Hmac-Sha256": "签名"}, 401),
        ({"X-Shopify-Shop-Domain": "orchid.myshopify.com"}, 403),
        ({"X-Shopify-Shop-Domain": ""}, 403),
    ],
)
def test_what_is_not_signed_for_this_shop_stays_out(way_in: PushDoor, changes: dict[str, str], status: int) -> None:
    answer = send(way_in, document(), **changes)
    assert answer.status_code == status
    assert Order.objects.count() == 0


def test_a_changed_body_breaks_the_signature(way_in: PushDoor) -> None:
    good = json.dumps(document()).encode()
    signature = base64.b64encode(hmac.new(SECRET.encode(), good, hashlib.sha256).digest()).decode()
    answer = send(way_in, good.replace(b"409.94", b"999.99"), **{"X-Shopify-Hmac-Sha256": signature})
    assert answer.status_code == 401


def test_another_address_a_closed_shop_and_another_method_find_nothing(way_in: PushDoor, shop: Shop) -> None:
    client = Client()
    assert client.post("/hooks/shopify/guessed/", b"{}", content_type="application/json").status_code == 404
    assert client.get(f"/hooks/shopify/{way_in.token}/").status_code == 405
    Shop.objects.filter(pk=shop.pk).update(is_active=False)
    assert send(way_in, document()).status_code == 404


@pytest.mark.parametrize("topic", ["app/uninstalled", "products/update", "", "orders/delete"])
def test_other_topics_are_answered_and_change_nothing(way_in: PushDoor, topic: str) -> None:
    assert send(way_in, document(), topic=topic).json() == {"result": "ignored"}
    assert Order.objects.count() == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b'"text"', b"{" * 10_000, b"\xff\xfe"])
def test_what_is_no_document_is_refused(way_in: PushDoor, body: bytes) -> None:
    assert send(way_in, body).status_code == 400


def test_ten_megabytes_are_the_most(way_in: PushDoor) -> None:
    assert send(way_in, b'{"note": "' + b"x" * (10 * 2**20)).status_code == 413
    large = document(note="x" * (9 * 2**20))  # above the limit of what people type
    assert send(way_in, large).status_code == 200
    assert len(Order.objects.get().buyer_message) == 2000


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"name": None, "order_number": None}, "order_number"),
        ({"id": None}, "id"),
        ({"total_price": "many"}, "total_price"),
        ({"total_price": "-1"}, "total"),
        ({"total_price": "1e999"}, "total_price"),
        ({"updated_at": None}, "updated_at"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"line_items": [{"quantity": 1.5}]}, "line_items[0].quantity"),
        ({"line_items": "none"}, "line_items"),
        (
            {"refunds": [{"id": 1, "transactions": [{"kind": "refund", "status": "success", "amount": "?"}]}]},
            "refunds[0].transactions[0].amount",
        ),
    ],
)
def test_a_document_that_cannot_be_read_says_where_and_writes_nothing(way_in: PushDoor, changes: dict[str, Any], where: str) -> None:
    answer = send(way_in, document(**changes))
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [where]
    assert (Order.objects.count(), Pushed.objects.count()) == (0, 0)
    way_in.refresh_from_db()
    assert where in way_in.last_problem


_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)


@hypothesis_settings(max_examples=80)
@given(changes=st.dictionaries(st.sampled_from(sorted(document())), _json, min_size=1, max_size=4))
def test_any_document_is_taken_or_refused_and_never_breaks(shop: Shop, changes: dict[str, Any]) -> None:
    try:
        assert take_order(shop, document() | changes) in ("created", "updated", "unchanged", "older")
    except Refused as refused:
        assert refused.code == "invalid"


def test_a_file_and_a_push_of_the_same_order_are_one_order(cast: Cast, shop: Shop) -> None:
    """The csv export names it alike, and a line is known by its place in both."""
    take_order(shop, document(updated="2026-11-20T10:00:00+08:00"))
    header = (
        "Name,Email,Financial Status,Total,Created at,Lineitem name,Lineitem quantity,Lineitem price,Lineitem sku,Refunded Amount,Currency"
    )
    rows = [
        "#1001,liu@example.com,refunded,409.94,2026-11-20 09:00:00 +0800,Thermos - red,2,150.00,T-R,409.94,CNY",
        "#1001,liu@example.com,,,2026-11-20 09:00:00 +0800,Spoon,1,100.00,,,",
    ]
    run = upload(by=cast.bob, shop=shop, file=ContentFile("\n".join([header, *rows]).encode(), "orders.csv"), start_now=False)
    start(run, by=cast.bob, dry_run=False)
    done = run_import(run.pk)
    assert done is not None
    assert (done.created, done.updated, done.problems) == (0, 1, 0)
    assert Order.objects.get().status == "refunded"
    assert OrderLine.objects.filter(quantity__gt=0).count() == 2
    assert Customer.objects.count() == 1
    assert take_order(shop, document(updated="2026-11-20T11:00:00+08:00")) == "older"  # than the file


def test_the_api_takes_the_same_documents_and_says_what_became_of_each(cast: Cast, shop: Shop) -> None:
    client = Client()
    client.force_login(cast.bob.user)
    orders = [document(1), document(2, total_price="x"), document(3)]
    answer = client.post("/api/v1/orders/push/", {"shop": shop.pk, "orders": orders}, content_type="application/json")
    assert answer.status_code == 200
    assert [(each["number"], each["result"]) for each in answer.json()] == [("#1", "created"), ("#2", "invalid"), ("#3", "created")]
    assert list(answer.json()[1]["errors"]) == ["total_price"]
    assert Activity.objects.filter(code="order.pushed", actor=cast.bob).count() == 2
    for who, status in ((cast.olga, 403), (cast.mallory, 400)):
        client.force_login(who.user)
        answer = client.post("/api/v1/orders/push/", {"shop": shop.pk, "orders": orders}, content_type="application/json")
        assert answer.status_code == status
    client.force_login(cast.bob.user)
    answer = client.post("/api/v1/orders/push/", {"shop": cast.shop.pk, "orders": orders}, content_type="application/json")
    assert answer.json()["code"] == "wrong_state"


def test_a_manager_sets_the_door_up_and_the_key_is_never_shown_again(cast: Cast, shop: Shop) -> None:
    alice, url = Client(), f"/team/shops/{shop.pk}/push/"
    alice.force_login(cast.alice.user)
    assert alice.post(url, {"domain": DOMAIN}).status_code == 422  # no key yet
    assert alice.post(url, {"domain": "not a domain", "secret": SECRET}).status_code == 422
    assert alice.post(url, {"domain": f"https://{DOMAIN}/", "secret": SECRET}).status_code == 303
    way_in = PushDoor.objects.get()
    assert (way_in.domain, unseal(way_in.secret)) == (DOMAIN, SECRET)
    assert SECRET not in way_in.secret
    page = alice.get(url).content.decode()
    assert f"/hooks/shopify/{way_in.token}/" in page
    assert SECRET not in page
    assert send(way_in, document()).status_code == 200
    assert "orders/updated" in alice.get(url).content.decode()
    alice.post(url, {"domain": DOMAIN, "new_address": "on"})
    assert send(way_in, document()).status_code == 404
    assert unseal(PushDoor.objects.get().secret) == SECRET
    assert not any(SECRET in str(row.data) for row in Activity.objects.all())
    for who, status in ((cast.bob, 403), (cast.mallory, 404)):
        client = Client()
        client.force_login(who.user)
        assert client.get(url).status_code == status
    assert alice.post(f"/team/shops/{cast.shop.pk}/push/", {"domain": DOMAIN, "secret": SECRET}).status_code == 409


@pytest.mark.skipif(not DATA.exists(), reason="the published documents are not here")
def test_the_published_documents_come_in(shop: Shop) -> None:
    order = json.loads((DATA / "order.json").read_text())["order"]
    assert take_order(shop, order) == "created"
    found = Order.objects.get(number="#1001")
    assert (found.total, found.currency, found.status) == (Decimal("409.94"), "USD", "pending")
    assert found.lines.count() == len(order["line_items"])
    for each in json.loads((DATA / "orders.json").read_text())["orders"]:  # the same order, later
        assert take_order(shop, each) in ("unchanged", "updated", "older")
    back = json.loads((DATA / "refund.json").read_text())["refund"]
    assert take_refund(shop, back) == "updated"
    found.refresh_from_db()
    assert found.refunded == Decimal("209.00")


@pytest.mark.django_db(transaction=True)
def test_the_same_message_by_many_at_once_is_one_order() -> None:
    cast = make_cast()
    shop = make_shop(cast.team, "Lotus Abroad", "shopify")
    results: list[str] = []

    def one() -> None:
        try:
            results.append(take_order(shop, copy.deepcopy(document())))
            results.append(take_refund(shop, refund()))
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["created"] + ["unchanged"] * 6 + ["updated"]
    assert (Order.objects.count(), OrderLine.objects.count(), Customer.objects.count()) == (1, 2, 1)
    assert Order.objects.get().refunded == 100
