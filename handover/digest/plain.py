"""What the API says of a digest, plain: running forty matters through serializers takes longer than reading them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from handover.digest import rules
from handover.digest.knowing import News, Standing
from handover.digest.matters import tell_words
from handover.digest.queries import Reading
from handover.duty.models import Duty


def told_duty(duty: Duty) -> dict[str, Any]:
    """A duty as `DutyOut` describes it."""
    return {
        "id": duty.pk,
        "member": duty.member_id,
        "shift": duty.shift_id,
        "started_at": said(duty.started_at),
        "until": said(duty.until),
        "lapses_at": said(duty.lapses_at),
        "ended_at": said(duty.ended_at),
        "end": duty.end,
    }


def told(reading: Reading) -> dict[str, Any]:
    """A reading as `DigestOut` describes it."""
    receipt, latest = reading.receipt, reading.latest
    tell_words([m for m in reading.matters if not m.noted], reading.people)
    answers = reading.answers
    return {
        "version": latest.version if latest else None,
        "content_hash": latest.content_hash if latest else "",
        "shift": reading.shift.pk if reading.shift else None,
        "since": said(reading.since),
        "cut_off": said(reading.at),
        "until": said(reading.until),
        "acknowledged_at": said(receipt.acknowledged_at if receipt else None),
        "unanswered": [] if receipt else rules.unanswered(reading.levels, answers),
        "items": [_item(m, answers) for m in reading.matters],
        "notices": [_notice(notice) for notice in reading.notices],
        "news": [_news(note) for note in reading.news],
        "others": reading.others,
    }


def _item(matter: Any, answers: dict[str, Any]) -> dict[str, Any]:
    ticket, author = matter.ticket, matter.author
    return {
        "item": matter.item,
        "ticket": ticket.pk,
        "severity": matter.severity,
        "where": matter.where,
        "customer": matter.customer,
        "subject": ticket.subject,
        "due_at": said(matter.due_at),
        "author": {"id": author.pk, "name": author.name} if author else None,
        "from_ledger": matter.from_ledger,
        "state": matter.state,
        "do": matter.do,
        "if_then": matter.if_then,
        "waits_on": ticket.waiting_on,
        "promises": [{"id": p.pk, "text": p.text, "due_at": said(p.due_at)} for p in matter.promises],
        "handlers": [name for name, _how in matter.handlers],
        "hash": matter.hash,
        "answer": answers.get(matter.item),
    }


def _notice(notice: Standing) -> dict[str, Any]:
    return {
        "id": notice.pk,
        "kind": notice.kind,
        "text": notice.said,
        "version": notice.version,
        "valid_until": said(notice.valid_until),
    }


def said(at: datetime | None) -> str | None:
    """An instant as every other door of the API says it: RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z" if at is not None else None


def _news(news: News) -> dict[str, Any]:
    return {
        "note": news.pk,
        "by": news.by,
        "signed_at": said(news.signed_at),
        "stock_outs": news.stock_outs,
        "news": news.news,
        "unmet_wish": news.unmet_wish,
    }
