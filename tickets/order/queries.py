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

NEWEST = 2_000
TITLES = 100  # of how many wordings orders are fetched; more hold only words that say nothing
_SHOWN = ("shop", "customer", "sold_by")

# The newest orders are read through first; the index is asked only where they do not suffice.
WORDS_SQL = """
WITH needle AS MATERIALIZED (
    SELECT string_agg(quote_literal(w.lexeme) || ':*', ' & ')::tsquery AS q FROM unnest(handover_bigrams(%(text)s)) w),
recent AS MATERIALIZED (
    SELECT id, placed_at FROM (
        SELECT id, placed_at, recipient, title, address, buyer, buyer_message, memo, request FROM tickets_order
         WHERE team_id = %(team)s ORDER BY placed_at DESC, id DESC LIMIT %(newest)s) n
     WHERE recipient ILIKE %(like)s OR title ILIKE %(like)s OR address ILIKE %(like)s OR buyer ILIKE %(like)s
        OR buyer_message ILIKE %(like)s OR memo ILIKE %(like)s OR request ILIKE %(like)s LIMIT %(limit)s),
written AS MATERIALIZED (
    SELECT o.id, o.placed_at, o.buyer_message, o.memo, o.request FROM tickets_order o, needle
     WHERE (SELECT count(*) FROM recent) < %(limit)s AND NOT (o.buyer_message = '' AND o.memo = '' AND o.request = '')
       AND o.team_id = %(team)s AND handover_bigrams(o.buyer_message || ' ' || o.memo || ' ' || o.request) @@ needle.q LIMIT 20000),
goods AS MATERIALIZED (
    SELECT g.title FROM tickets_goods g, needle
     WHERE (SELECT count(*) FROM recent) < %(limit)s AND g.search @@ needle.q AND g.team_id = %(team)s AND g.title ILIKE %(like)s
     ORDER BY g.id DESC LIMIT %(titles)s),
bought AS MATERIALIZED (
    SELECT o.id, o.placed_at FROM goods g CROSS JOIN LATERAL (
        SELECT id, placed_at FROM tickets_order
         WHERE team_id = %(team)s AND hashtextextended(title, 0) = hashtextextended(g.title, 0) AND title = g.title AND title <> ''
         ORDER BY placed_at DESC LIMIT %(limit)s) o)
SELECT id FROM (
    SELECT id, placed_at FROM recent
    UNION SELECT id, placed_at FROM bought
    UNION SELECT id, placed_at FROM written WHERE concat_ws(' ', buyer_message, memo, request) ILIKE %(like)s) found
 ORDER BY placed_at DESC NULLS LAST, id DESC LIMIT %(limit)s
"""


def like(text: str) -> str:
    """The text as a LIKE pattern for “somewhere inside”."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def numbers_of(text: str) -> list[str]:
    """The numbers that a text may be: as it is, with and without the mark of Shopify's names, which people leave out, and
    without the hyphens that split it into groups."""
    joined = text.replace("-", "")
    other = text.removeprefix("#") if text.startswith("#") and len(text) > 1 else "#" + text
    return [text, other, joined] if joined != text and joined.isdecimal() else [text, other]


def beginning_ids(member: Member, text: str, *, limit: int = 5) -> list[int]:
    """Orders whose number begins so; for what is being typed (six digits at least)."""
    if len(text) < 6:
        return []
    return list(Order.objects.visible_to(member).filter(number__startswith=text).values_list("pk", flat=True)[:limit])


def ids_by_words(member: Member, text: str, *, limit: int = 5) -> list[int]:
    """Orders that hold the text: among the newest anywhere, among all in what was bought and what people wrote."""
    what: dict[str, Any] = {"team": member.team_id, "text": text, "like": like(text), "limit": limit, "newest": NEWEST, "titles": TITLES}
    with connection.cursor() as cursor:
        cursor.execute(WORDS_SQL, what)
        return [pk for (pk,) in cursor.fetchall()]


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


def imports_of(member: Member) -> QuerySet[Import]:
    """The team's imports, newest first."""
    return Import.objects.visible_to(member).select_related("shop", "by").order_by("-id")


def reason(code: str) -> str:
    """The sentence of a finding or of a failed import, in the reader's language."""
    return str(REASONS.get(code, _("Something unforeseen happened; the log has the details.")))


def report_rows(run: Import) -> Iterator[list[Any]]:
    """The findings as rows of a sheet: line, taken or not, column, reason, value, then the row itself."""
    yield [_("Line"), _("Taken"), _("Column"), _("Reason"), _("Code"), _("Value"), _("Row")]
    for each in run.problem_rows.iterator(chunk_size=2_000):
        taken = _("yes") if each.code in CAME_IN else _("no")
        yield [each.line, taken, each.column, reason(each.code), each.code, each.value, *each.row]
