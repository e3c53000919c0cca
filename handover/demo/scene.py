"""The present moment: who works, who has just signed, who is about to start, and what lies before each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from handover.demo import stories
from handover.demo.history import order_of
from handover.demo.people import CAST, Demo
from handover.demo.stories import MINUTE, Matter
from handover.digest.actions import acknowledge, open_digest
from handover.duty.actions import end_duty, start_duty
from handover.duty.models import Duty
from handover.note.actions import open_draft, save_item, save_parts, sign
from handover.notice.actions import publish
from handover.notice.models import Notice
from handover.roster.actions import materialise, refresh_next, set_day
from handover.roster.models import RosterEntry, Shift, ShiftPattern
from tickets.people.models import Member
from tickets.script.actions import create_campaign, create_script
from tickets.script.models import Campaign, Script
from tickets.ticket import actions
from tickets.ticket.models import Ticket

SOON = 45 * MINUTE
"""When the next shift is this near, the person “about to start” belongs to it; otherwise to the one that runs."""
WEEK, OFF = 7, 6
"""Days rostered ahead; on one of them each person is free, and the first of these days lacks somebody."""


@dataclass
class Moment:
    """The shifts around now: the one before, the one that runs, the one that comes."""

    now: datetime
    before: Shift
    running: Shift
    coming: Shift

    @property
    def turning(self) -> bool:
        return self.coming.starts_at - self.now <= SOON

    def since_start(self, share: float) -> datetime:
        """An instant of the running shift: 0 its start, 1 now."""
        start = self.running.starts_at + MINUTE
        return start + max(self.now - start, timedelta()) * share


def moment(demo: Demo, now: datetime) -> Moment:
    materialise(demo.team, at=now - timedelta(days=2), weeks=3)
    shifts = list(Shift.objects.between(now - timedelta(days=2), now + timedelta(days=2)).filter(team=demo.team).order_by("starts_at"))
    place = next(place for place, shift in enumerate(shifts) if shift.starts_at <= now < shift.ends_at)
    return Moment(now, *shifts[place - 1 : place + 2])


def lay_out(demo: Demo, now: datetime) -> None:
    """The roster around now, the shift before with its signed note, the people on duty with their matters, notices, the pool."""
    around = moment(demo, now)
    roster(demo, around)
    lead = demo.members["manager"]
    if not Duty.objects.running().filter(member=lead).exists():
        start_duty(lead, by=lead, at=around.since_start(0))
    if not Notice.objects.standing(now).filter(team=demo.team).exists():
        for kind, text, holds in stories.NOTICES:
            publish(by=lead, kind=kind, text=text, valid_until=now + holds, at=around.before.starts_at)
    words(demo, lead, now)
    begin(demo.members["warehouse"], around.since_start(0.02))
    giver, night = demo.members["chen"], demo.members["night"]
    hand_over(demo, around, giver, night)
    for story in stories.IN_POOL:
        log(demo, demo.members["wang"], story, now, to_pool=True)
    for name in ("agent", "zhao", "aftersale"):
        begin(demo.members[name], around.since_start(0.02))
    for story in stories.ON_DUTY:
        log(demo, demo.members["agent"], story, now, earliest=around.since_start(0.05))
    late = log(demo, demo.members["wang"], stories.OVERDUE, now, to_pool=True)
    actions.claim(late, by=demo.members["zhao"], at=around.since_start(0.5))
    actions.break_overdue(now)
    refresh_next([member.pk for member in demo.members.values()], now)


def words(demo: Demo, lead: Member, now: datetime) -> None:
    """The team's quick replies, written once, and a campaign that runs."""
    if not Script.objects.filter(team=demo.team).exists():
        for shortcut, title, body, reason in stories.SCRIPTS:
            chosen = demo.reasons[reason] if reason else None
            create_script(by=lead, shortcut=shortcut, title=title, body=body, reason=chosen, at=now)
    if not Campaign.objects.running(now).filter(team=demo.team).exists():
        name, text, begins, ends = stories.CAMPAIGN
        create_campaign(by=lead, name=name, text=text, starts_at=now + begins, ends_at=now + ends, at=now)


def roster(demo: Demo, around: Moment) -> None:
    """Everybody on their shift; the person about to start on the one that begins, or has just begun."""
    lead = demo.members["manager"]
    near = {-1: around.before, 0: around.running, 1: around.coming}
    for person in CAST:
        if person.shift is None:
            continue
        shift = near[person.shift]
        if around.turning and person.username == "night":
            shift = around.coming
        if around.turning and person.username == "chen":
            shift = around.running
        put(demo.members[person.username], shift, lead)
    for place, person in enumerate(CAST):
        pattern = near[person.shift].pattern if person.shift is not None else None
        later = Shift.objects.filter(team=demo.team, pattern=pattern, starts_at__gt=around.coming.starts_at).order_by("starts_at")
        for day, shift in enumerate(later[:WEEK] if pattern else ()):
            if (day + place) % WEEK != OFF:
                put(demo.members[person.username], shift, lead)


def put(member: Member, shift: Shift, lead: Member) -> None:
    """Roster a person on a shift unless they work then already, besides what else they worked that day. What has begun was planned an hour
    before."""
    span = DateTimeTZRange(shift.starts_at, shift.ends_at)
    if not RosterEntry.objects.filter(member=member, during__overlap=span).exists():
        pattern: ShiftPattern | None = shift.pattern
        if pattern is not None:
            that_day = ShiftPattern.objects.filter(shifts__entries__member=member, shifts__business_date=shift.business_date)
            set_day(member, shift.business_date, [*that_day, pattern], by=lead, at=shift.starts_at - timedelta(hours=1))


def begin(member: Member, at: datetime) -> None:
    """Read the digest, take what is in it, start."""
    if Duty.objects.running().filter(member=member).exists():
        return
    refresh_next([member.pk], at)
    reading = open_digest(_fresh(member), at=at)
    version = reading.latest.version if reading.latest else 1
    answers = [{"item": item, "answer": "take"} for item, level in reading.levels.items() if level != "stable"]
    acknowledge(_fresh(member), by=member, version=version, answers=answers, at=at + 2 * MINUTE)


def hand_over(demo: Demo, around: Moment, giver: Member, night: Member) -> None:
    """The giver worked the shift before, logged what is still open, and signed a note that names the night agent."""
    shift = around.running if around.turning else around.before
    signed_at = around.now - 6 * MINUTE if around.turning else shift.ends_at - 5 * MINUTE
    begin(giver, min(shift.starts_at + 3 * MINUTE, signed_at - 20 * MINUTE))
    told = {log(demo, giver, story, around.now, latest=signed_at - 10 * MINUTE).pk: story for story in stories.HANDED_OVER}
    refresh_next([night.pk], signed_at)
    note = open_draft(_fresh(giver), at=signed_at - 3 * MINUTE)
    for item in note.items.select_related("note"):
        told_of = told.get(item.ticket_id)
        to = {"to_member": night} if told_of and told_of.severity != "stable" else {}
        save_item(
            item, by=giver, version=item.version, at=signed_at - 2 * MINUTE,
            next_action=item.next_action or "看进展，答复顾客",
            if_then=(told_of.if_then if told_of else "") or "顾客再问 → 先安抚再查", **to,
        )  # fmt: skip
    note = save_parts(
        note, by=giver, at=signed_at - MINUTE,
        unmet_wish="三位顾客问有没有 28cm 的雪平锅", stock_outs="40cm 汤锅", news="今晚 22:00 双十二券开抢，咨询会多",
    )  # fmt: skip
    sign(note, by=giver, version=note.version, at=signed_at)


def log(
    demo: Demo, by: Member, story: Matter, now: datetime,
    *, to_pool: bool = False, earliest: datetime | None = None, latest: datetime | None = None,
) -> Ticket:  # fmt: skip
    """Log one matter as it happened, with what was said since."""
    at = max(now - story.opened, earliest) if earliest else now - story.opened
    at = min(at, latest) if latest else at
    customer, order = order_of(demo, story.customer, story.product, at)
    promise = (story.promise, now + story.promise_in) if story.promise and story.promise_in else None
    ticket = actions.open_ticket(
        by=by, customer=customer, subject=story.subject, body=story.body, reason=demo.reasons[story.reason], severity=story.severity,
        orders=[order], tags=story.tags, next_action=story.next_action, next_at=now + story.next_in if story.next_in else None,
        promise=promise, complaint=story.complaint, to_pool=to_pool, at=at,
    )  # fmt: skip
    step = (min(latest or now, now) - at) / (len(story.said) + 2)
    for place, said in enumerate(story.said, start=1):
        ticket = actions.contact(ticket, by=by, text=said, at=at + step * place)
    if story.waiting:
        ticket = actions.wait(ticket, by=by, on=story.waiting, at=at + step)
    return ticket


def _fresh(member: Member) -> Member:
    return Member.objects.select_related("team__lead", "presence", "user").get(pk=member.pk)


def is_stale(demo: Demo, now: datetime) -> bool:
    """Whether nobody of the demo has begun work in the last eight hours: then the scene lies in the past."""
    return not Duty.objects.filter(team=demo.team, started_at__gt=now - timedelta(hours=8)).exists()


def clear(demo: Demo, now: datetime) -> None:
    """End the last scene: duties as the clock would, matters as settled, and take everybody off the roster around now."""
    for duty in Duty.objects.running().filter(team=demo.team):
        end_duty(duty, by=None, end=Duty.End.LAPSED, at=now - timedelta(hours=1))
    for ticket in Ticket.objects.unresolved().filter(team=demo.team):
        actions.resolve(ticket, by=demo.members["manager"], resolution=demo.resolutions["已解答"], at=now - timedelta(minutes=50))
    planned = RosterEntry.objects.filter(team=demo.team, shift__ends_at__gt=now - timedelta(days=1)).select_related("shift", "member__team")
    for entry in planned:
        set_day(entry.member, entry.shift.business_date, [], by=demo.members["manager"], at=entry.shift.starts_at - timedelta(hours=1))
