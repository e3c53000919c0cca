"""What the ticket page shows, in a bounded number of queries however long the story is.

The small lists beside the story (promises, handlers, files, …) come as one row of JSON: a page of ten ORM queries costs more than
everything else on it together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from django.db import connection

from tickets.activity.models import Activity
from tickets.people.models import Member
from tickets.ticket.models import Ticket
from tickets.web.kept import Kept

FACTS = """
SELECT json_build_object(
  'promises', (SELECT coalesce(json_agg(x ORDER BY x.closed_at DESC NULLS FIRST, x.due_at), '[]') FROM (
      SELECT p.id, p.text, p.due_at, p.status, p.closed_at, p.reason, m.display_name AS owner, k.display_name AS made_by, p.made_at
      FROM tickets_promise p LEFT JOIN tickets_member m ON m.id = p.owner_id LEFT JOIN tickets_member k ON k.id = p.made_by_id
      WHERE p.ticket_id = t.id ORDER BY p.id DESC LIMIT 30) x),
  'touches', (SELECT coalesce(json_agg(x ORDER BY x.place), '[]') FROM (
      SELECT c.member_id, m.display_name AS name, c.place, c.how, c.at, r.reason AS let_in
      FROM tickets_touch c JOIN tickets_member m ON m.id = c.member_id LEFT JOIN tickets_handlerrequest r ON r.id = c.request_id
      WHERE c.ticket_id = t.id ORDER BY c.place LIMIT 30) x),
  'assignments', (SELECT coalesce(json_agg(x ORDER BY x.id DESC), '[]') FROM (
      SELECT a.id, a.cause, a.reason, a.next_step, a.at, f.display_name AS giver, r.display_name AS receiver, k.display_name AS actor
      FROM tickets_assignment a LEFT JOIN tickets_member f ON f.id = a.from_member_id LEFT JOIN tickets_member r ON r.id = a.to_member_id
      LEFT JOIN tickets_member k ON k.id = a.actor_id WHERE a.ticket_id = t.id ORDER BY a.id DESC LIMIT 30) x),
  'requests', (SELECT coalesce(json_agg(x ORDER BY x.id), '[]') FROM (
      SELECT r.id, r.member_id, m.display_name AS name, r.reason, r.asked_at, r.state, r.decision
      FROM tickets_handlerrequest r JOIN tickets_member m ON m.id = r.member_id
      WHERE r.ticket_id = t.id AND (r.state = 'waiting' OR r.member_id = %(me)s) ORDER BY r.id DESC LIMIT 10) x),
  'orders', (SELECT coalesce(json_agg(x ORDER BY x.placed_at DESC NULLS LAST), '[]') FROM (
      SELECT o.id, o.number, o.status, o.title, o.paid, o.currency, o.placed_at, o.shipped_at, o.courier, o.tracking, o.request,
          s.name AS shop, m.display_name AS seller,
          (SELECT coalesce(json_agg(json_build_object('title', l.title, 'spec', l.spec, 'quantity', l.quantity) ORDER BY l.id), '[]')
           FROM (SELECT * FROM tickets_orderline WHERE order_id = o.id ORDER BY id LIMIT 12) l) AS lines
      FROM tickets_ticketorder k JOIN tickets_order o ON o.id = k.order_id JOIN tickets_shop s ON s.id = o.shop_id
      LEFT JOIN tickets_member m ON m.id = o.sold_by_id WHERE k.ticket_id = t.id ORDER BY k.id DESC LIMIT 10) x),
  'others', (SELECT coalesce(json_agg(x ORDER BY x.id DESC), '[]') FROM (
      SELECT o.id, o.subject, o.severity, o.due_at, m.display_name AS holder
      FROM tickets_ticket o LEFT JOIN tickets_member m ON m.id = o.holder_id
      WHERE o.customer_id = t.customer_id AND o.id <> t.id AND o.status IN ('open', 'waiting') ORDER BY o.id DESC LIMIT 10) x),
  'handles', (SELECT coalesce(json_agg(x ORDER BY x.id), '[]') FROM (
      SELECT h.id, h.kind, h.value FROM tickets_handle h WHERE h.customer_id = t.customer_id ORDER BY h.id LIMIT 8) x),
  'files', (SELECT coalesce(json_agg(x ORDER BY x.id), '[]') FROM (
      SELECT f.id, f.name, f.content_type, f.size, f.at, coalesce(m.display_name, '') AS by_name
      FROM tickets_attachment f LEFT JOIN tickets_member m ON m.id = f.by_id WHERE f.ticket_id = t.id ORDER BY f.id LIMIT 60) x),
  'watchers', (SELECT coalesce(json_agg(x ORDER BY x.name), '[]') FROM (
      SELECT w.member_id, m.display_name AS name, w.mentioned
      FROM tickets_watcher w JOIN tickets_member m ON m.id = w.member_id WHERE w.ticket_id = t.id LIMIT 30) x)
)::text FROM tickets_ticket t WHERE t.id = %(ticket)s
"""
INSTANTS = ("due_at", "closed_at", "made_at", "at", "asked_at", "placed_at", "shipped_at")

beside_hooks: list[tuple[str, str, Callable[[int, Member], Any]]] = []
"""What rooms above this one show beside a ticket: (its name in the template, the template, what it shows of a ticket's id to a member)."""

HEAD = ("customer", "reason__parent", "holder__presence", "next_by", "resolution")
"""Only what the head shows: planning a join costs more than the row."""


def find(pk: int, member: Member) -> Ticket:
    """The ticket with all that its head shows. Raises DoesNotExist for another team's."""
    found = WITH_HEAD.first(pk=pk, team=member.team_id)
    if found is None:
        raise Ticket.DoesNotExist
    return found


WITH_HEAD = Kept(lambda pk, team: Ticket.objects.filter(pk=pk, team_id=team).select_related(*HEAD))


def facts(ticket: Ticket, member: Member) -> SimpleNamespace:
    """The lists beside the story, newest or most urgent first, each bounded; instants are aware."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS, {"ticket": ticket.pk, "me": member.pk})
        (text,) = cursor.fetchone()
    return SimpleNamespace(**json.loads(text, object_hook=_instants))


def beside(ticket: Ticket, member: Member) -> tuple[dict[str, Any], list[str]]:
    """What the rooms above show beside the ticket: their values by name, and the templates that draw them."""
    return {name: hook(ticket.pk, member) for name, _template, hook in beside_hooks}, [template for _name, template, _hook in beside_hooks]


def _instants(found: dict[str, Any]) -> dict[str, Any]:
    for name in INSTANTS:
        value = found.get(name)
        if isinstance(value, str):
            found[name] = datetime.fromisoformat(value)
    return found


MARK = """
SELECT t.version, (SELECT max(a.id) FROM tickets_activity a WHERE a.ticket_id = t.id), p.on_since, p.on_until, p.admitted_until, p.next_on
FROM tickets_ticket t LEFT JOIN tickets_presence p ON p.member_id = t.holder_id WHERE t.id = %s AND t.team_id = %s
"""


def mark(pk: int, member: Member) -> str | None:
    """What the page would show, as a short text that changes with it; None where there is no such ticket. One small query."""
    with connection.cursor() as cursor:
        cursor.execute(MARK, [pk, member.team_id])
        row = cursor.fetchone()
    return None if row is None else _joined(row)


def mark_of(ticket: Ticket, story: Iterable[Activity]) -> str:
    """The same mark from a ticket and a story that are at hand, without asking again."""
    newest = max((row.pk for row in story if row.ticket_id == ticket.pk), default=None)
    presence = getattr(ticket.holder, "presence", None) if ticket.holder else None
    here = [getattr(presence, name, None) for name in ("on_since", "on_until", "admitted_until", "next_on")]
    return _joined([ticket.version, newest, *here])


def _joined(row: Iterable[Any]) -> str:
    return "-".join(str(part.timestamp()) if isinstance(part, datetime) else str(part or "") for part in row)
