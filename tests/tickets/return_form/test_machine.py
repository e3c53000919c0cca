"""R1-R8 against random deeds by random people in random order over several forms of one order.

After every deed, allowed or refused: the database's own deferred guards hold, `verify` finds nothing, live signatures come from different
people who did not edit, a refused deed changed nothing, and a closed form stays as it is.
"""

from __future__ import annotations

import os
from decimal import Decimal as D

from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.cast import make_member
from tests.tickets.return_form.scene import Scene, make_scene
from tickets.return_form import actions, proof
from tickets.return_form.models import FormRevision, ReturnForm, ReturnLine, Settlement, Signature, Stage
from tickets.web.refusals import Refused

EXAMPLES = int(os.environ.get("HANDOVER_EXAMPLES", "12"))
PEOPLE = ("dora", "wen", "alice", "both", "all", "olga", "mallory")
RESOLUTIONS = ("refund_only", "return_and_refund", "exchange", "reship", "compensation")
DEEDS = ("file", "edit", "submit", "inspect", "recount", "cosign", "decide", "settle", "send_back", "cancel", "reopen", "parcel", "comment")
small = st.integers(0, 3)
step = st.tuples(st.sampled_from(DEEDS), st.sampled_from(PEOPLE), small, small, small, st.sampled_from(RESOLUTIONS), st.booleans())


class Story:
    """One order with its forms, and everybody who might lay hands on them."""

    def __init__(self) -> None:
        self.scene: Scene = make_scene()
        team = self.scene.cast.team
        self.people = {name: getattr(self.scene.cast, name) for name in PEOPLE if hasattr(self.scene.cast, name)}
        self.people["both"] = make_member(team, "Both", "after_sale", "warehouse")
        self.people["all"] = make_member(team, "All", "after_sale", "warehouse", "manager")
        self.closed: dict[int, tuple] = {}

    def play(self, deed, who, a, b, c, resolution, flag) -> None:
        forms = list(ReturnForm.objects.order_by("id"))
        form = forms[a % len(forms)] if forms else None
        if form is None and deed != "file":
            return
        before = self.picture()
        try:
            with transaction.atomic():
                self.do(deed, self.people[who], form, b, c, resolution, flag)
        except Refused:
            assert self.picture() == before, "a refused deed changed something"

    def do(self, deed, by, form, b, c, resolution, flag) -> None:
        scene = self.scene
        amount = D(c * 15) if resolution == "compensation" or flag else None
        ask = scene.ask(scene.lid if b == 3 else scene.pot, b, resolution, amount=amount)
        stale = {"revision": form.revision - (c == 3)} if form else {}
        if deed == "file":
            actions.file(scene.order, [ask], by=by, signed=flag)
        elif deed == "edit":
            lines = [ask, scene.ask(scene.lid)] if flag else None
            actions.edit(form, by=by, lines=lines, words=f"words {b}", **stale)
        elif deed == "submit":
            actions.submit(form, by=by, **stale)
        elif deed in ("inspect", "recount"):
            actions.inspect(form, by=by, counts=self.counts(form, c), recount=deed == "recount", **stale)
        elif deed == "cosign":
            actions.cosign(form, by=by, outcome="not_received" if flag and c == 0 else "", **stale)
        elif deed == "decide":
            granted = [actions.Granted(1, approved_quantity=b)] if flag else []
            actions.decide(form, by=by, lines=granted, reject=c == 2, freight=D(b * 5), compensation=D(c), rationale="because", **stale)
        elif deed == "settle":
            outcome = ("succeeded", "pending", "failed", "succeeded")[b]
            actions.settle(form, by=by, outcome=outcome, reference=f"REF-{form.pk}", failure="closed account", **stale)
        elif deed == "send_back":
            actions.send_back(form, by=by, question="Which?", **stale)
        elif deed == "cancel":
            actions.cancel(form, by=by, reason="keeps it", **stale)
        elif deed == "reopen":
            actions.reopen(form, by=by, reason="bounced")
        elif deed == "parcel":
            actions.add_parcel(form, by=by, tracking=f"SF{b}")
        else:
            actions.comment(form, by=by, text="hm")

    def counts(self, form, c) -> list[actions.Counted]:
        found = []
        for line in form.lines.filter(resolution__in=["return_and_refund", "exchange"]):
            bad = min(c, line.quantity)
            kinds = {"damaged": bad} if c % 2 else {"missing": bad}
            found.append(actions.Counted(line.place, ok=line.quantity - bad, disposition="restock", **kinds))
        return found

    def picture(self) -> list[tuple]:
        """Everything that a refused deed must leave alone."""
        rows = [list(model.objects.order_by("pk").values_list()) for model in (ReturnForm, ReturnLine, Signature, Settlement, FormRevision)]
        return [tuple(map(tuple, found)) for found in rows]

    def check(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        assert [str(found) for found in proof.findings()] == []
        for form in ReturnForm.objects.all():
            live = list(Signature.objects.filter(form=form, voiding__isnull=True))
            assert len({x.member_id for x in live}) == len(live) == len({x.stage for x in live})
            edited = set(FormRevision.objects.filter(form=form, cause__in=["filed", "edited"]).values_list("by_id", flat=True))
            assert not edited & {x.member_id for x in live if x.stage != Stage.INITIATOR}
            if form.state in ("closed", "cancelled"):
                now = tuple(ReturnForm.objects.filter(pk=form.pk).values_list()[0])
                assert self.closed.setdefault(form.pk, now) == now
        granted = (
            ReturnLine.objects.exclude(granted__in=["", "compensation"]).exclude(form__state="cancelled").values_list("amount", flat=True)
        )
        freight = ReturnForm.objects.values_list("freight_amount", flat=True)
        assert sum(granted, D(0)) + sum(freight, D(0)) <= self.scene.order.paid
        assert sum(x > 0 for x in freight) <= 1


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(step, min_size=5, max_size=25))
def test_random_deeds_by_random_people_never_break_a_rule(db, steps):
    with transaction.atomic():
        story = Story()
        for one in steps:
            story.play(*one)
            story.check()
        transaction.set_rollback(True)
    # the outer transaction of the test goes on


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@example(noise=[])
@given(noise=st.lists(st.tuples(st.integers(0, 6), step), max_size=10))
def test_a_straight_path_with_noise_in_between_never_breaks_a_rule(db, noise):
    """Random deeds alone seldom get far: here a form is carried to the end, and others meddle on the way."""
    with transaction.atomic():
        story = Story()
        path = [
            ("file", "dora", 0, 1, 0, "exchange", True),
            ("inspect", "wen", 0, 0, 0, "exchange", False),
            ("cosign", "wen", 0, 0, 1, "exchange", False),
            ("decide", "alice", 0, 0, 0, "exchange", False),
            ("settle", "dora", 0, 2, 0, "exchange", False),
            ("settle", "dora", 0, 0, 0, "exchange", False),
            ("reopen", "alice", 0, 0, 0, "exchange", False),
        ]
        for place, one in enumerate(path):
            story.play(*one)
            story.check()
            for when, meddling in noise:
                if when == place:
                    story.play(*meddling)
                    story.check()
        if not noise:
            assert ReturnForm.objects.get(predecessor__isnull=True).state == "closed"
            assert ReturnForm.objects.filter(predecessor__isnull=False).exists()
        transaction.set_rollback(True)
