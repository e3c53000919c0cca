"""The digest's page: whole cards in reach, a line for every other matter, the stable ones together."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from handover.digest.models import Digest
from handover.digest.views import REACH
from tests.cast import Cast, make_cast
from tests.handover.matters import open_ticket
from tickets.people.models import Presence
from tickets.ticket.models import Ticket

pytestmark = pytest.mark.django_db
MANY = REACH + 4
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def cast() -> Cast:
    found = make_cast()
    Presence.objects.update(on_since=None)
    now = timezone.now()
    for n in range(MANY):
        open_ticket(found.carol, f"urgent {n}", next_action="call", next_at=now + timedelta(minutes=30 + n), at=now)
    for n in range(2):
        open_ticket(found.carol, f"calm {n}", severity="stable", at=now)
    return found


@pytest.fixture
def carol(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.carol.user)
    return client


def items(html: str) -> list[str]:
    return re.findall(r'id="matter-(t\d+)"', html)


def whole(html: str) -> list[str]:
    return re.findall(r'name="open" value="(t\d+)"', html)


def test_h8_every_matter_is_on_the_page_in_order_and_the_first_are_whole(carol: Client) -> None:
    html = carol.get("/digest/").content.decode()
    assert len(items(html)) == MANY
    assert whole(html) == items(html)[:REACH]
    assert [html.index(f"urgent {n}<") for n in range(MANY)] == sorted(html.index(f"urgent {n}<") for n in range(MANY))


def test_a_line_opens_without_javascript_and_as_a_fragment(carol: Client) -> None:
    last = items(carol.get("/digest/").content.decode())[-1]
    page = carol.get(f"/digest/?open={last}").content.decode()
    assert last in whole(page) and len(items(page)) == MANY
    piece = carol.get(f"/digest/?card={last}", headers=FRAGMENT).content.decode()
    assert (items(piece), whole(piece)) == ([last], [last])
    assert "<html" not in piece
    assert carol.get("/digest/?card=t0", headers=FRAGMENT).status_code == 404


def test_what_is_open_stays_open_when_another_is_answered(carol: Client) -> None:
    every = items(carol.get("/digest/").content.decode())
    given = {"answer": "take", "open": [every[0], every[-1]]}
    html = carol.post(f"/digest/answer/{every[0]}/", given, headers=FRAGMENT).content.decode()
    assert whole(html) == [*every[1 : 1 + REACH], every[-1]]


def test_the_stable_ones_are_listed_when_asked_for_and_accepted_together(cast: Cast, carol: Client) -> None:
    assert "calm 0" not in carol.get("/digest/").content.decode()
    assert "calm 0" in carol.get("/digest/?show=stable").content.decode()
    assert carol.get("/digest/?show=stable", headers=FRAGMENT).content.decode().count("calm") == 2
    html = carol.post("/digest/accept/", headers=FRAGMENT).content.decode()
    assert "all 2 accepted" in html
    answers = Digest.objects.get(member=cast.carol).answers
    assert [answer["answer"] for answer in answers.values()] == ["accept", "accept"]


def test_names_come_when_asked_for(cast: Cast, carol: Client) -> None:
    Presence.objects.filter(member=cast.dan).update(on_since=timezone.now() - timedelta(hours=1))
    assert f'<option value="{cast.dan.user.username}">' in carol.get("/digest/owners/", headers=FRAGMENT).content.decode()
    assert cast.dan.display_name in carol.get("/digest/owners/").content.decode()


def test_how_somebody_handled_it_is_said_in_words(carol: Client) -> None:
    assert 'title="Carol: logged it"' in carol.get("/digest/").content.decode()


def test_another_time_is_typed_as_everywhere(cast: Cast, carol: Client) -> None:
    """`+2h` counts from now; what cannot be read comes back as it was typed; what was left as shown is the matter's own time."""
    item = items(carol.get("/digest/").content.decode())[0]
    due = Ticket.objects.get(pk=item[1:]).next_at
    shown = timezone.localtime(due, cast.team.zone).strftime("%Y-%m-%d %H:%M")
    assert f'name="next_at" autocomplete="off" aria-label="by" placeholder="19:30, +2h" maxlength="60" value="{shown}"' in page(carol)

    def take(next_at: str) -> HttpResponse:
        return carol.post(f"/digest/answer/{item}/", {"answer": "take", "next_at": next_at}, headers=FRAGMENT)

    wrong = take("around noon-ish")
    assert wrong.status_code == 422 and 'value="around noon-ish"' in wrong.content.decode()
    assert kept(cast, item) is None
    take(shown)
    assert kept(cast, item) == due
    before = timezone.now()
    take("+2h")
    assert before <= kept(cast, item) - timedelta(hours=2) <= timezone.now()


def page(client: Client) -> str:
    return client.get("/digest/").content.decode()


def kept(cast: Cast, item: str) -> datetime | None:
    """The time that the digest keeps of the answer to the item."""
    answer = Digest.objects.get(member=cast.carol).answers.get(item)
    return datetime.fromisoformat(answer["next_at"]) if answer else None
