"""Events reach whoever asked for them: signed, at least once, with the same id, and no more in them than may leave."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from handover.webhook import actions, rules
from handover.webhook.models import Endpoint, WebhookDelivery
from tests.cast import Cast, make_cast
from tests.dying import dies
from tests.handover.webhook.receiver import Receiver
from tickets.activity.actions import record
from tickets.activity.models import Activity, Alert

State = WebhookDelivery.State


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def endpoint(cast: Cast, receiver: Receiver, *kinds: str) -> Endpoint:
    made, receiver.secret = actions.add(by=cast.alice, url=receiver.url, kinds=kinds)
    return made


def happen(cast: Cast, count: int = 1, code: str = "ticket.noted", **data: object) -> list[str]:
    """Ledger rows, and the ids their events will have."""
    return [f"evt_{record(code, team=cast.team, actor=cast.bob, **data).pk}" for _number in range(count)]


def test_an_event_is_written_with_its_ledger_row_or_not_at_all(cast: Cast, receiver: Receiver) -> None:
    endpoint(cast, receiver)
    with pytest.raises(RuntimeError), transaction.atomic():
        happen(cast)
        raise RuntimeError
    assert not WebhookDelivery.objects.exists()
    happen(cast, 2)
    assert WebhookDelivery.objects.count() == 2


def test_only_the_chosen_kinds_of_the_own_team_are_told(cast: Cast, receiver: Receiver) -> None:
    endpoint(cast, receiver, "promise", "ticket.resolved")
    codes = ["promise.made", "ticket.resolved", "ticket.noted", "order.logged", "webhook.tested"]
    for code in codes:
        happen(cast, code=code)
    record("promise.made", team=cast.other_team, actor=cast.mallory)
    actions.deliver()
    assert [event["type"] for event in receiver.events] == ["promise.made", "ticket.resolved"]
    assert [rules.wants(["promise", "ticket.resolved"], code) for code in codes] == [True, True, False, False, False]


def test_what_leaves_is_signed_in_order_and_says_what_happened(cast: Cast, receiver: Receiver) -> None:
    endpoint(cast, receiver)
    ids = happen(cast, 3, text="hello", to=cast.carol.pk)
    assert actions.deliver() == 3
    assert (receiver.forged, receiver.accepted) == (0, ids)
    event = receiver.events[0]
    assert event["actor"] == {"id": cast.bob.pk, "name": "Bob"} and event["team"] == "lotus"
    assert event["data"] == {"text": "hello", "to": cast.carol.pk} and event["sequence"] == int(event["id"][4:])
    assert event["at"].endswith("Z")


def test_nothing_leaves_that_a_receiver_must_not_see() -> None:
    found = rules.facts(
        "promise.made",
        {
            "text": "call 138 1234 5678 by 19:30", "due_at": "2026-11-21T11:30:00Z", "number": "4021188000123456789", "promise": 7,
            "phone": "13812345678", "note": "free words", "handle": "tb_liu_8854!", "before": {"severity": "watch", "body": "13812345678"},
            "outcome": "answered", "list": ["13812345678", "kept"],
        },
    )  # fmt: skip
    assert found == {
        "text": "call …5678 by 19:30", "due_at": "2026-11-21T11:30:00Z", "number": "4021188000123456789", "promise": 7,
        "before": {"severity": "watch"}, "outcome": "answered", "list": ["kept"],
    }  # fmt: skip
    assert rules.facts("customer.created", {"name": "liu", "handle": "tb_liu", "customer": 3}) == {"customer": 3}


def test_imported_history_is_no_event(cast: Cast, receiver: Receiver) -> None:
    endpoint(cast, receiver)
    record("ticket.noted", team=cast.team, actor=None, at=timezone.now() - timedelta(days=40))
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize("mood", ["fail", "stall", "close", "redirect", "slow_down", "drip"])
def test_a_failure_rests_the_endpoint_and_the_event_comes_again_with_the_same_id(cast: Cast, receiver: Receiver, mood: str) -> None:
    made = endpoint(cast, receiver)
    ids = happen(cast, 3)
    receiver.moods = [mood]
    now = timezone.now()
    assert actions.deliver(now) == 1, "one try, then it rests"
    made.refresh_from_db()
    assert made.rest_until is not None and made.failing_since == now
    assert made.rest_until - now == timedelta(seconds=1800) if mood == "slow_down" else made.rest_until - now <= timedelta(seconds=30)
    assert actions.deliver(made.rest_until - timedelta(seconds=1)) == 0
    actions.deliver(made.rest_until)
    assert sorted(receiver.accepted) == ids and receiver.elsewhere == 0
    assert receiver.events[0]["id"] == ids[0]
    made.refresh_from_db()
    assert (made.failures, made.failing_since) == (0, None)


def test_after_a_day_it_is_parked_visible_and_can_be_sent_again(cast: Cast, receiver: Receiver) -> None:
    made = endpoint(cast, receiver)
    ids = happen(cast, 2)
    receiver.mood = "fail"
    at, tries = timezone.now(), 0
    while WebhookDelivery.objects.exclude(state="parked").exists():
        tries += actions.deliver(at)
        at += timedelta(minutes=30)
        assert at < timezone.now() + timedelta(days=2)
    assert 20 < tries < 60
    receiver.mood = "well"
    Endpoint.objects.filter(pk=made.pk).update(rest_until=None)
    for found in WebhookDelivery.objects.order_by("id"):
        actions.replay(found, by=cast.alice, at=at)
    actions.deliver(at)
    assert receiver.accepted == ids


def test_an_endpoint_that_fails_for_days_is_switched_off_and_the_lead_is_told_once(cast: Cast, receiver: Receiver) -> None:
    made = endpoint(cast, receiver)
    receiver.mood = "fail"
    at = timezone.now()
    for _hour in range(80):
        happen(cast)
        WebhookDelivery.objects.filter(state="waiting", attempts=0).update(begun_at=at, next_at=at)  # the database has a clock of its own
        actions.deliver(at)
        at += timedelta(hours=1)
    made.refresh_from_db()
    assert made.disabled_at is not None and not made.is_active
    assert Alert.objects.filter(code="webhook.disabled", member=cast.alice).count() == 1
    missed = happen(cast, 2)
    assert not WebhookDelivery.objects.filter(activity_id=missed[0][4:]).exists()
    receiver.mood = "well"
    actions.change(made, by=cast.alice, is_active=True)
    assert actions.replay_after(made, by=cast.alice, after=int(missed[0][4:]) - 1, at=at) >= 2
    actions.deliver(at)
    assert set(missed) <= set(receiver.accepted)


def test_gone_is_believed_at_once(cast: Cast, receiver: Receiver) -> None:
    made = endpoint(cast, receiver)
    happen(cast)
    receiver.mood = "gone"
    actions.deliver()
    made.refresh_from_db()
    assert made.disabled_at is not None


def test_one_endpoint_that_stalls_does_not_take_the_others_time(cast: Cast, receiver: Receiver) -> None:
    for name in ("a", "b"):
        Endpoint.objects.create(team=cast.team, name=name, url="http://127.0.0.1:9/", secret="", kinds=[], created_at=timezone.now())
    endpoint(cast, receiver)
    ids = happen(cast, 40)
    assert actions.deliver(timezone.now()) == 42
    assert receiver.accepted == ids


def test_an_address_that_has_become_internal_is_not_called(cast: Cast, receiver: Receiver, settings) -> None:
    endpoint(cast, receiver)
    happen(cast)
    settings.WEBHOOK_ALLOW = []
    actions.deliver()
    assert receiver.asked == 0
    assert "not allowed" in WebhookDelivery.objects.get().error


def test_a_new_secret_signs_from_now_on(cast: Cast, receiver: Receiver) -> None:
    made = endpoint(cast, receiver)
    old, receiver.secret = receiver.secret, actions.renew_secret(made, by=cast.alice)
    assert old != receiver.secret and receiver.secret not in str(list(Endpoint.objects.values()))
    happen(cast)
    actions.deliver()
    assert (receiver.forged, len(receiver.accepted)) == (0, 1)


# -- workers that die --------------------------------------------------------------------------------------------------------------

WORKER = """
from datetime import timedelta
settings.WEBHOOK_ALLOW = ["127.0.0.0/8"]
from handover.webhook import actions, rules
rules.backoff = lambda *args: timedelta(0)  # a failure is tried again at once
deliver = counted(actions.deliver)
while True:
    deliver(budget=1.0)
"""
"""It dies after so many statements, of which each event takes some."""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_d5_workers_killed_at_any_statement_lose_no_event_and_repeat_by_the_same_id(receiver: Receiver) -> None:
    """A real worker dies at statements of chance, again and again, while the receiver fails and hangs up now and then."""
    cast, seed = make_cast(), random.randrange(10**6)
    endpoint(cast, receiver)
    receiver.moods = ["well", "close", "fail"] * 4
    chance, ids = random.Random(seed), []
    for _round in range(6):
        ids += happen(cast, 40)
        assert dies(WORKER, after=chance.randint(40, 160))
        WebhookDelivery.objects.filter(state="sending").update(lease_until=timezone.now())  # as if two minutes had passed
    assert 0 < receiver.asked < len(ids), seed
    receiver.moods = []
    while WebhookDelivery.objects.exclude(state="sent").exists():
        Endpoint.objects.update(rest_until=None)
        actions.deliver(timezone.now() + timedelta(minutes=5))
    assert set(receiver.accepted) == set(ids) and len(ids) == 240, seed
    assert {event["id"] for event in receiver.events} == set(ids)
    assert WebhookDelivery.objects.count() == Activity.objects.filter(code="ticket.noted").count() == 240
