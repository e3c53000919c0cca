"""The note and the digest in a real Chromium: written, read, answered and started with the keyboard only; one matter a card on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from handover.digest import actions
from handover.digest.models import Receipt
from handover.duty.models import Duty
from handover.note.models import Note, Offer
from handover.notice import actions as notices
from handover.roster.actions import refresh_next
from handover.roster.models import Shift
from tests.cast import Cast, make_cast
from tests.conftest import PHONE, Visits, until
from tests.handover.matters import again, hand_over, open_ticket
from tests.handover.plans import rostered
from tickets.people.models import Member, Presence
from ux import checks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Story = Callable[[Page], None]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """A day shift that ends in ten minutes with Bob on it, and a night shift with Carol and Dan to come."""
    found = make_cast()
    Presence.objects.update(on_since=None)
    now = timezone.now()
    day = shift(found, "Day", now - timedelta(hours=8), now + timedelta(minutes=10))
    night = shift(found, "Night", now + timedelta(minutes=10), now + timedelta(hours=7))
    for one, member in ((day, found.bob), (night, found.carol), (night, found.dan)):
        rostered(one, member)
    refresh_next([found.bob.pk, found.carol.pk, found.dan.pk], now)
    bob = again(found.bob)
    reading = actions.open_digest(bob, at=now)
    assert reading.latest is not None
    actions.acknowledge(bob, by=bob, version=reading.latest.version, at=now)
    return found


def shift(cast: Cast, name: str, start: Any, end: Any) -> Shift:
    return Shift.objects.create(team=cast.team, name=name, business_date=timezone.localdate(start), starts_at=start, ends_at=end)


@pytest.fixture
def play(visit: Visits) -> Callable[..., None]:
    """Runs a story in a member's browser."""

    def run(member: Member, story: Story, **device: Any) -> None:
        story(visit(member, "/digest/", **device))

    return run


def test_a_digest_is_read_answered_and_started_with_the_keyboard_only(play: Any, cast: Cast) -> None:
    now = timezone.now()
    first = open_ticket(cast.alice, "Thermos leaks", to_pool=True, next_action="call SF", next_at=now + timedelta(hours=2), at=now)
    second = open_ticket(cast.alice, "Refund missing", to_pool=True, next_action="ask finance", next_at=now + timedelta(hours=3), at=now)
    third = open_ticket(cast.alice, "Wrong colour", to_pool=True, at=now)
    notices.publish(by=cast.alice, text="40cm pot out of stock")

    def story(page: Page) -> None:
        page.goto("/notices/")
        expect(page).to_have_url(page.url.split("/digest")[0] + "/digest/")
        expect(page.get_by_role("button", name="3 more to answer")).to_be_disabled()
        page.keyboard.press("t")
        expect(page.locator(f"#matter-t{second.pk}")).to_be_focused()
        page.keyboard.press("o")
        page.keyboard.type("Dan")
        page.keyboard.press("Enter")
        expect(page.locator(f"#matter-t{third.pk}")).to_be_focused()
        expect(page.locator(f"#matter-t{second.pk}")).to_contain_text("Goes to Dan")
        page.keyboard.press("a")
        page.keyboard.type("Which colour did she order?")
        page.keyboard.press("Enter")
        start = page.get_by_role("button", name="Start duty")
        expect(start).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: not url.endswith("/digest/"))

    play(cast.carol, story)
    receipt = Receipt.objects.get(member=cast.carol)
    kinds = {item: answer["answer"] for item, answer in receipt.answers.items()}
    assert kinds == {f"t{first.pk}": "take", f"t{second.pk}": "owner", f"t{third.pk}": "ask"}
    assert Duty.objects.running().filter(member=cast.carol).exists()
    first.refresh_from_db()
    assert first.holder == cast.carol


def test_what_changes_while_one_reads_is_said_and_nothing_answered_is_lost(play: Any, cast: Cast) -> None:
    now = timezone.now()
    open_ticket(cast.alice, "Thermos leaks", to_pool=True, next_action="call", next_at=now + timedelta(hours=2), at=now)

    def story(page: Page) -> None:
        page.goto("/digest/")
        page.keyboard.press("t")
        expect(page.get_by_role("button", name="Start duty")).to_be_focused()
        late = open_ticket(cast.alice, "Came just now", to_pool=True, at=timezone.now())
        page.keyboard.press("Enter")
        expect(page.locator(".note.warn")).to_contain_text("Came just now")
        expect(page.locator(".matter.answered")).to_contain_text("Thermos leaks")
        page.locator(f"#matter-t{late.pk}").focus()
        page.keyboard.press("t")
        expect(page.get_by_role("button", name="Start duty")).to_be_focused()

    play(cast.carol, story)


def test_a_line_opens_when_asked_and_no_key_answers_another(play: Any, cast: Cast) -> None:
    now = timezone.now()
    made = [
        open_ticket(cast.alice, f"Matter {n}", to_pool=True, next_action="call", next_at=now + timedelta(minutes=30 + n), at=now)
        for n in range(8)
    ]

    def story(page: Page) -> None:
        page.goto("/digest/")
        page.locator(f"#matter-t{made[2].pk}").focus()
        for _press in range(4):
            page.keyboard.press("j")
        last = page.locator(f"#matter-t{made[6].pk}")
        expect(last).to_be_focused()
        page.keyboard.press("t")
        expect(page.locator(".matter.answered")).to_have_count(0)
        page.keyboard.press("Enter")
        expect(last.get_by_role("button", name="I take it")).to_be_visible()
        expect(last).to_be_focused()
        page.keyboard.press("t")
        expect(page.locator(".matter.answered")).to_contain_text("Matter 6")

    play(cast.carol, story)


def test_on_a_phone_it_is_one_matter_a_card(play: Any, cast: Cast) -> None:
    now = timezone.now()
    for subject in ("Thermos leaks", "保温杯杯盖漏水，第二次了"):
        open_ticket(cast.alice, subject, to_pool=True, next_action="call SF, then tell her", next_at=now + timedelta(hours=2), at=now)
    notices.publish(by=cast.alice, text="40cm pot out of stock")

    def story(page: Page) -> None:
        page.goto("/digest/")
        cards = page.locator(".matter")
        expect(cards).to_have_count(2)
        tops = [cards.nth(n).bounding_box() for n in range(2)]
        assert tops[0] and tops[1] and tops[1]["y"] >= tops[0]["y"] + tops[0]["height"]
        width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width <= room, "scrolls sideways"
        button = cards.first.get_by_role("button", name="I take it").bounding_box()
        assert button and button["height"] >= 44, "a thumb's size"
        assert checks.axe(page) == []

    play(cast.carol, story, **PHONE)


@pytest.mark.parametrize("device", [{}, {"color_scheme": "dark"}])
def test_axe_finds_nothing_in_digest_and_note(play: Any, cast: Cast, device: dict[str, Any]) -> None:
    now = timezone.now()
    open_ticket(cast.bob, "Thermos leaks", next_action="call", next_at=now + timedelta(hours=2), at=now)
    open_ticket(cast.bob, "Wrong colour", at=now)
    notices.publish(by=cast.alice, text="40cm pot out of stock")

    def story(page: Page) -> None:
        for path in ("/handover/", "/digest/", "/notices/", "/handover/notes/"):
            page.goto(path)
            assert checks.axe(page) == [], path

    play(cast.bob, story, **device)


def test_a_note_is_written_and_signed_with_the_keyboard_only(play: Any, cast: Cast) -> None:
    now = timezone.now()
    open_ticket(cast.bob, "Thermos leaks", next_action="call SF", next_at=now + timedelta(hours=2), body="second leak", at=now)

    def story(page: Page) -> None:
        page.goto("/handover/")
        expect(page.locator("#note-head")).to_contain_text("0 of 1 ready")
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name") == "if_then":
                break
        assert page.evaluate("document.activeElement.name") == "if_then", "Tab leads to what is missing"
        page.keyboard.type("courier denies: offer a reship")
        expect(page.locator("#note-head")).to_contain_text("1 of 1 ready")
        assert page.evaluate("document.activeElement.name") == "if_then", "saving takes nobody out of the field"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "unmet_wish", "the next thing that is asked for"
        page.keyboard.type("a 55 cm wok")
        page.keyboard.press("Escape")
        page.keyboard.press("s")
        expect(page.get_by_role("heading", name="Signed. Your duty is over.")).to_be_visible()

    play(cast.bob, story)
    note = Note.objects.get()
    assert note.signed_by == cast.bob
    assert (note.unmet_wish, note.items.get().if_then) == ("a 55 cm wok", "courier denies: offer a reship")


@pytest.mark.parametrize("device", [{}, PHONE], ids=["desktop", "phone"])
def test_a_word_without_an_end_pushes_no_note_aside(play: Any, cast: Cast, device: dict[str, Any]) -> None:
    now = timezone.now()
    open_ticket(cast.bob, "W" * 160, next_action="call SF", next_at=now + timedelta(hours=2), body="second leak", at=now)

    def story(page: Page) -> None:
        page.goto("/handover/")
        expect(page.locator(".note-row")).to_have_count(1)
        until(page, "document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    play(cast.bob, story, **device)


def test_a_phone_shows_the_digest_of_a_team_that_waits_whole(play: Any, cast: Cast) -> None:
    now = timezone.now()
    open_ticket(cast.bob, "Thermos leaks", next_action="call SF", next_at=now + timedelta(hours=2), body="second leak", at=now)
    hand_over(cast.bob, now, to=cast.dan)
    Offer.objects.update(escalated_at=now)

    def story(page: Page) -> None:
        expect(page.get_by_text("handed over and not taken yet")).to_be_visible()
        until(page, f"innerWidth <= {PHONE['viewport']['width']}")

    play(cast.carol, story, **PHONE)
