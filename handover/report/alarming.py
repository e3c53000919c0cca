"""The product alarm: what draws more tickets in a day than its own history and its sales make likely.

For each product and each reason: X tickets in the last 24 hours against λ expected from the 28 days before, scaled by the orders paid then
and now (per product; for reasons, of all). Without a known cause X is Poisson; history itself is a sample, so λ takes half a case more
(Jeffreys). The alarm is raised where P(X' ≥ X) ≤ α ÷ how many products and reasons were looked at (Bonferroni): in a team where nothing is
wrong, at most α of the looks, one in 1,000, raise any alarm at all. Fewer than four tickets never do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, lgamma, log
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation

from handover.notice.actions import publish
from handover.notice.models import Notice
from handover.report import names
from handover.report.facts import FACTS, placed
from handover.report.queries import _rows
from tickets.activity.actions import alert
from tickets.activity.telling import sentence
from tickets.people.models import Member, Role, Team

ALPHA = 0.001
HISTORY = timedelta(days=28)
WINDOW = timedelta(hours=24)
LEAST = 4
SHOWN = 8


def tail(expected: float, seen: int) -> float:
    """P(X ≥ seen) of a Poisson variable: the exact sum, from whichever side is shorter."""
    if seen <= 0:
        return 1.0
    if expected <= 0:
        return 0.0
    term, total, count = exp(seen * log(expected) - expected - lgamma(seen + 1)), 0.0, seen
    while term > 1e-18 * max(total, 1e-300):
        total += term
        count += 1
        term *= expected / count
    return min(1.0, total)


@dataclass(frozen=True)
class Look:
    """One product or reason: what came, what was to be expected, which tickets."""

    kind: str
    key: Any
    seen: int
    expected: float
    tickets: list[int]

    @property
    def chance(self) -> float:
        return tail(self.expected, self.seen)


SQL = """
    SELECT {dim}, count(*) FILTER (WHERE x.at >= %(now)s), count(*) FILTER (WHERE x.at < %(now)s),
           array_agg(x.id ORDER BY x.at DESC) FILTER (WHERE x.at >= %(now)s)
    FROM ({fact}) x GROUP BY 1"""


def looks(team: Team, at: datetime) -> list[Look]:
    """Every product and reason that drew a ticket in the last 24 hours or the 28 days before."""
    begin = at - WINDOW
    values = {"team": team.pk, "zone": team.time_zone, "start": begin - HISTORY, "end": at, "now": begin}
    orders = {key: (now, before) for key, now, before, _ids in _rows(SQL.format(dim="x.item", fact=placed(FACTS["orders"])), values)}
    sold = sum(now for now, _b in orders.values()), sum(before for _n, before in orders.values())
    found = []
    for kind, dim in (("product", "item"), ("reason", "reason")):
        for key, seen, before, ids in _rows(SQL.format(dim=f"x.{dim}", fact=placed(FACTS["matters"])), values):
            if key in ("", 0):
                continue
            now, then = orders.get(key, (0, 0)) if kind == "product" else sold
            found.append(Look(kind, key, seen, (before + 0.5) * growth(now, then), ids or []))
    return found


def growth(now: int, before: int) -> float:
    """What of the history is to be expected in the window: its share of the time, more where more was sold, never less."""
    plain = WINDOW / HISTORY
    return max(plain, now / before) if before else plain


def alarms(found: list[Look]) -> Iterator[Look]:
    """The looks that chance does not explain."""
    for look in found:
        if look.seen >= LEAST and look.chance <= ALPHA / len(found):
            yield look


def watch(*, at: datetime | None = None) -> int:
    """Look at every team; raise each alarm once in 24 hours. Returns how many were raised."""
    at = at or timezone.now()
    return sum(_raise(team, look, at) for team in Team.objects.select_related("lead") for look in list(alarms(looks(team, at))))


@transaction.atomic
def _raise(team: Team, look: Look, at: datetime) -> int:
    """One notice with the matters, in the next digest of everybody; the managers are told. The alert's key makes it once a day."""
    if team.lead is None:
        return 0
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    facts = _facts(team, look)
    lately = Notice.objects.filter(team=team, kind=Notice.Kind.ALARM, created_at__gt=at - WINDOW)
    if lately.filter(Q(facts__about=facts["about"]) | Q(facts__isnull=True, text__startswith=f"“{facts['what']}”")).exists():
        return 0
    with translation.override(team.lead.user.language or None):
        text = sentence("report.surge", facts, {})[1]
    told = {"code": "report.surge", **facts}
    notice = publish(by=team.lead, text=text, facts=told, kind=Notice.Kind.ALARM, valid_until=at + 2 * WINDOW, at=at)
    managers = Member.objects.filter(team=team).active().with_role(Role.MANAGER)
    key = f"alarm:{facts['about']}:{at.astimezone(team.zone).date()}"
    alert(managers, "report.alarm", key=key, at=at, notice=notice.pk, **facts)
    return 1


def _facts(team: Team, look: Look) -> dict[str, Any]:
    """What the sentence of an alarm is made of; `about` is the same for the same product or reason."""
    called = str(look.key) if look.kind == "product" else names.reasons(team.pk, [look.key]).get(look.key, "")
    return {
        "about": f"{look.kind}:{look.key}"[:80],
        "what": called[:120],
        "seen": look.seen,
        "expected": round(look.expected, 1),
        "tickets": look.tickets[:SHOWN],
        "more": len(look.tickets) > SHOWN,
    }
