"""What can be undone has its undo beside the good news; what cannot asks first. One press takes back exactly what was done."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast, make_customer
from tests.tickets.ticket.pages.conftest import HTMX, body
from tickets.people.actions import set_presence
from tickets.ticket import actions
from tickets.ticket.deeds import DEEDS
from tickets.ticket.models import Promise, Resolution, Ticket

pytestmark = pytest.mark.django_db

ASKS_ONLY = {"ask"}
"""Somebody else decides; nothing has happened to the ticket."""


def test_every_deed_has_an_undo_or_asks_first() -> None:
    assert {name for name, deed in DEEDS.items() if not deed.undo and not deed.confirm} == ASKS_ONLY
    assert [name for name, deed in DEEDS.items() if deed.undo and deed.confirm] == []


def do(client: Client, path: str, **data: Any) -> str:
    answer = client.post(path, data, **HTMX)
    assert answer.status_code == 200, body(answer)
    return body(answer)


def take_back(client: Client, answer: str) -> None:
    """Press the “Undo” of the toast."""
    toast = answer.partition('hx-target="#toasts"')[2].partition("</hx-partial>")[0]
    action = re.search(r'hx-post="([^"]+)"', toast)
    assert action, "no undo is offered"
    values = {unescape(name): unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', toast)}
    do(client, action[1], **values)


def of(ticket: Ticket) -> dict[str, Any]:
    """What undoing brings back."""
    ticket.refresh_from_db()
    names = (
        "status",
        "holder_id",
        "waiting_on",
        "resolution_id",
        "complaint",
        "subject",
        "severity",
        "next_action",
        "next_at",
        "tags",
        "due_at",
    )
    return {name: getattr(ticket, name) for name in names}


def url(ticket: Ticket, name: str) -> str:
    return reverse(f"ticket:{name}", args=[ticket.pk])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("pass-on", {"to": "carol", "reason": "下班", "next_step": "打给顺丰"}),
        ("promise", {"due_at": "+2h", "text": "回电"}),
        ("wait", {"on": "warehouse"}),
        ("release", {}),
        ("watch", {}),
    ],
)
def test_undo_brings_back_what_was(browser, cast: Cast, held: Ticket, name: str, data: dict[str, str]) -> None:
    set_presence(cast.carol, on_until=timezone.now() + timedelta(hours=3))
    actions.edit(held, by=cast.bob, version=held.version, next_action="打给顺丰")
    before, client, promised = of(held), browser(cast.bob), Promise.objects.unkept().count()
    take_back(client, do(client, url(held, name), **data))
    assert of(held) == before
    assert Promise.objects.unkept().count() == promised


def test_undo_of_an_edit_writes_the_former_content_over_this_one_only(browser, cast: Cast, held: Ticket) -> None:
    client, before = browser(cast.bob), of(held)
    seen = {"version": held.version, "initial-subject": held.subject, "initial-tags": ""}
    same = {"severity": held.severity, "kind": held.kind, "channel": held.channel}
    same |= {f"initial-{key}": value for key, value in same.items()}
    answer = do(client, url(held, "edit"), **seen, **same, subject="换个说法", tags="gift vip")
    assert of(held)["subject"] == "换个说法"
    take_back(client, answer)
    assert of(held) == before
    late = client.post(url(held, "edit"), seen | same | {"subject": "又改", "tags": ""}, **HTMX)
    assert late.status_code == 409  # what the toast knew is old by now


def test_undo_of_going_on_and_of_reopening(browser, cast: Cast, held: Ticket) -> None:
    client = browser(cast.bob)
    actions.wait(held, by=cast.bob, on="logistics")
    before = of(held)
    take_back(client, do(client, url(held, "resume")))
    assert of(held) == before
    how = Resolution.objects.create(team=cast.team, name="Refunded now")
    actions.resolve(held, by=cast.bob, resolution=how)
    before = of(held)
    take_back(client, do(client, url(held, "reopen"), reason="Called again"))
    assert of(held) == before


def test_undo_of_another_level_of_complaint(browser, cast: Cast, held: Ticket) -> None:
    client = browser(cast.bob)
    first = do(client, url(held, "complain"), level="bad_review")
    assert "Undo" not in first.partition('hx-target="#toasts"')[2]  # that it is a complaint stays on record
    before = of(held)
    take_back(client, do(client, url(held, "complain"), level="platform"))
    assert of(held) == before


def test_c9_a_promise_kept_by_mistake_stands_again(browser, cast: Cast, held: Ticket) -> None:
    client = browser(cast.bob)
    promise = actions.promise(held, by=cast.bob, text="回电", due_at=timezone.now() + timedelta(hours=2))
    before = of(held)
    take_back(client, do(client, reverse("ticket:keep", args=[promise.pk])))
    promise.refresh_from_db()
    assert (promise.status, promise.closed_at, promise.closed_by) == ("open", None, None)
    assert of(held) == before
    again = client.post(reverse("ticket:stand", args=[promise.pk]), **HTMX)
    assert again.status_code == 409 and "not kept" in body(again)


def test_c9_a_broken_promise_kept_late_by_mistake_is_broken_again(cast: Cast, held: Ticket) -> None:
    now = timezone.now()
    promise = actions.promise(held, by=cast.bob, text="回电", due_at=now + timedelta(minutes=1), at=now)
    actions.break_overdue(at=now + timedelta(minutes=2))
    actions.keep(promise, by=cast.bob, at=now + timedelta(minutes=3))
    assert actions.stand_again(promise, by=cast.bob, at=now + timedelta(minutes=4)).status == "broken"


def test_c2_what_was_in_the_pool_is_not_given_back_to_nobody(browser, cast: Cast, pooled: Ticket) -> None:
    """A manager passes on out of the pool: the receiver gives it back with a key, nobody undoes it behind them."""
    set_presence(cast.carol, on_until=timezone.now() + timedelta(hours=3))
    answer = do(browser(cast.alice), url(pooled, "pass-on"), to="carol", reason="他熟", next_step="打给顺丰")
    assert "Undo" not in answer.partition('hx-target="#toasts"')[2]


def test_c8_merging_asks_first(browser, cast: Cast, held: Ticket) -> None:
    actions.open_ticket(by=cast.bob, customer=make_customer(cast.team, "王先生", "tb_wang"), subject="另一个")
    assert "data-confirm" in body(browser(cast.bob).get(url(held, "merge"), **HTMX))
