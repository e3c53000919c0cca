"""From an alert to the group's screen: who is told what, where and when; nothing is lost, and what may be a repeat says so."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.test import override_settings

from handover.message import actions
from handover.message.actions.sending import claim
from handover.message.models import Delivery, Destination, Message, Parcel, Topic
from tests.cast import Cast
from tests.handover.matters import open_ticket
from tests.handover.message.platforms import SECRET, TOKEN, Platforms
from tests.handover.message.test_robots import GOOD
from tickets.activity.actions import alert
from tickets.activity.models import Activity, Alert
from tickets.web.refusals import Refused

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
"""14:00 in Shanghai."""


def robot(cast: Cast, kind: str = "dingtalk", **more: object) -> Destination:
    address, secret = GOOD[kind]
    by = more.pop("by", cast.bob)
    return actions.add(by=by, address=address, secret=secret, at=NOW, **more)  # type: ignore[arg-type]


def no_email(*members: object) -> None:
    actions.use_email(members, NOW)  # type: ignore[arg-type]
    Destination.objects.filter(kind="email").update(is_active=False)


def tell(cast: Cast, key: str, at: datetime = NOW, code: str = "promise.due", **data: object) -> None:
    alert([cast.bob], code, key=key, at=at, subject=f"Thermos {key}", **data)


def test_an_alert_and_its_message_are_one_transaction(cast: Cast) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        tell(cast, "a")
        raise RuntimeError
    assert not Message.objects.exists()
    tell(cast, "a")
    tell(cast, "a")
    alert([cast.bob, cast.carol], "ticket.complained", key="b", at=NOW, subject="x")
    assert sorted(Message.objects.values_list("key", "member_id")) == sorted([("a", cast.bob.pk), ("b", cast.bob.pk), ("b", cast.carol.pk)])


def test_email_is_the_default_and_one_mail_carries_what_came_together(cast: Cast) -> None:
    tell(cast, "a")
    tell(cast, "b")
    assert actions.deliver(NOW) == 1
    (letter,) = mail.outbox
    assert letter.to == ["bob@example.com"] and "2 messages" in letter.subject
    assert letter.body.index("Thermos a") < letter.body.index("Thermos b")
    assert actions.deliver(NOW + timedelta(hours=1)) == 0 and len(mail.outbox) == 1


def test_a_robot_is_sent_a_signed_message_with_numbered_lines(cast: Cast, world: Platforms) -> None:
    no_email(cast.bob)
    robot(cast)
    for key in "abc":
        tell(cast, key)
    assert actions.deliver(NOW) == 1
    assert len(world.taken) == 1 and "1. " in world.taken[0] and "Thermos c" in world.taken[0]
    assert Parcel.objects.get().state == "sent"


def test_each_hears_only_the_chosen_topics(cast: Cast, world: Platforms) -> None:
    no_email(cast.bob)
    robot(cast, topics=[Topic.COMPLAINT])
    tell(cast, "due")
    tell(cast, "bad", code="ticket.complained", level="dispute")
    actions.deliver(NOW)
    assert len(world.taken) == 1 and "dispute" in world.taken[0] and "Thermos due" not in world.taken[0]


def test_quiet_hours_hold_it_back_and_send_it_together_afterwards(cast: Cast, world: Platforms) -> None:
    no_email(cast.bob)
    robot(cast, quiet_from=time(13), quiet_until=time(15))
    tell(cast, "a")
    assert actions.deliver(NOW) == 0
    tell(cast, "b", at=NOW + timedelta(minutes=30))
    assert actions.deliver(NOW + timedelta(minutes=59)) == 0 and world.asked == 0
    assert actions.deliver(NOW + timedelta(hours=1)) == 1
    assert "Thermos a" in world.taken[0] and "Thermos b" in world.taken[0]


def test_a_channel_hears_an_event_once_however_many_managers_are_told(cast: Cast, world: Platforms) -> None:
    no_email(cast.alice, cast.bob, cast.carol)
    channel = robot(cast, "slack", by=cast.alice, for_team=True)
    alert([cast.alice, cast.bob, cast.carol], "ticket.complained", key="one", at=NOW, subject="Broken pot", level="dispute")
    alert([cast.bob], "ticket.mentioned", key="two", at=NOW, subject="private")
    actions.deliver(NOW)
    assert [text.count("Broken pot") for text in world.taken] == [1]
    assert channel.member is None and "private" not in world.taken[0]


def test_no_phone_number_leaves(cast: Cast, world: Platforms) -> None:
    no_email(cast.bob)
    robot(cast)
    tell(cast, "a", text="call 13812345678 or +86 139 1234 5678 before 19:30")
    actions.deliver(NOW)
    assert "…5678" in world.taken[0] and "19:30" in world.taken[0]
    assert "13812345678" not in world.taken[0] and "139 1234" not in world.taken[0]


def test_an_old_alert_is_history(cast: Cast) -> None:
    tell(cast, "old", at=NOW - timedelta(days=2))
    assert actions.deliver(NOW) == 0 and Message.objects.filter(routed_at__isnull=True).count() == 0


def test_who_left_is_told_nothing(cast: Cast) -> None:
    tell(cast, "a")
    cast.bob.is_active = False
    cast.bob.save()
    assert actions.deliver(NOW) == 0 and mail.outbox == []


def test_the_address_is_sealed_shown_nowhere_and_gone_when_removed(cast: Cast) -> None:
    found = robot(cast)
    everything = str(list(Destination.objects.values())) + str(list(Activity.objects.values("data")))
    assert TOKEN not in everything and SECRET not in everything
    tell(cast, "a")
    actions.route(NOW)
    actions.remove(found, by=cast.bob, at=NOW)
    found.refresh_from_db()
    assert found.address == "" and Delivery.objects.get(destination=found).dropped == "removed"


# -- what goes wrong ------------------------------------------------------------------------------------------------------------


def test_what_fails_is_tried_again_later_and_then_arrives_once(cast: Cast, world: Platforms) -> None:
    no_email(cast.bob)
    robot(cast)
    tell(cast, "a")
    world.moods = ["fail", "fail"]
    at, waits = NOW, []
    for _try in range(3):
        assert actions.deliver(at) == 1
        parcel = Parcel.objects.get()
        if parcel.state == "waiting":
            assert actions.deliver(at + timedelta(seconds=59)) == 0
            waits.append(parcel.next_at - at)
            at = parcel.next_at
    assert len(world.taken) == 1 and "repeat" not in world.taken[0]
    assert timedelta(minutes=1) <= waits[0] <= waits[1] <= timedelta(minutes=2)


def test_what_may_have_arrived_is_sent_again_and_says_so(cast: Cast, world: Platforms) -> None:
    no_email(cast.bob)
    robot(cast)
    tell(cast, "a")
    world.moods = ["stall"]
    actions.deliver(NOW)
    parcel = Parcel.objects.get()
    assert (parcel.state, parcel.uncertain) == ("waiting", True)
    actions.deliver(parcel.next_at)
    assert ["repeat" in text for text in world.taken] == [False, True]
    assert Parcel.objects.get().state == "sent"


def test_too_fast_rests_the_robot_as_long_as_the_platform_says(cast: Cast, world: Platforms) -> None:
    no_email(cast.bob)
    robot(cast)
    tell(cast, "a")
    world.moods = ["throttle"]
    actions.deliver(NOW)
    tell(cast, "b", at=NOW + timedelta(minutes=5))
    assert actions.deliver(NOW + timedelta(minutes=9, seconds=59)) == 0
    while Parcel.objects.filter(state="sent").count() < 2:
        NOW_ON = NOW + timedelta(minutes=12)
        assert actions.deliver(NOW_ON) > 0
    assert len(world.taken) == 2


def test_more_than_the_platform_allows_waits_for_the_next_minute_whoever_shares_the_robot(cast: Cast, world: Platforms) -> None:
    no_email(cast.bob, cast.carol)
    own, other = robot(cast), robot(cast, by=cast.carol)
    assert own.robot == other.robot
    for number in range(22):
        place, who = (own, cast.bob) if number % 2 else (other, cast.carol)
        actions.send_test(place, by=who, at=NOW + timedelta(milliseconds=number))
        actions.deliver(NOW + timedelta(seconds=1))
    assert len(world.taken) == 20
    assert actions.deliver(NOW + timedelta(seconds=30)) == 0
    actions.deliver(NOW + timedelta(seconds=62))
    assert len(world.taken) == 22


def test_a_wrong_secret_rests_the_destination_and_tells_its_owner_once(cast: Cast, world: Platforms) -> None:
    no_email(cast.bob)
    found = actions.add(by=cast.bob, address=GOOD["dingtalk"][0], secret="SECwrong", at=NOW)
    tell(cast, "a")
    tell(cast, "b")
    actions.deliver(NOW)
    found.refresh_from_db()
    assert found.broken_at == NOW and "310000" in found.broken_why
    assert Alert.objects.filter(member=cast.bob, code="message.refused").count() == 1
    tell(cast, "c")
    assert actions.deliver(NOW + timedelta(hours=1)) == 0 and world.taken == []
    failed = Parcel.objects.get(state="failed")
    actions.remove(found, by=cast.bob, at=NOW)
    with pytest.raises(Refused) as refused:
        actions.send_again(failed, by=cast.alice)
    assert refused.value.code == "wrong_state"


def test_a_failed_parcel_can_be_sent_again_and_what_waited_follows(cast: Cast, world: Platforms) -> None:
    no_email(cast.bob)
    robot(cast)
    tell(cast, "a")
    world.moods = ["fail"] * 100
    at = NOW
    while Parcel.objects.exclude(state="failed").exists() or not Parcel.objects.exists():
        actions.deliver(at)
        at += timedelta(minutes=31)
    assert at - NOW >= timedelta(hours=24) and world.taken == []
    world.moods = []
    tell(cast, "b", at=at)
    assert actions.send_again(Parcel.objects.get(), by=cast.alice, at=at)
    while actions.deliver(at := at + timedelta(minutes=1)):
        pass
    assert ["Thermos a" in world.taken[0], "Thermos b" in world.taken[1], len(world.taken)] == [True, True, 2]


# -- workers that die ------------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """What a kill is to the code: no handler of ours runs."""


@pytest.mark.parametrize("moment", ["before it leaves", "while it is under way", "before it is noted"])
def test_a_worker_killed_at_any_moment_loses_nothing(cast: Cast, world: Platforms, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    from handover.message.actions import sending

    no_email(cast.bob)
    robot(cast)
    tell(cast, "a")

    def die(*args: object, **more: object) -> None:
        raise Killed

    where = {"before it leaves": "_let_go", "before it is noted": "_settle"}
    with monkeypatch.context() as patched, pytest.raises(Killed):
        if moment == "while it is under way":
            patched.setattr(sending.post, "send", die)
        else:
            patched.setattr(sending, where[moment], die)
        actions.deliver(NOW)
    assert actions.deliver(NOW + timedelta(minutes=1)) == 0, "the lease still runs"
    assert actions.deliver(NOW + timedelta(minutes=3)) == 1
    assert Parcel.objects.get().state == "sent"
    texts = [("Thermos a" in text, "repeat" in text) for text in world.taken]
    assert (
        texts
        == {
            "before it leaves": [(True, False)],
            "while it is under way": [(True, True)],
            "before it is noted": [(True, False), (True, True)],
        }[moment]
    )


def test_mail_that_is_repeated_has_the_same_message_id(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from handover.message.actions import sending

    tell(cast, "a")
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(sending, "_settle", lambda *args: (_ for _ in ()).throw(Killed()))
        actions.deliver(NOW)
    actions.deliver(NOW + timedelta(minutes=3))
    assert len(mail.outbox) == 2
    assert len({letter.message()["Message-ID"] for letter in mail.outbox}) == 1
    assert "repeat" not in mail.outbox[1].body


def test_a_slow_worker_that_comes_back_does_not_undo_what_another_did(cast: Cast, world: Platforms) -> None:
    from handover.message.actions.sending import _let_go, _settle
    from handover.message.rules import Answer, Came

    no_email(cast.bob)
    robot(cast)
    tell(cast, "a")
    actions.route(NOW)
    slow = claim(NOW)
    assert isinstance(slow, Parcel)
    assert actions.deliver(NOW + timedelta(minutes=3)) == 1
    assert _let_go(slow) is False, "another worker has sent it"
    _settle(slow, Answer(Came.FAILED, "late"), NOW + timedelta(minutes=4))
    assert Parcel.objects.get().state == "sent" and len(world.taken) == 1


def test_the_key_of_the_installation_may_change(cast: Cast, world: Platforms) -> None:
    from django.conf import settings

    no_email(cast.bob)
    robot(cast)
    with override_settings(SECRET_KEY="x" * 50, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        tell(cast, "a")
        actions.deliver(NOW)
    assert len(world.taken) == 1
    with override_settings(SECRET_KEY="y" * 50, SECRET_KEY_FALLBACKS=[]):
        tell(cast, "b", at=NOW + timedelta(minutes=2))
        actions.deliver(NOW + timedelta(minutes=2))
    assert Parcel.objects.filter(state="failed", error__contains="SECRET_KEY").count() == 1


def test_the_digests_link_goes_wherever_its_reader_wants_it_and_not_after_its_end(cast: Cast, world: Platforms) -> None:
    from handover.digest.actions import send_link

    no_email(cast.bob)
    robot(cast)
    open_ticket(cast.alice, "Thermos leaks", to_pool=True, at=NOW)
    now = datetime.now(UTC)
    assert send_link(cast.bob, starts_at=now + timedelta(minutes=40), expires_at=now + timedelta(hours=8), at=now)
    Message.objects.filter(code="digest.ready").update(at=now)
    actions.deliver(now)
    assert any("/d/" in text for text in world.taken)
    assert send_link(cast.bob, starts_at=now + timedelta(days=1), expires_at=now + timedelta(hours=1), at=now)
    before = len(world.taken)
    actions.deliver(now + timedelta(hours=2))
    assert len(world.taken) == before


def test_a_message_that_cannot_be_put_into_words_keeps_nobody_waiting(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from handover.message import wording

    def broken(_message: Message) -> None:
        raise ValueError("a room's mistake")

    monkeypatch.setitem(wording.composers, "promise.broken", broken)
    tell(cast, "bad", code="promise.broken")
    tell(cast, "good")
    assert actions.deliver(NOW) == 1
    assert len(mail.outbox) == 1 and "Thermos good" in mail.outbox[0].body
    monkeypatch.delitem(wording.composers, "promise.broken")
    assert actions.deliver(NOW + timedelta(minutes=31)) == 1
    assert "Thermos bad" in mail.outbox[1].body


def test_alerts_of_a_team_that_is_restored_are_not_told_again(cast: Cast) -> None:
    from django.db import connection

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL handover.restoring = 'on'")
        tell(cast, "a")
    assert Alert.objects.filter(key="a").exists() and not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_it_once(world: Platforms) -> None:
    from tests.cast import make_cast
    from tests.handover.races import race

    cast = make_cast()
    no_email(cast.bob)
    robot(cast)
    for number in range(5):
        tell(cast, f"a{number}")
    assert race(lambda _who: actions.deliver(NOW), [1, 2, 3, 4]) == ["won"] * 4
    assert len(world.taken) == 1 and Parcel.objects.get().state == "sent"
