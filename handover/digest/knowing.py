"""What is worth knowing besides the matters: notices, news, questions back, how the team's handovers stand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from handover.notice.models import Notice
from handover.notice.rules import said
from tickets.people.models import Member
from tickets.web.prepared import prepared_cursor

NEWS_AT_MOST = 20
"""News of notes shown after a long absence, newest first; the rest is in the notes."""


@dataclass(slots=True)
class Standing:
    """A notice the reader has not read in its present version."""

    pk: int
    version: int
    kind: str
    text: str
    shop: str | None
    valid_from: datetime
    valid_until: datetime | None
    facts: dict[str, Any] | None = None

    @property
    def id(self) -> int:
        return self.pk

    @property
    def said(self) -> str:
        """What it says, in the reader's language."""
        return said(self.facts, self.text)

    def get_kind_display(self) -> str:
        return str(Notice.Kind(self.kind).label)


@dataclass(slots=True)
class News:
    """What a signed note tells of stock, of the shops, and of what customers asked for in vain."""

    pk: int
    by: str
    signed_at: datetime
    stock_outs: str
    news: str
    unmet_wish: str


@dataclass(slots=True)
class AskedBack:
    """A question to the reader that waits for an answer."""

    pk: int
    by: str
    text: str


@dataclass
class Worth:
    """`named`: open offers of the team to a person; `nobody`: offers the lead was told of; `shifts`: how many began since then."""

    notices: list[Standing] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    questions: list[AskedBack] = field(default_factory=list)
    named: int = 0
    nobody: int = 0
    shifts: int = 0


KNOWING = """
    SELECT
    (SELECT json_agg(json_build_array(n.id, n.version, n.kind, n.text, s.name, n.valid_from, n.valid_until, n.facts) ORDER BY n.id)
        FROM handover_notice n LEFT JOIN tickets_shop s ON s.id = n.shop_id
        WHERE n.team_id = %(team)s AND n.ended_at IS NULL AND n.valid_from <= %(until)s
            AND (n.valid_until IS NULL OR n.valid_until > %(at)s)
            AND NOT EXISTS (SELECT 1 FROM handover_noticeread r
                WHERE r.notice_id = n.id AND r.member_id = %(reader)s AND r.version = n.version)),
    (SELECT json_agg(json_build_array(n.id, m.display_name, n.signed_at, n.stock_outs, n.news, n.unmet_wish) ORDER BY n.signed_at DESC)
        FROM (SELECT * FROM handover_note WHERE team_id = %(team)s AND signed_at > %(news)s AND member_id <> %(reader)s
                AND (stock_outs <> '' OR news <> '' OR unmet_wish <> '')
            ORDER BY signed_at DESC LIMIT %(most)s) n
        JOIN tickets_member m ON m.id = n.member_id),
    (SELECT json_agg(json_build_array(q.id, m.display_name, q.text) ORDER BY q.asked_at, q.id)
        FROM handover_question q JOIN tickets_member m ON m.id = q.asked_by_id
        WHERE q.author_id = %(reader)s AND q.answered_at IS NULL),
    o.named, o.nobody,
    (SELECT count(*) FROM handover_shift WHERE team_id = %(team)s AND starts_at >= %(since)s::timestamptz AND starts_at < %(begin)s)
    FROM (SELECT count(to_member_id) AS named, count(escalated_at) AS nobody
        FROM handover_offer WHERE team_id = %(team)s AND state = 'open') o
"""
"""The first is `notice.queries.unread`, the second news of others, not the reader's own."""


def worth_knowing(reader: Member, *, since: datetime | None, news: datetime, begin: datetime, at: datetime, until: datetime) -> Worth:
    """`since`: when the reader was last at work; `news`: from when on notes are news; `begin`: the start of the reader's shift, or `at`."""
    values = {"team": reader.team_id, "reader": reader.pk, "since": since, "news": news, "begin": min(begin, at), "at": at, "until": until}
    with prepared_cursor() as cursor:
        cursor.execute(KNOWING, {**values, "most": NEWS_AT_MOST})
        notices, told, asked, named, nobody, shifts = cursor.fetchone()
    return Worth(
        notices=[Standing(*(*row[:5], _instant(row[5]), _instant(row[6]), row[7])) for row in _rows(notices)],
        news=[News(row[0], row[1], _instant(row[2]), *row[3:]) for row in _rows(told)],
        questions=[AskedBack(*row) for row in _rows(asked)],
        named=named,
        nobody=nobody,
        shifts=shifts,
    )


def _rows(value: Any) -> Iterable[list[Any]]:
    return (json.loads(value) if isinstance(value, str) else value) or ()


def _instant(text: str | None) -> Any:
    return datetime.fromisoformat(text) if text is not None else None
