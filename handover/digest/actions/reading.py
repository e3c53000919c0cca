"""Opening a digest, and keeping each answer the moment it is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.digest import queries, rules
from handover.digest.matters import Matter
from handover.digest.models import Digest
from handover.digest.queries import Reading
from handover.notice import actions as notice_actions
from tickets.people.models import Member
from tickets.web.refusals import Refused
from tickets.web.when import UNREADABLE, read_when, written

NO_SUCH_ITEM = _("This is not in your digest.")
NO_SUCH_ANSWER = _("Answer take, owner or ask.")
NO_OWNER = _("Name somebody who is at work or coming before your shift ends.")
ASK_SOMETHING = _("Write what you want to know.")
DONE = _("You have acknowledged this digest already.")


def open_digest(member: Member, *, at: datetime | None = None) -> Reading:
    """The member's digest as it is now, with its newest version stored and marked opened.

    A first look makes version 1. Where an item was added or changed since, the next version is made; answers to what did not
    change are carried over. Items that went away (somebody else took them) make no new version.
    """
    reading = queries.read(member, at=at)
    if reading.receipt is None:
        keep_version(reading, opened=True)
    return reading


def keep_version(reading: Reading, *, opened: bool = False, answers: Mapping[str, Any] | None = None) -> Digest:
    """Store what the reading asks for as a version, unless the newest one says the same. Sets `reading.latest`."""
    latest, now = reading.latest, reading.hashes
    before: dict[str, str] = latest.content["hashes"] if latest is not None else {}
    if latest is not None and not rules.is_old(rules.delta(before, now)):
        if opened and latest.opened_at is None:
            latest.opened_at = reading.at
            Digest.objects.filter(pk=latest.pk, opened_at__isnull=True).update(opened_at=reading.at)
        return latest
    given = {**(latest.answers if latest is not None else {}), **(answers or {})}
    opened_at = (latest.opened_at if latest is not None else None) or (reading.at if opened else None)
    with transaction.atomic():
        reading.latest, _made = Digest.objects.get_or_create(
            member=reading.member,
            key=reading.key,
            version=latest.version + 1 if latest is not None else 1,
            defaults={
                "team_id": reading.member.team_id,
                "shift": reading.shift,
                "since": reading.since,
                "cut_off": reading.at,
                "until": reading.until,
                "content": content(reading),
                "content_hash": rules.version_hash(now),
                "opened_at": opened_at,
                "answers": rules.carried(given, before, now),
            },
        )
    return reading.latest


def content(reading: Reading) -> dict[str, Any]:
    """What is kept of a version: enough to say later what was read, and to find what changed since."""
    rows = [
        {
            "item": m.item,
            "ticket": m.ticket_id,
            "subject": m.ticket.subject,
            "severity": m.severity,
            "where": m.where,
            "due_at": m.due_at,
            "do": m.do,
        }
        for m in reading.matters
    ]
    return {
        "hashes": reading.hashes,
        "items": rows,
        "notices": [[n.pk, n.version] for n in reading.notices],
        "news": [n.pk for n in reading.news],
    }


@transaction.atomic
def answer(member: Member, item: str, given: Mapping[str, Any], *, at: datetime | None = None) -> Reading:
    """Keep one answer, so that a crash loses nothing; custody passes only on acknowledging.

    `given`: {"answer": "take", "next_action", "next_at"} · {"answer": "owner", "owner": member id} · {"answer": "ask", "text"}.
    Refuses `not_found` for what is not in the digest, `invalid`, `wrong_state` once acknowledged.
    """
    reading = open_digest(member, at=at)
    if reading.receipt is not None:
        raise Refused("wrong_state", DONE)
    matter = next((m for m in reading.matters if m.item == item), None)
    if matter is None:
        raise Refused("not_found", NO_SUCH_ITEM)
    _keep(reading, {**locked_answers(reading), item: checked(matter, given, reading)})
    return reading


@transaction.atomic
def unanswer(member: Member, item: str, *, at: datetime | None = None) -> Reading:
    """Take an answer back before starting."""
    reading = open_digest(member, at=at)
    if reading.receipt is not None:
        raise Refused("wrong_state", DONE)
    kept = locked_answers(reading)
    kept.pop(item, None)
    _keep(reading, kept)
    return reading


@transaction.atomic
def accept_stable(member: Member, *, at: datetime | None = None) -> Reading:
    """Keep that the reader accepts all stable matters together (H9). Starting accepts them too. Refuses `wrong_state` once acknowledged."""
    reading = open_digest(member, at=at)
    if reading.receipt is not None:
        raise Refused("wrong_state", DONE)
    accepted = {m.item: {"answer": rules.ACCEPT} for m in reading.of(rules.STABLE)}
    _keep(reading, accepted | locked_answers(reading))
    return reading


def locked_answers(reading: Reading) -> dict[str, Any]:
    assert reading.latest is not None  # noqa: S101 - open_digest has just stored it
    reading.latest = Digest.objects.select_for_update(no_key=True).get(pk=reading.latest.pk)
    return dict(reading.latest.answers)


def _keep(reading: Reading, answers: dict[str, Any]) -> None:
    digest = reading.latest
    assert digest is not None  # noqa: S101
    digest.answers = answers
    digest.save(update_fields=["answers"])


def checked(matter: Matter, given: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """The answer in the shape it is kept in. Refuses `invalid`, naming the field under the item."""
    kind = given.get("answer")
    if kind == rules.TAKE:
        step = str(given.get("next_action") or matter.do)[:300]
        return {"answer": kind, "next_action": step, "next_at": _instant(matter, given.get("next_at"))}
    if kind == rules.OWNER:
        owner = _owner(given.get("owner"), reading)
        if owner is None:
            raise Refused("invalid", errors={f"{matter.item}.owner": [NO_OWNER]})
        return {"answer": kind, "owner": owner}
    if kind == rules.ASK:
        text = str(given.get("text") or "").strip()
        if not text:
            raise Refused("invalid", errors={f"{matter.item}.text": [ASK_SOMETHING]})
        return {"answer": kind, "text": text[:1000]}
    raise Refused("invalid", errors={f"{matter.item}.answer": [NO_SUCH_ANSWER]})


def _instant(matter: Matter, value: Any) -> str | None:
    """The confirmed time as RFC 3339, of what was typed (`19:30`, `+2h`) in the active zone. Where nothing was, or what the page shows
    was left as it is, the time the matter has, to the second. Refuses `invalid`."""
    known = matter.ticket.next_at or matter.due_at
    found = known if not value or value == written(known) else value
    if isinstance(found, str):
        found = read_when(found, timezone.now(), timezone.get_current_timezone())
        if found is None:
            raise Refused("invalid", errors={f"{matter.item}.next_at": [UNREADABLE]})
    return found.isoformat() if found is not None else None


def _owner(value: Any, reading: Reading) -> int | None:
    """The member id of who is named, by id, user name or name, if that person may be."""
    text = str(value).strip()
    return next((p.pk for p in reading.owners() if text in (str(p.pk), p.username, p.name)), None)


def mark_notices_read(member: Member, *, at: datetime | None = None) -> None:
    """The reader has read every standing notice the digest shows."""
    at = at or timezone.now()
    reading = queries.read(member, at=at)
    notice_actions.read(reading.notices, by=member, at=at)
