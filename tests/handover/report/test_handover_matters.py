"""What of a handover is told of matters is told by their reason and product as well, and opens them; the rest says that it is not."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest

from handover.digest.models import Digest, Receipt
from handover.note.models import Offer
from handover.report import counting
from handover.roster.models import Shift
from tests.cast import make_cast, make_customer
from tickets.order.actions import Line, log_order
from tickets.order.models import Order
from tickets.ticket import actions as tickets
from tickets.ticket.models import Reason

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 10, 4, tzinfo=UTC)
VIEW = "?from=2026-11-01&to=2026-11-30"


@pytest.fixture
def cast():
    """Two matters of pots that leak, one of a knife that came late. A pot's and the knife's were handed over, the pot's too late; Bob's
    digest asked of all three: he took the pots and asked back about the knife."""
    cast = make_cast()
    cast.leaks, cast.late = (Reason.objects.create(team=cast.team, name=name) for name in ("Leaks", "Late"))
    made = [_matter(cast, *one) for one in (("Pot", cast.leaks), ("Pot", cast.leaks), ("Knife", cast.late))]
    for ticket, late in ((made[0], True), (made[2], False)):
        Offer.objects.create(
            team=cast.team, ticket=ticket, from_member=cast.bob, to_member=cast.carol, state="taken", offered_at=AT, closed_at=AT,
            escalated_at=AT if late else None,
        )  # fmt: skip
    said = {f"t{ticket.pk}": {"answer": "ask" if place == 2 else "take"} for place, ticket in enumerate(made)}
    shift = Shift.objects.create(
        team=cast.team, name="Day", business_date=date(2026, 11, 10), starts_at=AT, ends_at=AT + timedelta(hours=8), min_people=1
    )
    common = {"team": cast.team, "member": cast.bob, "shift": shift, "key": "k", "version": 1, "content_hash": "x", "opened_at": AT}
    digest = Digest.objects.create(cut_off=AT, until=shift.ends_at, content={}, answers=said, **common)
    Receipt.objects.create(digest=digest, answers=said, acknowledged_at=AT + timedelta(minutes=5), actor=cast.bob, **common)
    counting.count_stale()
    return cast


def _matter(cast, product, reason):
    number = f"N{Order.objects.count()}"
    customer = make_customer(cast.team, handle=number)
    order = log_order(by=cast.bob, shop=cast.shop, number=number, customer=customer, lines=[Line(product, 1, 9)], paid=9, at=AT)
    return tickets.open_ticket(by=cast.bob, customer=customer, subject=product, reason=reason, orders=[order], at=AT)


def told(client, more):
    rows = client.get(f"/api/v1/reports/handover/{VIEW}&{more}").json()["rows"]
    return {row["label"]: {c["measure"]: (c["numerator"], c["denominator"]) for c in row["cells"]} for row in rows}


def opened(client, more):
    lines = b"".join(client.get(f"/reports/handover/rows/{VIEW}&{more}&format=csv")).decode("utf-8-sig")
    return [row[1].split(" ", 1)[1] for row in csv.reader(io.StringIO(lines)) if row[0] != "When"]


@pytest.mark.parametrize(("by", "pots", "knives"), [("product", "Pot", "Knife"), ("reason", "Leaks", "Late")])
def test_d3_known_answers_by_what_the_matter_is_about(client, cast, by, pots, knives):
    client.force_login(cast.alice.user)
    assert told(client, f"by={by}") == {
        pots: {"nobody": ("1", "1"), "readbacks": ("2", None), "questions": ("0", None)},
        knives: {"nobody": ("0", "1"), "readbacks": ("0", None), "questions": ("1", None)},
    }
    key = {"product": "Pot", "reason": cast.leaks.pk}[by]
    assert opened(client, f"by={by}&measure=readbacks&key={key}") == ["Pot", "Pot"]
    assert opened(client, f"by={by}&measure=nobody&part=bottom&key={key}") == ["Pot"]
    assert opened(client, f"by={by}&measure=questions&key={key}") == []
    lines = b"".join(client.get(f"/reports/handover/{VIEW}&by={by}&format=csv")).decode("utf-8-sig")
    assert {row[0] for row in csv.reader(io.StringIO(lines))} >= {pots, knives}


def test_d3_narrowed_by_product_what_can_be_is_and_the_rest_says_so(client, cast):
    client.force_login(cast.alice.user)
    total = client.get(f"/api/v1/reports/handover/{VIEW}&product=Pot").json()["total"]
    figures = {c["measure"]: (c["numerator"], c["denominator"]) for c in total}
    assert (figures["nobody"], figures["readbacks"], figures["questions"]) == (("1", "1"), ("2", None), ("0", None))
    page = unescape(client.get(f"/reports/handover/{VIEW}&product=Pot").content.decode())
    assert "Not narrowed by Product: Notes signed on time, Complete, Minutes to read, Surprises." in page
    assert opened(client, "product=Pot&measure=nobody") == ["Pot"]
    broken = unescape(client.get(f"/reports/handover/{VIEW}&by=product").content.decode())
    assert "Not broken down by Product: Notes signed on time, Complete, Minutes to read, Surprises." in broken


def test_the_first_page_reads_the_roll_up_alone(client, cast, django_assert_max_num_queries):
    client.force_login(cast.alice.user)
    client.get(f"/reports/handover/{VIEW}")
    with django_assert_max_num_queries(14) as asked:
        client.get(f"/reports/handover/{VIEW}")
    assert not [query for query in asked.captured_queries if "handover_offer" in query["sql"] or "handover_receipt" in query["sql"]]


def test_what_the_platform_exports_knows_no_product_and_says_so(client, cast):
    client.force_login(cast.alice.user)
    for name in ("service", "conversion"):
        page = unescape(client.get(f"/reports/{name}/").content.decode())
        assert "Neither narrowed nor broken down by Product, Reason, Shift: what this report counts does not know it." in page
        narrowed = client.get(f"/api/v1/reports/{name}/?product=Pot").json()
        assert narrowed["ignored"] == ["product"] and Decimal(narrowed["total"][0]["numerator"]) == 0
