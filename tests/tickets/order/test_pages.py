"""The pages of orders, imports and customers, and the box: what they show, to whom, in how many queries."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import Cast, make_cast, make_customer, make_shop
from tests.tickets.order import exports
from tickets.activity.models import Activity
from tickets.customer.actions import add_handle
from tickets.order.actions import Line, log_order
from tickets.order.imports.run import run_import
from tickets.order.models import Import, Order
from tickets.people.models import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def client_of(member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def an_order(cast: Cast, number: str = "310000000000000011", **more) -> Order:
    more.setdefault("lines", [Line("保温杯", 2, Decimal("59.90"))])
    return log_order(by=cast.bob, shop=cast.shop, number=number, handle="tb_liu_8854", phone="+8613912345678", recipient="刘女士", **more)


def test_an_order_logged_by_hand_is_seen_by_the_whole_team_at_once(cast: Cast) -> None:
    answer = client_of(cast.bob).post(
        "/orders/new/",
        {"shop": cast.shop.pk, "number": "99887766", "handle": "tb_new", "items": "保温杯 ×2 ¥59.90\n勺子", "request": "礼品包装"},
    )
    assert answer.status_code == 303
    order = Order.objects.get(number="99887766")
    assert (order.total, order.sold_by, order.request) == (Decimal("119.80"), cast.bob, "礼品包装")
    assert [(line.title, line.quantity) for line in order.lines.all()] == [("保温杯", 2), ("勺子", 1)]
    assert "99887766" in client_of(cast.carol).get("/orders/").content.decode()


@pytest.mark.parametrize("path", ["/orders/new/", "/imports/"])
def test_a_team_without_a_shop_is_led_to_adding_one(cast: Cast, path: str) -> None:
    Shop.objects.filter(team=cast.team).delete()
    told = client_of(cast.alice).get(path).content.decode()
    assert "No shop yet." in told and 'href="/team/shops/add/"' in told and 'name="shop"' not in told


def test_who_may_not_add_a_shop_is_told_whom_to_ask(cast: Cast) -> None:
    Shop.objects.filter(team=cast.team).delete()
    told = client_of(cast.bob).get("/orders/new/").content.decode()
    assert "Ask a manager to add one." in told and "/team/shops/add/" not in told


def test_logging_the_same_number_again_shows_the_one_that_is_there(cast: Cast) -> None:
    order = an_order(cast)
    answer = client_of(cast.carol).post("/orders/new/", {"shop": cast.shop.pk, "number": order.number})
    assert answer.status_code == 422
    assert f"/orders/{order.pk}/" in answer.content.decode()
    assert Order.objects.count() == 1


def test_a2_the_warehouse_sees_where_it_goes_and_no_money(cast: Cast) -> None:
    order = an_order(cast)
    text = client_of(cast.wen).get(f"/orders/{order.pk}/").content.decode()
    assert "刘女士" in text
    assert "+8613912345678" in text
    assert "59.90" not in text
    assert "119.80" not in text
    assert "119.80" not in client_of(cast.wen).get("/orders/").content.decode()
    csv = b"".join(client_of(cast.wen).get("/orders/export.csv").streaming_content).decode()
    assert order.number in csv
    assert "119.80" not in csv


def test_a2_a_phone_is_masked_and_shown_one_at_a_time_which_is_written_down(cast: Cast) -> None:
    order = an_order(cast)
    bob = client_of(cast.bob)
    assert "13912345678" not in bob.get(f"/orders/{order.pk}/").content.decode()
    assert "13912345678" in bob.post(f"/orders/{order.pk}/unmask/").content.decode()
    handle = add_handle(order.customer, kind="phone", value="139 1234 5678", by=cast.bob)
    page = f"/customers/{order.customer_id}/"
    assert "13912345678" not in bob.get(page).content.decode().replace(" ", "")
    assert "139 1234 5678" in bob.post(f"{page}handles/{handle.pk}/unmask/").content.decode()
    seen = Activity.objects.filter(code="customer.unmasked", actor=cast.bob)
    assert seen.count() == 2
    assert not any("13912345678" in str(row.data) for row in seen)
    assert client_of(cast.olga).post(f"/orders/{order.pk}/unmask/").status_code == 403


@pytest.mark.parametrize("path", ["/orders/{order}/", "/customers/{customer}/"])
def test_a1_another_teams_page_is_not_there(cast: Cast, path: str) -> None:
    order = an_order(cast)
    url = path.format(order=order.pk, customer=order.customer_id)
    assert client_of(cast.bob).get(url).status_code == 200
    assert client_of(cast.mallory).get(url).status_code == 404


@pytest.mark.parametrize(
    "text", ["310000000000000011", "tb_liu_8854", "TB_LIU_8854", "139-1234-5678", "+86 139 1234 5678", "刘女", "保温", "礼品"]
)
def test_the_box_finds_by_whatever_is_at_hand(cast: Cast, text: str) -> None:
    order = an_order(cast, request="礼品包装")
    found = client_of(cast.carol).get("/lookup/", {"q": text}).content.decode()
    assert f"/orders/{order.pk}/" in found or f"/customers/{order.customer_id}/" in found
    other = client_of(cast.mallory).get("/lookup/", {"q": text}).content.decode()
    assert f"/orders/{order.pk}/" not in other
    assert f"/customers/{order.customer_id}/" not in other


def test_one_character_is_asked_for_the_next_instead_of_being_denied(cast: Cast) -> None:
    an_order(cast)
    for text, said in (("保", "Type at least two characters."), ("没有", "Nothing has this name")):
        assert said in client_of(cast.carol).get("/lookup/", {"q": text}).content.decode()


def test_words_of_what_was_bought_find_old_orders_too(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr("tickets.order.queries.NEWEST", 1)
    old, other = an_order(cast, "3100000001"), an_order(cast, "3100000002", lines=[Line("紫砂壶", 1, Decimal("99"))])
    newest = an_order(cast, "3100000003", lines=[Line("雨伞", 1, Decimal("9"))])
    Order.objects.filter(pk__in=[old.pk, other.pk]).update(placed_at="2020-01-01T00:00:00Z")
    found = client_of(cast.carol).get("/lookup/", {"q": "保温"}).content.decode()
    assert f"/orders/{old.pk}/" in found
    assert f"/orders/{other.pk}/" not in found
    assert f"/orders/{newest.pk}/" not in found
    Order.objects.filter(pk=other.pk).update(title="景德镇 tea set")
    assert f"/orders/{other.pk}/" in client_of(cast.carol).get("/lookup/", {"q": "TEA"}).content.decode()
    assert f"/orders/{old.pk}/" not in client_of(cast.mallory).get("/lookup/", {"q": "保温"}).content.decode()


def test_the_box_answers_with_a_piece_while_somebody_types(cast: Cast) -> None:
    an_order(cast)
    piece = (
        client_of(cast.bob).get("/lookup/", {"q": "tb_liu"}, headers={"HX-Request": "true", "HX-Request-Type": "partial"}).content.decode()
    )
    assert "<html" not in piece
    assert "刘女士" in piece


def test_merging_on_the_page_moves_orders_and_leads_on(cast: Cast) -> None:
    order = an_order(cast)
    base = make_customer(cast.team, "刘小姐", "tb_liu_second")
    bob = client_of(cast.bob)
    assert bob.post(f"/customers/{base.pk}/merge/", {"other": "tb_liu_8854"}).status_code == 303
    order.refresh_from_db()
    assert order.customer == base
    assert "刘小姐" in bob.get(f"/customers/{base.pk}/").content.decode()
    gone = Activity.objects.get(code="customer.merged").data["source"]
    assert bob.get(f"/customers/{gone}/").headers["Location"] == f"/customers/{base.pk}/"
    assert bob.post(f"/customers/{base.pk}/merge/", {"other": str(base.pk)}).status_code == 422


def test_list_export_and_filters_show_the_same_rows(cast: Cast) -> None:
    first, second = an_order(cast, "A1000001"), an_order(cast, "A1000002", status="shipped")
    bob = client_of(cast.bob)
    listed = bob.get("/orders/", {"status": "shipped"}).content.decode()
    assert second.number in listed
    assert first.number not in listed
    csv = b"".join(bob.get("/orders/export.csv", {"status": "shipped"}).streaming_content).decode("utf-8-sig")
    assert [line.split(",")[0] for line in csv.splitlines()[1:]] == [second.number]
    assert bob.get("/orders/", {"status": "nonsense"}).status_code == 422


def test_a_list_costs_the_same_when_the_rows_double(cast: Cast, django_assert_num_queries, django_assert_max_num_queries) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    bob = client_of(cast.bob)
    counts = []
    for round_ in range(2):
        for place in range(5 * (round_ + 1)):
            an_order(cast, f"N{round_}{place:06d}")
        for path in ("/orders/", f"/customers/{Order.objects.first().customer_id}/", "/lookup/?q=tb_liu_8854"):
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert bob.get(path).status_code == 200
            counts.append(len(seen))
    assert counts[:3] == counts[3:]
    assert max(counts) <= 14


def test_looking_up_and_one_customer_cost_four_statements_of_their_own(cast: Cast) -> None:
    """Session, person, membership and the bar's counts are the other four; a customer's return forms are one more."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    order, bob = an_order(cast), client_of(cast.bob)
    pages = {f"/customers/{order.customer_id}/": 9, "/lookup/?q=tb_liu_8854": 8, f"/lookup/?q={order.number}": 8}
    for path, most in pages.items():
        bob.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert bob.get(path).status_code == 200
        assert len([each for each in seen if each["sql"].lstrip().startswith(("SELECT", "WITH"))]) <= most, path


def test_the_forms_of_a_customer_come_when_they_are_asked_for(cast: Cast) -> None:
    page, bob = f"/customers/{an_order(cast).customer_id}/", client_of(cast.bob)
    assert f"{page}merge/" not in bob.get(page).content.decode()
    assert f"{page}?manage=1" in bob.get(page).content.decode()
    assert f"{page}merge/" in bob.get(page, {"manage": "1"}).content.decode()
    assert f"{page}?manage=1" not in client_of(cast.olga).get(page).content.decode()


def test_cursor_paging_shows_every_order_once(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr("tickets.order.listing.SIZE", 3)
    for place in range(8):
        an_order(cast, f"P{place:07d}")
    bob, url, seen = client_of(cast.bob), "/orders/", []
    for _page in range(4):
        html = bob.get(url).content.decode()
        seen += [f"P{place:07d}" for place in range(8) if f">P{place:07d}<" in html]
        if 'rel="next"' not in html:
            break
        url = "/orders/" + html.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert sorted(seen) == [f"P{place:07d}" for place in range(8)]


@pytest.mark.parametrize("yes", ["1", "on", "true"])
def test_a_file_is_recognised_confirmed_and_brought_in(cast: Cast, django_capture_on_commit_callbacks, yes: str) -> None:
    content = exports.csv_text(exports.TAOBAO_46, exports.taobao(3)).encode("gb18030")
    bob = client_of(cast.bob)
    answer = bob.post("/imports/", {"shop": cast.shop.pk, "file": SimpleUploadedFile("whatever.xlsx", content)})
    assert answer.status_code == 303
    run = Import.objects.get()
    assert (run.kind, run.state, Order.objects.count()) == ("taobao.orders", "uploaded", 0)
    assert str(exports.taobao_number(0)) in bob.get(f"/imports/{run.pk}/").content.decode()
    assert bob.post(f"/imports/{run.pk}/start/", {"dry_run": yes}).status_code == 303
    run_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.created, Order.objects.count()) == ("done", 3, 0)
    bob.post(f"/imports/{run.pk}/start/")
    run_import(run.pk)
    assert Order.objects.count() == 3
    assert bob.post(f"/imports/{run.pk}/start/").status_code == 409
    assert client_of(cast.mallory).get(f"/imports/{run.pk}/").status_code == 404
    assert client_of(cast.wen).get("/imports/").status_code == 403


def test_a_file_for_another_platform_is_refused(cast: Cast) -> None:
    jd = make_shop(cast.team, "Lotus JD", "jd")
    content = exports.csv_text(exports.TAOBAO_46, exports.taobao(1)).encode()
    answer = client_of(cast.bob).post("/imports/", {"shop": jd.pk, "file": SimpleUploadedFile("x.csv", content)})
    assert answer.status_code == 422
    nonsense = SimpleUploadedFile("x.csv", b"no table at all\n")
    assert client_of(cast.bob).post("/imports/", {"shop": jd.pk, "file": nonsense}).status_code == 422
    assert Import.objects.count() == 0
