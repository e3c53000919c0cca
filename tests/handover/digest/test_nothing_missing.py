"""H8, against a brute-force reading of the rules: nothing missing, nothing that is noise, whatever happened before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from handover.digest import queries
from handover.note.models import Offer
from tests.cast import Cast, make_cast, make_customer
from tickets.people.models import Member, Presence
from tickets.ticket import actions as tickets
from tickets.ticket.models import Promise, Resolution, Ticket

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOURS = st.integers(min_value=-6, max_value=30)
WHO = st.sampled_from(["bob", "carol", "dan", "eve"])


@dataclass(frozen=True)
class Work:
    """When somebody is at work, in hours from now: on (until then), coming from–to, or neither."""

    kind: str
    start: int = 0


WORK = st.one_of(st.just(Work("on")), st.builds(Work, st.just("coming"), st.integers(1, 40)), st.just(Work("off")))


@dataclass(frozen=True)
class Matter:
    holder: str | None
    severity: str
    next_hour: int | None
    promises: tuple[tuple[int, bool], ...]  # (due in hours, kept)
    promise_owner: str | None
    waiting: bool
    resolved: bool
    offered: bool
    to: str | None


MATTER = st.builds(
    Matter,
    holder=st.one_of(st.none(), WHO),
    severity=st.sampled_from(["act_now", "watch", "stable"]),
    next_hour=st.one_of(st.none(), HOURS),
    promises=st.lists(st.tuples(st.integers(1, 30), st.booleans()), max_size=2).map(tuple),
    promise_owner=st.one_of(st.none(), WHO),
    waiting=st.booleans(),
    resolved=st.booleans(),
    offered=st.booleans(),
    to=st.one_of(st.none(), WHO),
)


class TestH8(TestCase):
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(work=st.fixed_dictionaries(dict.fromkeys(("carol", "dan", "eve"), WORK)), matters=st.lists(MATTER, max_size=8))
    def test_h8_nothing_missing_and_nothing_that_is_noise(self, work: dict[str, Work], matters: list[Matter]) -> None:
        cast = make_cast()
        place(cast, work)
        made = [make(cast, m) for m in matters]
        reader = Member.objects.select_related("team", "user", "presence").get(pk=cast.bob.pk)
        reading = queries.read(reader, at=NOW)
        got = {m.ticket_id: m.severity for m in reading.matters}
        expected = {t.pk: level for t in made if (level := brute_force(t, cast, NOW, reading.until)) is not None}
        assert got == expected
        assert len(reading.matters) == len(got), "each once"
        asked = [m.severity for m in reading.matters]
        assert asked == sorted(asked, key=["act_now", "watch", "stable"].index)


def place(cast: Cast, work: dict[str, Work]) -> None:
    Presence.objects.update(on_since=None)
    for name, at_work in work.items():
        row = Presence.objects.filter(member=getattr(cast, name))
        if at_work.kind == "on":
            row.update(on_since=NOW - timedelta(hours=1), on_until=NOW + timedelta(hours=4))
        elif at_work.kind == "coming":
            start = NOW + timedelta(hours=at_work.start)
            row.update(next_on=start, next_until=start + timedelta(hours=7))


def make(cast: Cast, m: Matter) -> Ticket:
    """The matter as if it had come about long ago, through the same deeds as everybody's."""
    before = NOW - timedelta(days=1)
    opener = getattr(cast, m.holder or "bob")
    ticket = tickets.open_ticket(
        by=opener,
        customer=make_customer(cast.team, handle=""),
        subject="matter",
        severity=m.severity,
        next_action="x" if m.next_hour is not None else "",
        next_at=NOW + timedelta(hours=m.next_hour) if m.next_hour is not None else None,
        to_pool=m.holder is None,
        at=before,
    )
    owner = getattr(cast, m.promise_owner) if m.promise_owner else None
    for due, kept in m.promises:
        promise = tickets.promise(ticket, by=opener, text="p", due_at=NOW + timedelta(hours=due), owner=owner, at=before)
        if kept:
            tickets.keep(promise, by=opener, at=before)
    if m.waiting:
        tickets.wait(ticket, by=opener, on="customer", at=before)
    if m.resolved:
        how = Resolution.objects.get_or_create(team=cast.team, name="done")[0]
        tickets.resolve(ticket, by=opener, resolution=how, at=before)
    ticket.refresh_from_db()
    if m.offered and not m.resolved and m.to != m.holder:
        Offer.objects.create(
            team=cast.team,
            ticket=ticket,
            from_member_id=ticket.holder_id,
            to_member=getattr(cast, m.to) if m.to else None,
            offered_at=before,
        )
    return ticket


def brute_force(ticket: Ticket, cast: Cast, at: datetime, until: datetime) -> str | None:
    """The rules read aloud for one ticket, without any query that chooses: its severity in Bob's digest, or None."""
    promises = [p for p in Promise.objects.filter(ticket=ticket) if p.status in ("open", "broken")]
    dues = [p.due_at for p in promises]
    offer = Offer.objects.filter(ticket=ticket, state="open").first()
    if ticket.status in ("open", "waiting"):
        dues += [ticket.next_at] if ticket.next_at else []
        urgent = any(due < until for due in dues)
        level = "act_now" if urgent else ticket.severity
        if offer is not None:
            concerned = offer.to_member_id is None or offer.to_member_id == cast.bob.pk or nobody(offer.to_member, urgent, at, until)
            if concerned:
                return level
        elif ticket.holder_id is None:
            if level != "stable":
                return level
        elif ticket.holder_id == cast.bob.pk or nobody(ticket.holder, urgent, at, until):
            return level
    for promise in promises:
        apart = ticket.status == "resolved" or promise.owner_id != ticket.holder_id
        if apart and promise.due_at < until and (promise.owner_id in (None, cast.bob.pk) or nobody(promise.owner, True, at, until)):
            return "act_now"
    return None


def nobody(member: Member | None, urgent: bool, at: datetime, until: datetime) -> bool:
    """Whether nobody sees to it: the person is neither here nor coming within 16 hours, or comes only after something is due."""
    assert member is not None
    presence = Presence.objects.get(member=member)
    if presence.on_since is not None:
        return False
    if presence.next_on is None or presence.next_on >= at + timedelta(hours=16):
        return True
    return urgent and presence.next_on >= until


@pytest.mark.django_db
def test_h8_an_unrostered_reader_has_a_window_too() -> None:
    cast = make_cast()
    Presence.objects.update(on_since=None)
    reader = Member.objects.select_related("team", "user", "presence").get(pk=cast.bob.pk)
    assert queries.read(reader, at=NOW).until == NOW + timedelta(hours=8)
