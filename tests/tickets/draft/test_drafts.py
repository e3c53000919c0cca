"""What is typed and not sent: kept per person and form, offered elsewhere, seen by colleagues only as "is typing"."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from tests.cast import Cast, make_cast, make_customer
from tests.conftest import Visits
from tickets.draft.actions import LARGEST, MOST, keep
from tickets.draft.models import Draft
from tickets.draft.queries import typing
from tickets.people.models import Member
from tickets.ticket.actions import open_ticket
from tickets.ticket.models import Ticket
from tickets.web.refusals import Refused

SAY = {"text": ["您好，正在核实 👍 مرحبا"]}


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return open_ticket(by=cast.bob, customer=make_customer(cast.team), subject="保温杯漏水")


def client(member: Member) -> Client:
    made = Client()
    made.force_login(member.user)
    return made


def post(by: Client, key: str, values: object) -> int:
    return by.post("/drafts/", {"key": key, "values": json.dumps(values)}, headers={"HX-Request": "true"}).status_code


@pytest.mark.django_db
def test_what_one_device_keeps_another_is_offered_and_nobody_else(cast: Cast) -> None:
    assert post(client(cast.bob), "entry", SAY) == 204
    found = client(cast.bob).get("/drafts/?key=entry&key=ticket-1-say").json()
    assert list(found) == ["entry"] and found["entry"]["values"] == SAY
    for other in (cast.carol, cast.mallory):
        assert client(other).get("/drafts/?key=entry").json() == {}


@pytest.mark.django_db
def test_the_last_word_counts_and_an_empty_form_has_no_draft(cast: Cast) -> None:
    keep("entry", SAY, by=cast.bob)
    keep("entry", {"text": ["second"]}, by=cast.bob)
    assert Draft.objects.get().values == {"text": ["second"]}
    keep("entry", {"text": [""], "reason": []}, by=cast.bob)
    assert not Draft.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "values", "status"),
    [
        ("../etc", SAY, 400),
        ("", SAY, 400),
        ("entry", ["text"], 400),
        ("entry", {"text": "not a list"}, 400),
        ("entry", {"text": [1]}, 400),
        ("entry", {"text": ["\x00"]}, 400),
        ("entry", {"text": ["水" * LARGEST]}, 413),
    ],
)
def test_what_is_no_draft_is_refused_and_nothing_is_kept(cast: Cast, key: str, values: object, status: int) -> None:
    assert post(client(cast.bob), key, values) == status
    assert not Draft.objects.exists()


@pytest.mark.django_db
def test_old_and_too_many_drafts_go(cast: Cast) -> None:
    now = timezone.now()
    keep("old", SAY, by=cast.bob, at=now - timedelta(days=15))
    for number in range(MOST + 5):
        keep(f"form-{number}", SAY, by=cast.bob, at=now + timedelta(seconds=number))
    assert Draft.objects.filter(member=cast.bob).count() == MOST
    assert not Draft.objects.filter(key__in=("old", "form-0", "form-4")).exists()


@pytest.mark.django_db
def test_typing_is_said_to_the_team_for_ten_seconds(cast: Cast, ticket: Ticket) -> None:
    now, key = timezone.now(), f"ticket-{ticket.pk}-say"
    keep(key, SAY, by=cast.carol, at=now - timedelta(seconds=5))
    keep(key, SAY, by=cast.dan, at=now - timedelta(seconds=11))
    assert typing(key, reader=cast.bob, at=now) == ["Carol"]
    assert typing(key, reader=cast.carol, at=now) == [], "not to oneself"
    assert typing(key, reader=cast.mallory, at=now) == [], "not to another team"
    path = f"/tickets/{ticket.pk}/typing/"
    answer = client(cast.bob).get(path, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert "Carol is typing an answer" in answer.content.decode() and "data-live-every" in answer.content.decode()
    assert client(cast.mallory).get(path).status_code == 404


@pytest.mark.django_db
def test_a_draft_that_is_too_large_says_so(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        keep("entry", {"text": ["x" * LARGEST]}, by=cast.bob)
    assert refused.value.code == "too_large"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_colleague_sees_who_types_and_another_device_is_offered_the_text(transactional_db: None, visit: Visits) -> None:
    cast = make_cast()
    held = open_ticket(by=cast.bob, customer=make_customer(cast.team), subject="保温杯漏水")
    path = f"/tickets/{held.pk}/"
    bob, carol = visit(cast.bob, path), visit(cast.carol, path)
    with bob.expect_response("**/pulse/**"):  # the first beat only says where the team stands
        pass
    carol.locator("#say").press_sequentially("我来回复", delay=50)
    expect(bob.locator("#typing")).to_contain_text("Carol is typing an answer")

    phone = visit(cast.carol, path)
    offer = phone.locator("#composer .draft-note")
    expect(offer).to_contain_text("did not send it")
    expect(phone.locator("#say")).to_have_value("")
    offer.get_by_role("button", name="Bring it back").click()
    expect(phone.locator("#say")).to_have_value("我来回复")

    phone.get_by_role("button", name="Answered").click()
    expect(phone.locator("#case")).to_contain_text("我来回复")
    expect(bob.locator("#typing")).to_have_text("")
    with phone.expect_response("**/drafts/?**"):
        phone.reload()
    expect(phone.locator("#composer .draft-note")).to_have_count(0)
    assert not Draft.objects.exists()
