"""The bell: one's own alerts, in words, seen once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

import tickets
from tests.cast import Cast, make_cast, make_customer
from tickets.activity.actions import alert
from tickets.activity.telling import SENTENCES, register, sentence
from tickets.people.models import Member
from tickets.ticket import actions

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def browser(member: Member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def test_a_mention_rings_and_is_told_in_words(cast: Cast) -> None:
    ticket = actions.open_ticket(by=cast.bob, customer=make_customer(cast.team), subject="保温杯漏水")
    actions.note(ticket, by=cast.bob, text="@Carol 请看照片")
    carol = browser(cast.carol)
    page = carol.get(reverse("activity:alerts")).content.decode()
    assert "mentioned you" in page and "Bob" in page and "请看照片" in page
    assert '<span class="count"' in carol.get(reverse("ticket:list")).content.decode().split('class="menu"')[0]
    carol.post(reverse("activity:seen"))
    assert not cast.carol.alerts.filter(seen_at__isnull=True).exists()
    assert "mentioned you" in carol.get(reverse("activity:alerts")).content.decode()  # seen, still readable


def test_one_sees_and_marks_only_ones_own(cast: Cast) -> None:
    alert([cast.bob], "ticket.mentioned", key="k", text="geheim")
    row = cast.bob.alerts.get()
    carol = browser(cast.carol)
    assert "geheim" not in carol.get(reverse("activity:alerts")).content.decode()
    carol.post(reverse("activity:seen"), {"alert": row.pk})
    row.refresh_from_db()
    assert row.seen_at is None
    answer = browser(cast.bob).post(reverse("activity:seen"), {"alert": row.pk, "back": "//evil.example/"})
    assert answer["Location"] == reverse("activity:alerts")


def test_the_queries_stay_when_alerts_double(cast: Cast, django_assert_max_num_queries) -> None:
    bob = browser(cast.bob)
    for number in range(4):
        alert([cast.bob], "handler.let_through", key=f"a{number}", member=cast.carol.pk, by=cast.dan.pk)
    with django_assert_max_num_queries(7) as few:
        bob.get(reverse("activity:alerts"))
    for number in range(8):
        alert([cast.bob], "handler.let_through", key=f"b{number}", member=cast.dan.pk, by=cast.carol.pk)
    with django_assert_max_num_queries(len(few)):
        bob.get(reverse("activity:alerts"))


def test_every_code_the_rooms_write_has_words() -> None:
    """What `record` and `alert` are called with, in the source of every room."""
    root = Path(tickets.__file__).parents[1]
    source = "\n".join(path.read_text() for room in ("tickets", "handover") for path in (root / room).rglob("*.py"))
    codes = set(re.findall(r'(?:record|tell_ledger)\(\s*"([a-z_]+\.[a-z_]+)"', source))
    codes |= set(re.findall(r'alert\([^"]*?"([a-z_]+\.[a-z_]+)"', source))
    assert codes - set(SENTENCES) == set()


def test_a_code_without_words_is_still_told_and_none_twice() -> None:
    assert sentence("new.thing_done", {}, {})[1] == "new: thing done"
    with pytest.raises(ValueError, match=r"ticket\.claimed"):
        register("ticket.claimed", lambda d, n: "")
