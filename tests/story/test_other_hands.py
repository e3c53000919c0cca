"""The same work by other hands: by thumb on a phone, in Chinese, with the network cut, by two at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.cast import Cast, make_cast, make_customer
from tests.conftest import PHONE, Visits, until
from tests.handover.matters import begin, open_ticket
from tests.handover.plans import rostered
from tests.story.test_day_night_day import shift
from tests.story.words import english, english_on
from tickets.activity.models import Activity
from tickets.people.models import Member, Presence
from tickets.ticket.models import Reason, Resolution, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """Bob and Carol work until in two hours; Eve is about to begin, with a matter waiting for her in the pool."""
    found, now = make_cast(), timezone.now()
    Presence.objects.exclude(member=found.mallory).update(on_since=None)
    quality = Reason.objects.create(team=found.team, name="质量")
    Reason.objects.create(team=found.team, parent=quality, name="漏水", fault="ours")
    Resolution.objects.create(team=found.team, name="已退款")
    day = shift(found, "白班", now - timedelta(hours=2), now + timedelta(hours=2))
    for member in (found.bob, found.carol, found.eve):
        rostered(day, member)
    for member in (found.bob, found.carol):
        begin(member, now - timedelta(hours=1))
    return found


def waiting(cast: Cast, subject: str = "保温杯漏水") -> Ticket:
    now = timezone.now()
    return open_ticket(
        cast.alice, subject, to_pool=True, next_action="问顺丰", next_at=now + timedelta(hours=1), at=now, customer=make_customer(cast.team)
    )


def held(member: Member) -> Ticket:
    return open_ticket(member, "保温杯漏水", at=timezone.now(), customer=make_customer(member.team))


def fits(page: Page) -> None:
    """Nothing scrolls sideways, and what is pressed is as large as a thumb."""
    width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= room, f"{page.url} scrolls sideways"


def test_by_phone_a_digest_is_read_duty_begun_and_a_customer_answered(visit: Visits, cast: Cast) -> None:
    ticket = waiting(cast)
    page = visit(cast.eve, "/", **PHONE)
    expect(page.locator(".matter")).to_contain_text("保温杯漏水")
    fits(page)
    page.locator(".matter").get_by_role("button", name="I take it").tap()
    page.get_by_role("button", name="Start duty").tap()
    page.wait_for_url(lambda url: not url.endswith("/digest/"))
    Visits.ready(page)
    fits(page)
    page.goto(f"/tickets/{ticket.pk}/")
    Visits.ready(page)
    fits(page)
    page.locator("#say").tap()
    page.keyboard.insert_text("今晚给您答复")
    button = page.locator("#composer").get_by_role("button", name="Answered")
    box = button.bounding_box()
    assert box and box["height"] >= 44, "a thumb's size"
    button.tap()
    expect(page.locator("#case")).to_contain_text("今晚给您答复")
    ticket.refresh_from_db()
    assert ticket.holder == cast.eve


def test_in_chinese_every_word_on_the_way_is_chinese(visit: Visits, cast: Cast) -> None:
    assert english().fullmatch("Start duty") and english().fullmatch("Logged as #7."), "the net catches"
    ticket = waiting(cast)
    page = visit(cast.eve, "/", locale="zh-CN")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    left = {}

    def look(where: str) -> None:
        Visits.ready(page)
        left[where] = english_on(page)

    look("digest")
    page.keyboard.press("t")
    look("digest, answered")
    expect(page.locator(".matter.answered")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/digest/"))
    look("desk")
    for path in (f"/tickets/{ticket.pk}/", "/tickets/", "/handover/", "/roster/", "/notices/", "/scripts/", "/me/"):
        page.goto(path)
        look(path)
    page.goto(f"/tickets/{ticket.pk}/")
    Visits.ready(page)
    for key in ("p", "m", "w", "r"):
        page.keyboard.press(key)
        expect(page.locator("#deed-form")).to_be_visible()
        look(f"deed {key}")
        page.locator("#deed-form [data-key=Escape]").click()
        expect(page.locator("#deed-form")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()
    look("help")
    assert {where: words for where, words in left.items() if words} == {}


def test_cut_off_an_entry_waits_and_is_sent_exactly_once(visit: Visits, cast: Cast) -> None:
    page = visit(cast.bob, "/desk/")
    page.locator("#entry-who").fill("tb_liu_8854")
    page.context.set_offline(True)
    page.locator("#entry-what").fill("断网时记下的")
    page.locator("#entry").get_by_role("button", name="Log").click()
    expect(page.locator("#connection")).to_contain_text("Waiting to be sent: 1")
    assert not Ticket.objects.exists()
    page.context.set_offline(False)
    expect(page.locator("#toasts")).to_contain_text("Sent")
    expect(page.locator("#connection")).not_to_contain_text("Waiting")
    assert Ticket.objects.get().subject == "断网时记下的"


def test_an_answer_whose_reply_was_lost_on_the_way_is_not_given_twice(visit: Visits, cast: Cast) -> None:
    ticket = held(cast.bob)
    page = visit(cast.bob, f"/tickets/{ticket.pk}/")
    page.route("**/contact/", lambda route: (route.fetch(), route.abort("connectionreset")))
    page.locator("#say").fill("已为您补发")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#connection")).to_contain_text("Waiting to be sent: 1")
    assert Activity.objects.filter(code="ticket.contacted").count() == 1, "the server had it"
    page.unroute_all()
    page.locator("#connection").get_by_role("button", name="Try again").click()
    expect(page.locator("#toasts")).to_contain_text("Sent")
    assert Activity.objects.filter(code="ticket.contacted").count() == 1


def test_two_people_edit_one_ticket_and_the_second_keeps_what_they_typed(visit: Visits, cast: Cast) -> None:
    ticket = held(cast.bob)
    bob, carol = (visit(member, f"/tickets/{ticket.pk}/") for member in (cast.bob, cast.carol))
    for page, text in ((bob, "杯盖漏水，已寄新杯盖"), (carol, "杯身漏水，要换货")):
        page.keyboard.press("e")
        page.locator("#deed-form input[name=subject]").fill(text)
    bob.keyboard.press("Enter")
    expect(bob.locator("#case h1")).to_contain_text("已寄新杯盖")
    carol.keyboard.press("Enter")
    expect(carol.locator("#deed-form")).to_contain_text("杯盖漏水，已寄新杯盖")
    expect(carol.locator("#deed-form input[name=subject]")).to_have_value("杯身漏水，要换货")
    carol.reload()
    until(carol, "!!window.htmx")
    carol.keyboard.press("e")
    expect(carol.locator("#deed-form input[name=subject]")).to_have_value("杯身漏水，要换货")
    ticket.refresh_from_db()
    assert ticket.subject == "杯盖漏水，已寄新杯盖", "nothing is overwritten unseen"
