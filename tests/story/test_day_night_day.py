"""One day, one night and the next morning of a shop, played by its people in Chromium on a file as Taobao exports it.

Bob and Carol chat by day, Eve by night; Wen is the warehouse, Dora after-sale; Alice leads. The shifts are laid around the present
moment: the day ends in ten minutes, the night in two hours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from handover.digest import actions as digests
from handover.digest.models import Receipt
from handover.duty.models import Duty
from handover.note.models import Note
from handover.roster.actions import refresh_next
from handover.roster.models import Shift
from tests.cast import PASSWORD, Cast, make_cast
from tests.conftest import Visits, until
from tests.handover.matters import again
from tests.handover.plans import rostered
from tests.tickets.order import exports
from tickets.order.imports.run import run_import
from tickets.order.models import Import, Order
from tickets.people.actions import set_presence
from tickets.people.models import Member, Presence
from tickets.ticket.models import Assignment, HandlerRequest, Promise, Reason, Ticket, Touch

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
NUMBER = str(exports.taobao_number(7))


class Desks:
    """Everybody's own browser; they sign in as people do."""

    def __init__(self, visit: Visits) -> None:
        self.visit, self.pages = visit, dict[str, Page]()

    def of(self, member: Member) -> Page:
        if member.display_name not in self.pages:
            self.pages[member.display_name] = self.sign_in(member)
        return self.pages[member.display_name]

    def sign_in(self, member: Member) -> Page:
        page = self.visit(None, "/accounts/login/")
        page.locator("input[name=login]").fill(member.user.username)
        page.locator("input[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    found, now = make_cast(), timezone.now()
    Presence.objects.exclude(member=found.mallory).update(on_since=None)
    quality = Reason.objects.create(team=found.team, name="Quality")
    Reason.objects.create(team=found.team, parent=quality, name="Leaks", fault="ours")
    day = shift(found, "Day", now - timedelta(hours=8), now + timedelta(minutes=10))
    night = shift(found, "Night", day.ends_at, now + timedelta(hours=2))
    morning = shift(found, "Morning", night.ends_at, now + timedelta(hours=9))
    by_day = (found.bob, found.carol, found.dora, found.wen)
    for one, members in ((day, by_day), (night, (found.eve,)), (morning, (found.bob,))):
        for member in members:
            rostered(one, member)
    refresh_next([found.eve.pk, *(member.pk for member in by_day)], now)
    set_presence(found.alice, on_since=day.starts_at, on_until=day.ends_at)
    for member in by_day:
        begin(member, now - timedelta(hours=7))
    return found


def shift(cast: Cast, name: str, start: datetime, end: datetime) -> Shift:
    return Shift.objects.create(team=cast.team, name=name, business_date=timezone.localdate(start), starts_at=start, ends_at=end)


def begin(member: Member, at: datetime) -> None:
    fresh = again(member)
    reading = digests.open_digest(fresh, at=at)
    assert reading.latest is not None
    digests.acknowledge(fresh, by=fresh, version=reading.latest.version, at=at)


def bring_the_export(page: Page, folder: Path) -> None:
    """Orders come in as the platform writes them: 46 columns, GB 18030, wrapped numbers."""
    file = exports.write_csv(folder / "ExportOrderList202611210900.csv", exports.TAOBAO_46, exports.taobao(12))
    page.goto("/imports/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("#run")).to_contain_text(str(exports.taobao_number(0)))
    Visits.ready(page)
    page.keyboard.press("i")
    until(page, "!document.querySelector('#run')?.textContent.includes('Is this right')")
    run_import(Import.objects.get().pk)  # what the worker does
    expect(page.locator("#run")).to_contain_text("Done")


def log_an_issue(page: Page) -> Ticket:
    """The pasted number is recognised; what happened, why, what was promised: keyboard only."""
    page.goto("/desk/")
    until(page, "!!window.htmx && !!document.querySelector('#entry')")
    page.keyboard.press("c")
    expect(page.locator("#entry-who")).to_be_focused()
    page.keyboard.insert_text(NUMBER)
    expect(page.locator("#found")).to_contain_text("nothing open")
    expect(page.locator("#found")).to_contain_text("保温杯")
    for text in ("杯盖漏水，第二次了", "leak", "+90m", "回电告知补发单号"):
        page.keyboard.press("Tab")
        page.keyboard.insert_text(text)
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Logged as #")
    return Ticket.objects.get()


def answer(page: Page, ticket: Ticket, text: str) -> None:
    """To the customer, by keyboard."""
    page.goto(f"/tickets/{ticket.pk}/")
    until(page, "!!window.htmx && !!document.querySelector('#say')")
    page.keyboard.press("a")
    expect(page.locator("#say")).to_be_focused()
    page.keyboard.insert_text(text)
    page.keyboard.press("Control+Enter")


def hand_over(page: Page, path: str, drafted: str, cells: dict[str, str]) -> None:
    """The note is drafted already. Tab leads from cell to cell and to what is asked once a day; signing ends the duty."""
    page.goto(path)
    until(page, "!!window.htmx && !!document.querySelector('#note-rows')")
    expect(page.locator("#note-head")).to_contain_text(drafted)
    left, name = dict(cells), ""
    while name != "unmet_wish":
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name || document.activeElement.tagName")
        assert name != "BODY", f"Tab never led to {[*left, 'unmet_wish']}"
        if name in left:
            page.keyboard.insert_text(left.pop(name))
    assert left == {}
    expect(page.locator("#note-head")).to_contain_text("1 of 1 ready")
    page.keyboard.insert_text("55 厘米的炒锅")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Signed. Your duty is over.")).to_be_visible()


def take_over(page: Page, ticket: Ticket, *told: str) -> None:
    """Stopped at the gate wherever they go; reads, takes, starts: three keys."""
    page.goto("/tickets/")
    expect(page).to_have_url(at(page, "/digest/"))
    matter = page.locator(".matter")
    expect(matter).to_have_count(1)
    for text in told:
        expect(matter).to_contain_text(text)
    expect(page.get_by_role("button", name="1 more to answer")).to_be_disabled()
    page.keyboard.press("t")
    expect(page.get_by_role("button", name="Start duty")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/digest/"))
    page.goto(f"/tickets/{ticket.pk}/")


def at(page: Page, path: str) -> str:
    """The whole address of a path."""
    return "/".join(page.url.split("/")[:3]) + path


def be_one_too_many(dora: Page, alice: Page, ticket: Ticket) -> None:
    """The fourth is refused and asks; a manager approves with a reason; then the answer counts."""
    answer(dora, ticket, "我来跟进补发")
    expect(dora.locator("#composer")).to_contain_text("manager")
    assert Touch.objects.filter(ticket=ticket).count() == 3, "refused is refused: nothing was counted"
    dora.locator("#composer").get_by_role("link", name="Ask a manager").click()
    dora.locator("#deed-form textarea[name=reason], #deed-form input[name=reason]").fill("补发由售后办")
    dora.get_by_role("button", name="Ask a manager").click()
    expect(dora.locator("#toasts")).to_contain_text("A manager has been asked.")
    alice.goto(f"/tickets/{ticket.pk}/")
    alice.get_by_placeholder("Your reason").fill("同意，补发归售后")
    alice.get_by_role("button", name="Approve").click()
    expect(alice.locator("#toasts")).to_contain_text("Dora has been told")
    answer(dora, ticket, "补发单号 SF100200300")
    expect(dora.locator("#case")).to_contain_text("补发单号 SF100200300")


def test_a_day_a_night_and_the_next_morning(visit: Visits, cast: Cast, tmp_path: Path) -> None:
    desks = Desks(visit)
    bob, carol, eve = desks.of(cast.bob), desks.of(cast.carol), desks.of(cast.eve)
    bring_the_export(bob, tmp_path)
    ticket = log_an_issue(bob)
    answer(carol, ticket, "您好，正在核实")
    expect(carol.locator("#case")).to_contain_text("您好，正在核实")
    wen = desks.of(cast.wen)
    wen.goto(f"/tickets/{ticket.pk}/")
    wen.locator("#say").fill("仓库有同款，今天可发")
    wen.get_by_role("button", name="Note for the team").click()
    expect(wen.locator("#case")).to_contain_text("仓库有同款")

    hand_over(bob, "/handover/", "0 of 1 ready", {"next_action": "问仓库补发单号", "if_then": "仓库没货 → 退款"})
    bob.goto("/desk/")
    expect(bob).to_have_url(at(bob, "/digest/"))

    take_over(eve, ticket, "from Bob", "回电告知补发单号", "仓库没货 → 退款", "Bob, Carol")
    answer(eve, ticket, "今晚给您单号")
    expect(eve.locator("#case")).to_contain_text("今晚给您单号")
    be_one_too_many(desks.of(cast.dora), desks.of(cast.alice), ticket)
    eve.goto(f"/tickets/{ticket.pk}/")
    eve.locator("#next").get_by_role("button", name="Kept").click()
    expect(eve.locator("#next")).to_contain_text("kept")
    hand_over(eve, "/handover/?every", "1 of 1 ready", {"next_action": "看签收", "if_then": "三天没到 → 找快递"})

    take_over(bob, ticket, "from Eve", "补发单号 SF100200300", "看签收", "三天没到 → 找快递", "Bob, Carol, Eve, Dora")
    for who, text in (("Carol", "您好，正在核实"), ("Wen", "仓库有同款"), ("Eve", "今晚给您单号"), ("Dora", "补发单号 SF100200300")):
        event = bob.locator(".event", has_text=text).first
        expect(event).to_contain_text(who)
        expect(event.locator("time")).not_to_be_empty()
    ticket, promise = Ticket.objects.get(), Promise.objects.get()
    assert ticket.holder == cast.bob and ticket.orders.get().number == NUMBER
    assert Order.objects.count() == 12 and ticket.reason is not None and ticket.reason.name == "Leaks"
    assert [(t.member.display_name, t.place) for t in Touch.objects.filter(ticket=ticket).order_by("place")] == [
        ("Bob", 1), ("Carol", 2), ("Eve", 3), ("Dora", 4)
    ]  # fmt: skip
    assert HandlerRequest.objects.get().decided_by == cast.alice
    assert (promise.status, promise.closed_by, promise.made_by) == ("kept", cast.eve, cast.bob)
    assert [a.to_member for a in Assignment.objects.filter(ticket=ticket, cause="takeover").order_by("pk")] == [cast.eve, cast.bob]
    assert [note.signed_by for note in Note.objects.order_by("signed_at")] == [cast.bob, cast.eve]
    assert Receipt.objects.filter(member=cast.bob).count() == 2 and Duty.objects.running().filter(member=cast.bob).count() == 1
