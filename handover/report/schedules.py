"""Reports that are sent by themselves: when each is due, putting them into the outbox once, and their words.

`handover.message` carries them: one row per schedule and day is written in the transaction that fills the outbox, and the outbox sends
each letter once. A worker that dies before its commit leaves nothing behind; one that dies after it has lost nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.message.actions import Words, send
from handover.message.models import Message
from handover.report import letters
from handover.report.models import Schedule, Sending
from tickets.activity.actions import record
from tickets.people.access import may
from tickets.people.models import Member
from tickets.web.refusals import Refused
from tickets.web.sheets import csv_answer
from tickets.web.undo import unend

DAY = timedelta(days=1)
MOST = 100
NO_REPORT = _("There is no such report.")
NO_READER = _("Choose at least one member of the team.")
WHICH_DAY = _("Choose a day: of the week for weekly, from 1 to 28 for monthly sending.")
AN_HOUR = _("An hour from 0 to 23.")
NOT_A_CHOICE = _("Every day, week or month.")
ENDED = _("This has ended.")


@transaction.atomic
def schedule(
    *,
    by: Member,
    report: str,
    query: str = "",
    every: str,
    hour: int,
    members: Iterable[Member],
    weekday: int | None = None,
    monthday: int | None = None,
    channels: bool = False,
    at: datetime | None = None,
) -> Schedule:
    """Let a view (`query`, its address) be sent regularly at an hour of the team's clock, first at the next time it comes round.

    `weekday` 1 (Monday) to 7 for weekly, `monthday` 1 to 28 for monthly. Refuses `invalid` by field; `not_found` for other teams' members.
    """
    at = at or timezone.now()
    people = list({m.pk: m for m in members}.values())[:MOST]
    if any(m.team_id != by.team_id for m in people):
        raise Refused("not_found")
    _check(by, report, query, every, hour, weekday, monthday, people)
    made = Schedule.objects.create(
        team=by.team, by=by, report=report, query=query.lstrip("?"), every=every, hour=hour, channels=channels, created_at=at,
        weekday=weekday if every == "week" else None, monthday=monthday if every == "month" else None,
    )  # fmt: skip
    made.members.set(people)
    told = {"report": report, "query": made.query, "every": every, "hour": hour, "members": [m.pk for m in people]}
    record("report.scheduled", team=by.team, actor=by, at=at, schedule=made.pk, **told)
    return made


def _check(
    by: Member, report: str, query: str, every: str, hour: int, weekday: int | None, monthday: int | None, people: list[Member]
) -> None:
    errors: dict[str, list[object]] = {}
    if report not in letters.TITLES:
        errors["report"] = [NO_REPORT]
    if every not in Schedule.Every.values:
        errors["every"] = [NOT_A_CHOICE]
    if not 0 <= hour <= 23:
        errors["hour"] = [AN_HOUR]
    if every == "week" and weekday not in range(1, 8):
        errors["weekday"] = [WHICH_DAY]
    if every == "month" and monthday not in range(1, 29):
        errors["monthday"] = [WHICH_DAY]
    if not people:
        errors["members"] = [NO_READER]
    if errors:
        raise Refused("invalid", errors=errors)
    letters.check(by, report, query.lstrip("?"))


@transaction.atomic
def end(found: Schedule, *, by: Member, at: datetime | None = None) -> datetime:
    """Send it no longer; since when. Refuses `wrong_state` where that was done."""
    at = at or timezone.now()
    if not Schedule.objects.running().filter(pk=found.pk).update(ended_at=at):
        raise Refused("wrong_state", ENDED)
    record("report.schedule_ended", team=by.team, actor=by, at=at, schedule=found.pk, report=found.report)
    return at


@transaction.atomic
def resume(found: Schedule, *, by: Member, ended: str, at: datetime | None = None) -> None:
    """It was ended by mistake at `ended` (ISO 8601): it is sent again, what was missed meanwhile once. Refuses `stale`."""
    unend(Schedule.objects.filter(team=by.team), found.pk, ended)
    record("report.schedule_resumed", team=by.team, actor=by, at=at, schedule=found.pk, report=found.report)


def due_day(found: Schedule, at: datetime, zone: ZoneInfo) -> tuple[date, datetime]:
    """The newest day on or before the instant on which it is to be sent, and the instant of that. Days and hours of the zone; an hour
    that a change to summer time skips is the one after."""
    day = at.astimezone(zone).date()
    while True:
        instant = datetime.combine(day, time(found.hour), zone)
        fits = {"day": True, "week": day.isoweekday() == found.weekday, "month": day.day == found.monthday}[found.every]
        if fits and instant.timestamp() <= at.timestamp():
            return day, instant
        day -= DAY


def send_due(at: datetime | None = None) -> int:
    """Put every report that is due into the outbox; what was missed meanwhile comes once, as its newest. Returns how many."""
    at = at or timezone.now()
    return sum(_send(pk, at) for pk in Schedule.objects.running().order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _send(pk: int, at: datetime) -> int:
    """One schedule, while no other worker has it in hand."""
    rows = Schedule.objects.running().select_related("team", "by").select_for_update(of=("self",), skip_locked=True, no_key=True)
    found = rows.filter(pk=pk).first()
    if found is None:
        return 0
    day, instant = due_day(found, at, found.team.zone)
    if instant.timestamp() <= found.created_at.timestamp() or found.sendings.filter(day__gte=day).exists():
        return 0
    readers = [m for m in found.members.filter(is_active=True).select_related("team", "user") if may(m, "report.read")]
    Sending.objects.create(schedule=found, day=day, at=at, readers=len(readers))
    send(
        "report.ready", key=f"report:{found.pk}:{day}", members=readers, channels_of=found.team if found.channels else None,
        at=at, expires_at=at + DAY, schedule=found.pk, day=day,
    )  # fmt: skip
    return 1


def words_of_report(message: Message) -> Words | None:
    """What the letter says: the report's sentences, where to read it, and its table as csv. None once the schedule has ended, or for
    whom the report is no longer."""
    found = Schedule.objects.running().filter(pk=message.data.get("schedule")).select_related("by__team").first()
    if found is None:
        return None
    reader, day = message.member or found.by, date.fromisoformat(str(message.data["day"]))
    try:
        made = letters.letter(reader, found.report, found.query, day)
    except (Refused, Http404):
        return None
    file = b"".join(csv_answer(made.head, made.rows, name=made.name))
    text = "\n".join([made.title, *made.sentences])
    url = settings.SITE_URL.rstrip("/") + made.address
    return Words(text, url=url, subject=made.title, alone=True, files=((f"{made.name}.csv", "text/csv", file),))
