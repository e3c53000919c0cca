"""A reader's digest as it is now, who has read what, and what came after."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from handover.digest import rules
from handover.digest.facts import People, people_here
from handover.digest.knowing import News, Standing, Worth, worth_knowing
from handover.digest.matters import Matter, gather
from handover.digest.models import Addendum, Digest, Question, Receipt
from handover.digest.rules import Person
from handover.duty.models import Duty
from handover.note.models import Note, Offer
from handover.roster import queries as roster
from handover.roster.models import Shift
from handover.roster.queries import Window
from tickets.people.models import Member, Role, Team
from tickets.web.kept import Kept, Written

SOON = timedelta(hours=4)
"""Who comes within this time is in the manager's view already."""
FIRST_DAY = timedelta(days=3)
"""How far back the news of somebody goes who never was on duty."""


@dataclass
class Section:
    """What a higher room adds to the digest, such as the returns that wait for the reader's signature."""

    code: str
    title: str
    count: int
    rows: list[dict[str, Any]] = field(default_factory=list)


section_providers: list[Callable[[Member, datetime, datetime], Section | None]] = []
"""Each is called as provider(reader, at, until) and must not cost more than one indexed query."""


@dataclass
class Reading:
    """One person's digest as it is at the instant `at`."""

    member: Member
    shift: Shift | None
    key: str
    since: datetime | None
    at: datetime
    until: datetime
    people: People
    matters: list[Matter]
    sections: list[Section]
    window: Window
    latest: Digest | None = None
    receipt: Receipt | None = None
    on_duty: bool = False
    """Whether a duty of the member runs. False where the member has no digest yet."""

    @cached_property
    def worth(self) -> Worth:
        """What is worth knowing besides; read where it is first asked for."""
        begin = self.shift.starts_at if self.shift is not None else self.at
        news = self.since or self.at - FIRST_DAY
        return worth_knowing(self.member, since=self.since, news=news, begin=begin, at=self.at, until=self.until)

    @property
    def others(self) -> int:
        """Open offers that are other people's business."""
        return self.worth.named - sum(1 for m in self.matters if m.ticket.offer is not None and m.ticket.offer.to_member_id is not None)

    @property
    def notices(self) -> list[Standing]:
        return self.worth.notices

    @property
    def news(self) -> list[News]:
        return self.worth.news

    def of(self, severity: str) -> list[Matter]:
        return [m for m in self.matters if m.severity == severity]

    @property
    def asked(self) -> list[Matter]:
        """What needs a read-back."""
        return [m for m in self.matters if m.severity != rules.STABLE]

    @property
    def hashes(self) -> dict[str, str]:
        return {m.item: m.hash for m in self.matters}

    @property
    def levels(self) -> dict[str, str]:
        return {m.item: m.severity for m in self.matters}

    @property
    def minutes(self) -> int:
        return rules.minutes_to_read(len(self.of(rules.ACT_NOW)), len(self.of(rules.WATCH)), len(self.notices) + len(self.news))

    @property
    def answers(self) -> dict[str, Any]:
        """What is answered, by item: as the receipt says, else what was kept so far and still holds."""
        if self.receipt is not None:
            return dict(self.receipt.answers)
        return self.holding(self.latest.answers) if self.latest is not None else {}

    def holding(self, kept: dict[str, Any]) -> dict[str, Any]:
        """Of kept answers those that still hold: whoever was named may have left, or gone home, since."""
        if all(answer["answer"] != rules.OWNER for answer in kept.values()):
            return kept
        able = {person.pk for person in self.owners()}
        return {item: answer for item, answer in kept.items() if answer["answer"] != rules.OWNER or answer["owner"] in able}

    @cached_property
    def _here(self) -> list[Person]:
        here = people_here(self.member.team_id, at=self.at, until=self.until).values()
        able = [p for p in here if p.pk != self.member.pk and p.can_hold and p.is_here(self.at, self.until)]
        return sorted(able, key=lambda p: (not p.is_on(self.at), p.name))

    def owners(self) -> list[Person]:
        """Who else may be named: able to hold, and at work or coming before this shift ends."""
        return self._here

    def person(self, pk: int | None) -> Person | None:
        """A member an answer names, who need not appear in any matter."""
        if pk is None:
            return None
        self.people.learn([pk])
        return self.people.get(pk)


def read(member: Member, *, at: datetime | None = None, whole: bool = True) -> Reading:
    """The member's digest now: everything since the last duty that is still open, each once, with the newest facts.

    `whole=False` leaves out who handled the matters and what higher rooms add, for whoever does not show it.
    """
    at = at or timezone.now()
    window = roster.shift_window(member, at)
    shift, _start, until = window
    latest, receipt, on_duty = last_version(member)
    key, latest = _key(member, shift, at, latest, receipt)
    if shift is None and latest is not None and latest.key == key and latest.until > at:
        until = latest.until  # without a shift its end would move with every look; once it is past, the next one is meant
    since = latest.since if latest is not None else roster.last_duty_end(member)
    matters, people = gather(member, at=at, until=until, whole=whole)
    found = [provider(member, at, until) for provider in section_providers] if whole else []
    return Reading(
        member=member,
        shift=shift,
        key=key,
        since=since,
        at=at,
        until=until,
        people=people,
        matters=matters,
        sections=[section for section in found if section is not None],
        window=window,
        latest=latest,
        receipt=receipt if receipt is not None and receipt.key == key else None,
        on_duty=on_duty,
    )


def is_on(member: Member, at: datetime) -> bool:
    presence = getattr(member, "presence", None)
    return presence is not None and presence.is_on(at)


LAST_VERSION: Written[Digest] = Written(
    Digest,
    """
    SELECT {columns}, r.id, EXISTS (SELECT FROM handover_duty y WHERE y.member_id = d.member_id AND y.ended_at IS NULL)
    FROM handover_digest d LEFT JOIN handover_receipt r ON r.member_id = d.member_id AND r.key = d.key
    WHERE d.member_id = %(member)s ORDER BY d.id DESC LIMIT 1
    """,
    "d",
    "receipt_pk",
    "running",
)


def last_version(member: Member) -> tuple[Digest | None, Receipt | None, bool]:
    """The member's newest digest version, the receipt that answered it, and whether a duty of the member runs."""
    digest: Any = next(iter(LAST_VERSION.all(member=member.pk)), None)
    if digest is None:
        return None, None, False
    receipt = Receipt.objects.get(pk=digest.receipt_pk) if digest.receipt_pk is not None else None
    return digest, receipt, digest.running


def _key(member: Member, shift: Shift | None, at: datetime, latest: Digest | None, receipt: Receipt | None) -> tuple[str, Digest | None]:
    """Which digest this is: the one that opened the running duty, the one being read, or the first version of the next.

    A receipt older than the running duty, or without one, belongs to the past: the same shift entered again needs another digest.
    """
    since = member.presence.on_since if is_on(member, at) else None
    if receipt is not None and since is not None and receipt.acknowledged_at >= since:
        return receipt.key, latest
    shift_id, day = shift.pk if shift else None, timezone.localdate(at, member.team.zone)
    base = rules.digest_key(shift_id, day, 0)
    if latest is None or not (latest.key == base or latest.key.startswith(f"{base}/")):
        return base, None
    if receipt is None:
        return latest.key, latest
    earlier = Receipt.objects.filter(Q(key=base) | Q(key__startswith=f"{base}/"), member=member).count()
    return rules.digest_key(shift_id, day, earlier), None


def duty_of(member: Member) -> Duty | None:
    return RUNNING.first(member=member.pk)


RUNNING = Kept(lambda member: Duty.objects.running().filter(member_id=member).select_related("shift"))


def addenda_state(member: Member) -> tuple[int, int, list[Addendum]]:
    """The running duty's addenda: (duty, how many are read, those unread). One query."""
    rows = list(Addendum.objects.filter(duty__member=member, duty__ended_at__isnull=True).order_by("number"))
    return (rows[0].duty_id if rows else 0), sum(1 for r in rows if r.acknowledged_at), [r for r in rows if r.acknowledged_at is None]


def questions_for(member: Member) -> QuerySet[Question]:
    """Unanswered questions to this author."""
    return Question.objects.filter(author=member, answered_at__isnull=True).select_related("ticket", "asked_by").order_by("asked_at")


@dataclass
class Reader:
    """One row of the manager's view."""

    member: Member
    shift: Shift | None
    duty: Duty | None
    receipt: Receipt | None
    digest: Digest | None
    state: str


def overview(team: Team, *, at: datetime) -> dict[str, Any]:
    """Who has read what and when, what nobody has taken, who was let in; for the people on or about to come."""
    near = Member.objects.filter(team=team).active().on_or_coming(at, SOON).select_related("presence", "user")
    people = [m for m in near if m.works_in_shifts or Role.MANAGER in m.roles]
    pks = [m.pk for m in people]
    duties = {d.member_id: d for d in Duty.objects.running().filter(member__in=pks).select_related("shift", "started_by")}
    receipts = {r.member_id: r for r in Receipt.objects.filter(member__in=pks, acknowledged_at__gt=at - timedelta(hours=24)).order_by("id")}
    digests = {
        d.member_id: d for d in Digest.objects.filter(member__in=pks, cut_off__gt=at - timedelta(hours=24)).defer("content").order_by("id")
    }
    rows = [_reader(m, duties.get(m.pk), receipts.get(m.pk), digests.get(m.pk), at) for m in people]
    offers = Offer.objects.filter(team=team, state=Offer.State.OPEN).select_related(
        "ticket__customer", "from_member__presence", "to_member__presence", "item"
    )
    questions = Question.objects.filter(team=team, answered_at__isnull=True).select_related("ticket", "asked_by", "author")
    signed = Note.objects.filter(team=team, signed_at__gt=at - timedelta(hours=24)).select_related("member").order_by("-signed_at")
    return {
        "readers": sorted(rows, key=lambda r: (r.state == "read", r.member.display_name)),
        "offers": _urgent_first(offers.order_by("offered_at")[:200]),
        "questions": list(questions.order_by("asked_at")[:100]),
        "unwritten": list(signed.filter(built_by_system=True)[:50]),
        "told": list(signed.exclude(unmet_wish="", stock_outs="", news="")[:50]),
    }


def _urgent_first(offers: Iterable[Offer]) -> list[Offer]:
    """Act now first; what was offered earliest first among equals."""
    return sorted(offers, key=lambda o: rules.RANK[o.item.severity if o.item else o.ticket.severity])


def _reader(member: Member, duty: Duty | None, receipt: Receipt | None, digest: Digest | None, at: datetime) -> Reader:
    if duty is not None and receipt is not None and receipt.acknowledged_at >= duty.started_at - timedelta(minutes=1):
        state = "read"
    elif duty is not None and duty.let_in_reason:
        state = "let_in"
    elif duty is not None:
        state = "on"
    else:
        state = "reading" if digest is not None and digest.opened_at is not None else "unread"
    shift = duty.shift if duty else None
    return Reader(member, shift, duty, receipt if state == "read" else None, digest, state)
