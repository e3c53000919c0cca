"""The reports in a real Chromium: what axe has against each of them, and the work that is done there by keyboard."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from handover.report import actions, counting, schedules
from handover.report.measures import REPORTS
from handover.report.models import SheetAnswer, Target
from tests.cast import Cast, make_cast, make_customer
from tests.conftest import PHONE, Visits
from tickets.order.models import Order
from tickets.ticket import actions as tickets
from ux import checks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = [
    "/reports/", *(f"/reports/{name}/" for name in REPORTS), "/reports/complaint-rate/?by=shop&chart=dispute",
    "/reports/complaint-rate/rows/", "/reports/pressure/", "/reports/performance/", "/reports/performance/weights/", "/reports/targets/",
    "/reports/schedules/",
]  # fmt: skip


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast, now = make_cast(), timezone.now()
    for number in range(40):
        at = now - timedelta(days=number % 20 + 1)
        order = Order.objects.create(
            team=cast.team, shop=cast.shop, number=f"N{number}", title="Thermos", paid_at=at, paid=10, created_at=at, updated_at=at,
            sold_by=cast.bob,
        )  # fmt: skip
        if number % 9 == 0:
            customer = make_customer(cast.team, handle=f"tb_{number}")
            tickets.open_ticket(by=cast.bob, customer=customer, subject="Leaks", at=at, orders=[order], complaint="dispute")
    actions.set_targets({"complaint-rate.rate": Decimal("0.02")}, by=cast.alice)
    schedules.schedule(by=cast.alice, report="custody", every="day", hour=8, members=[cast.alice])
    counting.count_stale()
    return cast


@pytest.mark.parametrize(
    ("name", "device"),
    [("light", {}), ("dark phone", PHONE | {"color_scheme": "dark"}), ("Chinese", {"locale": "zh-CN"})],
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(visit: Visits, cast: Cast, name: str, device: dict[str, Any]) -> None:
    page = visit(cast.alice, "/reports/", **device)
    for path in [*PAGES, f"/reports/performance/{cast.bob.pk}/"]:
        page.goto(path)
        visit.ready(page)
        assert checks.axe(page) + checks.sideways(page) == [], path


def test_a_target_is_set_and_a_figure_opened_without_a_mouse(visit: Visits, cast: Cast) -> None:
    page = visit(cast.alice, "/reports/targets/")
    page.get_by_label("Complaint rate, %").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Complaint rate, %")).to_have_value("3")
    assert Target.objects.get(measure="complaint-rate.rate").value == Decimal("0.03")
    page.goto("/reports/complaint-rate/")
    expect(page.get_by_role("group", name="Complaint rate by day").locator("text.target")).to_contain_text("target 3.0")
    figure = page.locator("table a[href*='measure=rate']").first
    figure.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#rows")).to_contain_text("Exactly the")


def test_a_member_answers_to_the_own_sheet_by_keyboard(visit: Visits, cast: Cast) -> None:
    page = visit(cast.bob, "/reports/performance/")
    page.get_by_label("Your answer").focus()
    page.keyboard.type("The courier lost them.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#answers")).to_contain_text("The courier lost them.")
    assert SheetAnswer.objects.get().by == cast.bob
