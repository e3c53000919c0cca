"""Asking for orders: by number, tracking or phone, by words, in lists; and the reports of imports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tickets.activity.models import Activity
from tickets.customer.models import Customer
from tickets.order.models import Import, Order
from tickets.order.sources.problems import CAME_IN, REASONS
from tickets.people.models import Member
from tickets.web.phones import e164

NEWEST = 5_000
_SHOWN = ("shop", "customer", "sold_by")

WORDS_SQL = """
SELECT id FROM (
    SELECT id, placed_at, recipient, title, address, buyer, buyer_message, memo, request FROM tickets_order
     WHERE team_id = %(team)s ORDER BY placed_at DESC, id DESC LIMIT %(newest)s) n
 WHERE concat_ws(' ', recipient, title, address, buyer, buyer_message, memo, request) ILIKE %(like)s
 ORDER BY placed_at DESC NULLS LAST LIMIT %(limit)s
"""
INDEXED_SQL = """
WITH needle AS (SELECT string_agg(quote_literal(w.lexeme) || ':*', ' & ')::tsquery AS q FROM unnest(handover_bigrams(%(text)s)) w),
found AS MATERIALIZED (
    SELECT o.id, o.placed_at, o.buyer_message, o.memo, o.request FROM tickets_order o, needle
     WHERE NOT (o.buyer_message = '' AND o.memo = '' AND o.request = '') AND o.team_id = %(team)s
       AND handover_bigrams(o.buyer_message || ' ' || o.memo || ' ' || o.request) @@ needle.q LIMIT 20000)
SELECT id FROM found WHERE concat_ws(' ', buyer_message, memo, request) ILIKE %(like)s ORDER BY placed_at DESC NULLS LAST LIMIT %(limit)s
"""


def like(text: str) -> str:
    """The text as a LIKE pattern for “somewhere inside”."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def exact(member: Member, text: str, *, limit: int = 8) -> list[Order]:
    """Orders whose number, tracking number or phone the text is (phones in any writing), the newest first."""
    rows = Order.objects.visible_to(member).select_related(*_SHOWN)
    found = list(rows.filter(number=text).order_by("-placed_at")[:limit])
    if not found and not text.startswith("#"):
        found = list(rows.filter(number="#" + text)[:limit])  # Shopify's names carry the mark, people often do not
    if not found:
        found = list(rows.filter(tracking=text).exclude(tracking="").order_by("-placed_at")[:limit])
    number = e164(text, member.team.region)
    if not found and number:
        found = list(rows.filter(phone=number).exclude(phone="").order_by("-placed_at")[:limit])
    return found


def beginning(member: Member, text: str, *, limit: int = 5) -> list[Order]:
    """Orders whose number begins so; for what is being typed (six digits at least)."""
    if len(text) < 6:
        return []
    return list(Order.objects.visible_to(member).filter(number__startswith=text).select_related(*_SHOWN)[:limit])


def by_words(member: Member, text: str, *, limit: int = 5) -> list[Order]:
    """Orders that hold the text: among the newest anywhere, among all in what people wrote."""
    what: dict[str, Any] = {"team": member.team_id, "text": text, "like": like(text), "limit": limit, "newest": NEWEST}
    with connection.cursor() as cursor:
        cursor.execute(WORDS_SQL, what)
        ids = [pk for (pk,) in cursor.fetchall()]
        if len(ids) < limit:
            cursor.execute(INDEXED_SQL, what)
            ids += [pk for (pk,) in cursor.fetchall() if pk not in ids]
    rows = Order.objects.visible_to(member).select_related(*_SHOWN).in_bulk(ids[:limit])
    return [rows[pk] for pk in ids[:limit] if pk in rows]


def of_customer(customer: Customer, *, limit: int = 20) -> list[Order]:
    """The customer's orders with their lines, newest first."""
    rows = Order.objects.filter(customer=customer).select_related("shop", "sold_by").prefetch_related("lines")
    return list(rows.order_by("-placed_at", "-id")[:limit])


def told(member: Member) -> QuerySet[Order]:
    """The member's orders with what a list shows of them."""
    return Order.objects.visible_to(member).select_related(*_SHOWN)


def page_of(rows: QuerySet[Order], *, before: tuple[datetime, int] | None, size: int) -> tuple[list[Order], bool]:
    """The next `size` orders, newest first, after the place (`placed_at`, id) the reader has come to, and whether there are more."""
    rows = rows.filter(placed_at__isnull=False).order_by("-placed_at", "-id")
    if before is not None:
        placed, pk = before
        rows = rows.filter(placed_at__lte=placed).exclude(placed_at=placed, pk__gte=pk)
    found = list(rows[: size + 1])
    return found[:size], len(found) > size


def story(order: Order, *, limit: int = 100) -> list[Activity]:
    """What the ledger has about the order, oldest first."""
    rows = Activity.objects.filter(order=order).select_related("actor", "ticket").order_by("-id")[:limit]
    return list(rows)[::-1]


def imports_of(member: Member, *, limit: int = 30) -> list[Import]:
    """The team's newest imports."""
    return list(Import.objects.visible_to(member).select_related("shop", "by").order_by("-id")[:limit])


def reason(code: str) -> str:
    """The sentence of a finding or of a failed import, in the reader's language."""
    return str(REASONS.get(code, _("Something unforeseen happened; the log has the details.")))


def report_rows(run: Import) -> Iterator[list[Any]]:
    """The findings as rows of a sheet: line, taken or not, column, reason, value, then the row itself."""
    yield [_("Line"), _("Taken"), _("Column"), _("Reason"), _("Code"), _("Value"), _("Row")]
    for each in run.problem_rows.iterator(chunk_size=2_000):
        taken = _("yes") if each.code in CAME_IN else _("no")
        yield [each.line, taken, each.column, reason(each.code), each.code, each.value, *each.row]
