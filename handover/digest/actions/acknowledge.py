"""Acknowledging a digest: every answer takes effect, the receipt is written, duty begins. One transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.digest import queries, rules
from handover.digest.actions.effects import confirm, give_and_ask, take_over
from handover.digest.actions.reading import checked, keep_version, locked_answers
from handover.digest.models import Receipt
from handover.digest.queries import Reading
from handover.duty import actions as duty_actions
from handover.duty.models import Duty
from handover.notice import actions as notice_actions
from tickets.activity.actions import record, together
from tickets.people.models import Member
from tickets.people.turns import take_turn_alone_if
from tickets.ticket.models import Ticket
from tickets.web.kept import Inserted, Kept
from tickets.web.prepared import prepared_cursor
from tickets.web.refusals import Refused

STALE = _("Your digest has changed since you read it. Answer what is new.")
UNANSWERED = _("Every matter to act on or to watch needs an answer.")
OPEN_FIRST = _("Open your digest first.")
ELSEWHERE = _("You answered in another window at this moment. Look at it, then start again.")
ANSWER_THIS = _("Take it, name its owner, or ask its author.")


@dataclass
class Acknowledged:
    """What came of it. `taken`: matters the reader wanted that somebody else had taken first."""

    receipt: Receipt
    duty: Duty | None
    taken: list[dict[str, Any]] = field(default_factory=list)


class _Old(Exception):
    """The digest has changed: leaves the transaction, so that the next version can be kept."""

    def __init__(self, reading: Reading, given: dict[str, Any]) -> None:
        self.reading, self.given = reading, given


def acknowledge(
    member: Member, *, by: Member, version: int, answers: Iterable[Mapping[str, Any]] = (), at: datetime | None = None
) -> Acknowledged:
    """Acknowledge the digest's `version` with the answers given here and those kept before, and start duty.

    Refuses `stale` (with `current`, `delta` and what must be answered again) where items were added or changed since that version;
    the answers to all others are kept. `invalid` where act-now or watch items have no answer. A second call returns the first receipt.
    """
    at = at or timezone.now()
    try:
        with transaction.atomic():
            return _acknowledge(member, by, version, list(answers), at)
    except _Old as old:
        raise _stale(old, version) from None


def _acknowledge(member: Member, by: Member, version: int, answers: list[Mapping[str, Any]], at: datetime) -> Acknowledged:
    alone = _take_turn(member, answers)
    locked = _lock(member)
    reader = _fresh(member)
    reading = queries.read(reader, at=at, whole=False)
    if reading.receipt is not None:
        return Acknowledged(reading.receipt, queries.duty_of(member))
    if reading.latest is None or reading.latest.opened_at is None:
        raise Refused("wrong_state", OPEN_FIRST)
    kept = reading.holding(dict(reading.latest.answers) if reading.latest.pk == locked else locked_answers(reading))
    given = kept | _given(reading, answers)
    if not alone and any(answer["answer"] == rules.OWNER for answer in given.values()):
        raise Refused("stale", ELSEWHERE, current={"version": reading.latest.version})
    before = reading.latest.content["hashes"]
    if version != reading.latest.version or rules.is_old(rules.delta(before, reading.hashes)):
        raise _Old(reading, given)
    missing = rules.unanswered(reading.levels, given)
    if missing:
        raise Refused("invalid", UNANSWERED, errors={item: [ANSWER_THIS] for item in missing})
    wanted = {item for item, answer in [*kept.items(), *((str(a.get("item")), a) for a in answers)] if answer.get("answer") == rules.TAKE}
    taken = _already_taken(reading, wanted)
    give_and_ask(reading, given, at)
    notice_actions.read_all(member, until=reading.until, at=at)
    with together():
        take_over(reading, given, by, at)
        receipt = _write_receipt(reading, given, by, at)
        duty = _begin_duty(reader, by, reading, receipt, at)
    confirm(reading, given, by, at)
    return Acknowledged(receipt, duty, taken)


def _take_turn(member: Member, answers: list[Mapping[str, Any]]) -> bool:
    """Alone where an answer, given now or kept, gives a matter to somebody else, who may be beginning duty in this moment."""
    named = any(answer.get("answer") == rules.OWNER for answer in answers)
    return take_turn_alone_if(NAMES_SOMEBODY, member.team_id, named=named, member=member.pk)


NAMES_SOMEBODY = """
    %(named)s::boolean OR COALESCE((
        SELECT jsonb_path_exists(answers, '$.*.answer ? (@ == "owner")')
        FROM handover_digest WHERE member_id = %(member)s ORDER BY id DESC LIMIT 1), false)
"""


def _begin_duty(reader: Member, by: Member, reading: Reading, receipt: Receipt, at: datetime) -> Duty | None:
    """The running duty, or else a new one. `reading` was read after the member's row was locked: it knows whether one runs."""
    if reading.on_duty:
        return queries.duty_of(reader)
    return duty_actions.start_locked(reader, by=by, receipt=receipt, window=reading.window, at=at)


def _lock(member: Member) -> int | None:
    """One acknowledgement of a person at a time, and nobody moves the matters meanwhile. Returns which version is locked.

    The digest row comes first, then the tickets by id, as everywhere.
    """
    with prepared_cursor() as cursor:
        cursor.execute(LOCK, [member.pk])
        row = cursor.fetchone()
    return int(row[0]) if row is not None else None


LOCK = """
    WITH version AS MATERIALIZED (
        SELECT id, content FROM handover_digest WHERE member_id = %s ORDER BY id DESC LIMIT 1 FOR NO KEY UPDATE
    ), matters AS MATERIALIZED (
        SELECT id FROM tickets_ticket
        WHERE id = ANY(ARRAY(SELECT (item->>'ticket')::bigint FROM version, jsonb_array_elements(content->'items') item))
        ORDER BY id FOR NO KEY UPDATE
    )
    SELECT version.id, (SELECT count(*) FROM matters) FROM version
"""


def _fresh(member: Member) -> Member:
    """The member's row, locked, with the presence as it is now that the digest is ours."""
    found = FRESH.first(pk=member.pk)
    assert found is not None  # noqa: S101 - members are never deleted
    found.team = member.team
    return found


FRESH = Kept(lambda pk: duty_actions.to_begin(pk).select_related("presence"))


def _given(reading: Reading, answers: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The answers of this call, checked, by item. What is not (any more) in the digest is left out; it cannot be taken."""
    matters = {m.item: m for m in reading.matters}
    found = {}
    for answer in answers:
        matter = matters.get(str(answer.get("item")))
        if matter is not None:
            found[matter.item] = checked(matter, answer, reading)
    return found


def _already_taken(reading: Reading, wanted: set[str]) -> list[dict[str, Any]]:
    """What the reader wanted to take that is no longer theirs to answer, with who has it now."""
    assert reading.latest is not None  # noqa: S101
    here = {m.item for m in reading.matters}
    rows = {row["item"]: row for row in reading.latest.content["items"]}
    gone = sorted(item for item in wanted if item in rows and item not in here)
    holders = dict(Ticket.objects.filter(pk__in=[rows[i]["ticket"] for i in gone]).values_list("pk", "holder")) if gone else {}
    found = []
    for item in gone:
        holder = reading.person(holders.get(rows[item]["ticket"]))
        said = {"id": holder.pk, "name": holder.name} if holder else None
        found.append({"item": item, "ticket": rows[item]["ticket"], "subject": rows[item]["subject"], "holder": said})
    return found


RECEIPTS = Inserted(Receipt)


def _write_receipt(reading: Reading, given: dict[str, Any], by: Member, at: datetime) -> Receipt:
    digest, member = reading.latest, reading.member
    assert digest is not None and digest.opened_at is not None  # noqa: S101
    accepted = {m.item: {"answer": "accept"} for m in reading.matters if m.item not in given}
    receipt = Receipt(
        team_id=member.team_id,
        member=member,
        shift=reading.shift,
        key=digest.key,
        digest=digest,
        version=digest.version,
        content_hash=digest.content_hash,
        opened_at=min(digest.opened_at, at),
        answers=given | accepted,
        acknowledged_at=at,
        actor=by,
    )
    RECEIPTS.add(receipt)
    record(
        "digest.acknowledged",
        team=member.team,
        actor=by,
        at=at,
        member=member.pk,
        shift=digest.shift_id,
        version=digest.version,
        hash=digest.content_hash,
        matters=len(reading.matters),
    )
    return receipt


def _stale(old: _Old, version: int) -> Refused:
    """Keep the next version and say what is new in it."""
    reading = old.reading
    seen = type(reading.latest).objects.filter(member=reading.member, key=reading.key, version=version).first() if reading.latest else None
    before = seen.content["hashes"] if seen is not None else {}
    latest = keep_version(reading, answers=old.given)
    found = rules.delta(before, reading.hashes)
    again = rules.unanswered(reading.levels, reading.answers)
    titles = {m.item: {"item": m.item, "ticket": m.ticket_id, "subject": m.ticket.subject, "severity": m.severity} for m in reading.matters}
    told = {name: [titles.get(item, {"item": item}) for item in items] for name, items in found.items()}
    return Refused("stale", STALE, current={"version": latest.version}, delta=told, unanswered=again)
