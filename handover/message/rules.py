"""Which topic a code belongs to, quiet hours, the platforms' limits, and when to try again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from handover.message.models import Topic

TOPIC_OF: dict[str, str] = {
    "digest.ready": Topic.DIGEST,
    "promise.due": Topic.PROMISE_DUE,
    "promise.broken": Topic.PROMISE_BROKEN,
    "handover.not_taken": Topic.HANDOVER,
    "handover.named": Topic.HANDOVER,
    "note.missing": Topic.HANDOVER,
    "ticket.left_behind": Topic.HANDOVER,
    "return_form.signature_wanted": Topic.SIGNATURE,
    "return_form.overdue": Topic.SIGNATURE,
    "return_form.sent_back": Topic.SIGNATURE,
    "handler.asked": Topic.HANDLER,
    "handler.approved": Topic.HANDLER,
    "handler.declined": Topic.HANDLER,
    "handler.limit_reached": Topic.HANDLER,
    "handler.let_through": Topic.HANDLER,
    "ticket.complained": Topic.COMPLAINT,
    "report.alarm": Topic.ALARM,
    "report.ready": Topic.REPORT,
    "ticket.mentioned": Topic.ASKED,
    "question.asked": Topic.ASKED,
    "question.answered": Topic.ASKED,
    "swap.taken": Topic.ROSTER,
    "swap.approved": Topic.ROSTER,
    "swap.refused": Topic.ROSTER,
    "swap.stepped_back": Topic.ROSTER,
    "swap.withdrawn": Topic.ROSTER,
    "swap.lapsed": Topic.ROSTER,
    "duty.let_in": Topic.ROSTER,
    "duty.lapsed": Topic.ROSTER,
    "duty.ended_for_you": Topic.ROSTER,
    "message.refused": Topic.SYSTEM,
    "webhook.disabled": Topic.SYSTEM,
}
"""Codes of alerts and messages that leave the system; what is not here is told inside only."""

CHANNEL_TOPICS = tuple(topic for topic in Topic.values if topic not in {Topic.DIGEST, Topic.ASKED, Topic.SYSTEM})
"""What a channel of the team may hear: a personal link or question is nobody else's."""

GIVE_UP_AFTER = timedelta(hours=24)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=30)
LEASE = timedelta(minutes=2)
"""Longer than any try can take (see `robots.TIMEOUT`), so that nobody takes a parcel out of a living hand."""


@dataclass(frozen=True)
class Limit:
    """At most `most` messages within any `seconds` seconds."""

    most: int
    seconds: int


LIMITS: dict[str, tuple[Limit, ...]] = {
    # open.dingtalk.com, custom robots: 20 messages a minute each; above that ten minutes of silence
    "dingtalk": (Limit(20, 60),),
    # open.feishu.cn, custom bots: 100 a minute and 5 a second each
    "feishu": (Limit(100, 60), Limit(5, 1)),
    "lark": (Limit(100, 60), Limit(5, 1)),
    # developer.work.weixin.qq.com, group robots: 20 a minute each
    "wecombot": (Limit(20, 60),),
    # api.slack.com, incoming webhooks: one a second each
    "slack": (Limit(1, 1),),
    # core.telegram.org, bots in a group: 20 a minute
    "tgram": (Limit(20, 60),),
}
CAUTIOUS = (Limit(20, 60),)
UNLIMITED: tuple[Limit, ...] = ()

ROOM: dict[str, int] = {"wecombot": 2000, "email": 200_000, "tgram": 3900, "discord": 1900, "schan": 8000}
"""Bytes of UTF-8 that fit into one message."""
LINES = 40


def limits(kind: str) -> tuple[Limit, ...]:
    """The published limits of a kind of destination; a cautious one where none is known."""
    return UNLIMITED if kind == "email" else LIMITS.get(kind, CAUTIOUS)


def room(kind: str) -> int:
    """How many bytes of text one message takes."""
    return ROOM.get(kind, 15_000)


class Came(Enum):
    """What came of a try."""

    SENT = "sent"
    FAILED = "failed"  # it certainly did not arrive: try again
    UNSURE = "unsure"  # it may have arrived
    THROTTLED = "throttled"
    REFUSED = "refused"  # the destination does not take ours: its address or secret is wrong
    REJECTED = "rejected"  # this message is not taken; others may be


@dataclass(frozen=True)
class Answer:
    """What came of a try, why in the platform's own words, and how long it wants us to wait."""

    came: Came
    why: str = ""
    wait: timedelta = timedelta(0)


def backoff(attempts: int, chance: float) -> timedelta:
    """How long to wait after so many tries: 1, 2, 4 … 30 minutes, less up to a quarter by `chance` in [0, 1) so that not all come at
    once; never under a minute, so that a parcel counts once within any minute of a limit."""
    doubled: int = 2 ** min(attempts - 1, 10)
    wait = min(FIRST_WAIT * doubled, LONGEST_WAIT)
    return max(wait * (1 - chance / 4), FIRST_WAIT)


def after_quiet(at: datetime, zone: ZoneInfo, quiet_from: time | None, quiet_until: time | None) -> datetime:
    """The first instant from `at` on outside the quiet hours `[from, until)` of the zone's wall clock; they may cross midnight.

    A wall time that summer time leaves out counts as the instant after the gap, a repeated one as its first.
    """
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return at
    local = at.astimezone(zone)
    now = local.time().replace(tzinfo=None)
    crossing = quiet_from > quiet_until
    if not ((now >= quiet_from or now < quiet_until) if crossing else (quiet_from <= now < quiet_until)):
        return at
    day = local.date() + timedelta(days=1) if crossing and now >= quiet_from else local.date()
    return max(at, datetime.combine(day, quiet_until, tzinfo=zone).astimezone(UTC))
