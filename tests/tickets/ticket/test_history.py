"""C1, C2, C3 over random histories: the deeds against a model that knows nothing of the database."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cast import NOON, Cast, make_customer
from tickets.people.actions import activate, deactivate, set_presence
from tickets.ticket.actions import (
    approve_handler,
    ask_handler,
    claim,
    contact,
    merge,
    open_ticket,
    release,
    reopen,
    resolve,
    take_over,
    transfer,
)
from tickets.ticket.models import Assignment, Resolution, Ticket, Touch
from tickets.web.refusals import Refused

PEOPLE = ("alice", "bob", "carol", "dan", "eve")
LIMIT = 3
COUNT = 2


@dataclass
class Matter:
    """What the rules say of one ticket."""

    holder: str | None
    touched: list[str]
    status: str = "open"
    into: int | None = None
    approved: set[str] = field(default_factory=set)


@dataclass
class World:
    """The model: matters, who works here, who is on duty."""

    matters: list[Matter]
    active: set[str] = field(default_factory=lambda: set(PEOPLE))
    on: set[str] = field(default_factory=lambda: set(PEOPLE))

    def end(self, t: int) -> Matter:
        found = self.matters[t]
        while found.into is not None:
            found = self.matters[found.into]
        return found

    def touch(self, m: Matter, who: str, by: str, reason: bool) -> str:
        """Empty, or the refusal. Alice is the only manager."""
        if who in m.touched:
            return ""
        if len(m.touched) >= LIMIT and who not in m.approved:
            if not reason or not ((by == "alice" and who != "alice") or not (self.on & {"alice"} - {who})):
                return "handler_limit"
            m.approved.add(who)
        m.touched.append(who)
        return ""

    def open(self, m: Matter) -> bool:
        return m.status == "open"

    def claim(self, t: int, by: str, _to: str, reason: bool) -> str:
        m = self.matters[t]
        if not self.open(m):
            return "wrong_state"
        if m.holder == by:
            return ""
        if m.holder is not None:
            return "taken"
        code = self.touch(m, by, by, reason)
        if not code:
            m.holder = by
        return code

    def release(self, t: int, by: str, _to: str, _reason: bool) -> str:
        m = self.matters[t]
        if not self.open(m):
            return "wrong_state"
        if m.holder not in (None, by) and by != "alice":
            return "forbidden"
        m.holder = None
        return ""

    def transfer(self, t: int, by: str, to: str, reason: bool) -> str:
        m = self.matters[t]
        if not self.open(m):
            return "wrong_state"
        if to not in self.active or to not in self.on:
            return "invalid"
        if m.holder == to:
            return "wrong_state"
        code = self.touch(m, to, by, reason)
        if not code:
            m.holder = to
        return code

    def take_over(self, t: int, _by: str, to: str, _reason: bool) -> str:
        m = self.matters[t]
        if not self.open(m):
            return "wrong_state"
        if to not in self.active:
            return "invalid"
        m.holder = to
        return ""

    def answer(self, t: int, by: str, _to: str, reason: bool) -> str:
        return self.touch(self.end(t), by, by, reason)

    def route(self, t: int, _by: str, _to: str, _reason: bool) -> str:
        return ""

    def resolve(self, t: int, _by: str, _to: str, _reason: bool) -> str:
        m = self.matters[t]
        if not self.open(m):
            return "wrong_state"
        m.status = "resolved"
        return ""

    def reopen(self, t: int, _by: str, _to: str, _reason: bool) -> str:
        m = self.matters[t]
        if m.status != "resolved":
            return "wrong_state"
        m.status = "open"
        if m.holder not in self.active & self.on:
            m.holder = None
        return ""

    def approve(self, t: int, by: str, _to: str, _reason: bool) -> str:
        m = self.end(t)
        if by in m.touched or by in m.approved or len(m.touched) < LIMIT:
            return "wrong_state"
        if by == "alice":
            return "same_hand"
        m.approved.add(by)
        return ""

    def merge(self, t: int, _by: str, to: str, _reason: bool) -> str:
        u = PEOPLE.index(to) % COUNT
        a, b = self.matters[t], self.matters[u]
        if t == u or "merged" in (a.status, b.status) or (self.open(a) and not self.open(b)):
            return "wrong_state"
        b.touched += [who for who in a.touched if who not in b.touched]
        if b.holder is None and self.open(b) and a.holder in self.active:
            b.holder = a.holder
        a.status, a.into = "merged", u
        return ""

    def leave(self, _t: int, _by: str, to: str, _reason: bool) -> str:
        if to == "alice":
            return "wrong_state"
        self.active.discard(to)
        self.on.discard(to)
        for m in self.matters:
            if self.open(m) and m.holder == to:
                m.holder = None
        return ""

    def back(self, _t: int, _by: str, to: str, _reason: bool) -> str:
        self.active.add(to)
        return ""

    def begin(self, _t: int, _by: str, to: str, _reason: bool) -> str:
        if to in self.active:
            self.on.add(to)
        return ""

    def finish(self, _t: int, _by: str, to: str, _reason: bool) -> str:
        self.on.discard(to)
        return ""


class Real:
    """The same history by the deeds."""

    def __init__(self, cast: Cast, ids: list[int], refund: Resolution) -> None:
        self.cast, self.ids, self.refund, self.clock = cast, ids, refund, NOON

    def who(self, name: str) -> Any:
        return self.cast.team.members.get(display_name=name.title())

    def do(self, deed: str, t: int, by: str, to: str, reason: bool) -> str:
        self.clock += timedelta(minutes=1)
        try:
            with transaction.atomic():
                self.deed(deed, Ticket.objects.get(pk=self.ids[t]), self.who(by), self.who(to), "because" if reason else "")
                with connection.cursor() as cursor:  # what the database checks at the end of a transaction, it checks now
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        except Refused as refused:
            return refused.code
        return ""

    def deed(self, deed: str, ticket: Ticket, by: Any, to: Any, why: str) -> None:
        at = self.clock
        match deed:
            case "claim":
                claim(ticket, by=by, override_reason=why, at=at)
            case "release":
                release(ticket, by=by, at=at)
            case "transfer":
                transfer(ticket, to, by=by, reason="r", next_step="n", override_reason=why, at=at)
            case "take_over":
                take_over(ticket, to=to, by=to, at=at)
            case "answer":
                contact(ticket, by=by, override_reason=why, at=at)
            case "route":
                contact(ticket, by=by, outcome="routed", at=at)
            case "resolve":
                resolve(ticket, by=by, resolution=self.refund, at=at)
            case "reopen":
                reopen(ticket, by=by, reason="r", at=at)
            case "approve":
                approve_handler(ask_handler(ticket, by=by, reason="r", at=at), by=self.who("alice"), reason="ok", at=at)
            case "merge":
                merge(ticket, Ticket.objects.get(pk=self.ids[PEOPLE.index(to.display_name.lower()) % COUNT]), by=by, at=at)
            case "leave":
                deactivate(to, by=self.who("alice"), at=at)
            case "back":
                activate(to, by=self.who("alice"), at=at)
            case "begin":
                if to.is_active:
                    set_presence(to, on_since=NOON - timedelta(days=1))
            case "finish":
                set_presence(to, on_since=None)


DEEDS = [
    "claim", "release", "transfer", "take_over", "answer", "answer", "route", "resolve", "reopen", "approve", "merge", "leave", "back",
    "begin", "finish",
]  # fmt: skip
STEP = st.tuples(st.sampled_from(DEEDS), st.integers(0, COUNT - 1), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.booleans())


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens in it, the database is afterwards as before."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def compare(world: World, cast: Cast, ids: list[int]) -> None:
    """The rows say what the model says, and the history explains them."""
    names = {m.pk: m.display_name.lower() for m in cast.team.members.all()}
    for matter, ticket in zip(world.matters, Ticket.objects.filter(pk__in=ids).order_by("pk"), strict=True):
        touched = [names[pk] for pk in Touch.objects.filter(ticket=ticket).order_by("place").values_list("member", flat=True)]
        assert (ticket.status, names.get(ticket.holder_id)) == (matter.status, matter.holder)
        assert touched == matter.touched
        assert ticket.touches == len(touched)
        if matter.status == "open":
            assert matter.holder is None or matter.holder in world.active  # C1: somebody able, or the pool whose lead answers
        rows = list(Assignment.objects.filter(ticket=ticket).order_by("pk").values_list("from_member", "to_member", "cause"))
        assert rows[0][2] == "opened"
        for before, after in itertools.pairwise(rows):
            assert before[1] == after[0] != after[1]  # C2: each starts where the last ended, and changes the holder
        assert rows[-1][1] == ticket.holder_id


@settings(max_examples=40)
@given(steps=st.lists(STEP, min_size=12, max_size=50))
def test_c1_c2_c3_any_history_is_what_the_rules_say(cast: Cast, refund: Resolution, steps: list[Any]) -> None:
    with undone():
        liu = make_customer(cast.team, handle="")
        made = [open_ticket(by=cast.bob, customer=liu, subject=str(n), to_pool=n == 1, channel="review", at=NOON) for n in range(COUNT)]
        world = World([Matter("bob", ["bob"]), Matter(None, [])])
        real, ids = Real(cast, [t.pk for t in made], refund), [t.pk for t in made]
        for deed, t, by, to, reason in steps:
            if by not in world.active:
                continue  # whoever left cannot sign in
            expected = getattr(world, deed)(t, by, to, reason)
            assert real.do(deed, t, by, to, reason) == expected, (deed, t, by, to, reason)
        compare(world, cast, ids)
