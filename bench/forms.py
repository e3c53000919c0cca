"""Return forms of the measured history: one for every ticket, 6 % of them live (a sixth of these in each stage), the rest closed.

The rows are made by PostgreSQL itself, with the guards of the loading session switched off; they are right by construction, down to
the hashes of the signatures: `manage.py verify` finds nothing in them.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from bench.history import MEMBERS, YEARS
from tickets.order.models import Order
from tickets.people.models import Member, Presence, Role, User
from tickets.return_form.models import ReturnForm
from tickets.ticket.models import Ticket

AFTER_SALE = tuple(range(MEMBERS + 1, MEMBERS + 6))
WAREHOUSE = tuple(range(MEMBERS + 6, MEMBERS + 11))
MANAGERS = 20
LIVE = 0.06
UNCLAIMED = 200

PLAN = """
CREATE TEMPORARY TABLE plan ON COMMIT DROP AS
SELECT n, n * %(orders)s AS orders, o.shop_id, o.customer_id, CASE WHEN n %% 2 = 0 THEN n * %(tickets)s END AS ticket_id,
    CASE WHEN n > %(oldest_live)s THEN (ARRAY['draft', 'sent_back', 'submitted', 'inspected', 'approved', 'settling'])[n %% 6 + 1]
         WHEN n %% 50 = 0 THEN 'cancelled' ELSE 'closed' END AS state,
    5 + n %% 12 AS reason, round(o.paid / l.quantity, 2) AS amount, %(files)s + n %% 5 AS files, %(counts)s + n %% 5 AS counts,
    1 + n %% %(managers)s AS decides, (ARRAY['漏水', '颜色发错', '外壳有划痕', '想换大一码', 'arrived broken'])[n %% 5 + 1] AS words,
    %(first)s + (%(span)s / %(size)s) * n AS at
FROM generate_series(1, %(size)s) n JOIN tickets_order o ON o.id = n * %(orders)s
JOIN tickets_orderline l ON l.id = n * %(orders)s
"""
STEPS = """
ALTER TABLE plan ADD submitted boolean, ADD counted boolean, ADD inspected boolean, ADD decided boolean, ADD settled boolean,
    ADD revision int, ADD content text, ADD inspection text, ADD decision text
"""
REACHED = """
UPDATE plan SET submitted = state NOT IN ('draft', 'cancelled'),
    counted = state IN ('inspected', 'approved', 'settling', 'closed') OR (state = 'submitted' AND n %% 12 = 2),
    inspected = state IN ('inspected', 'approved', 'settling', 'closed'), decided = state IN ('approved', 'settling', 'closed'),
    settled = state IN ('settling', 'closed'), revision = CASE WHEN state = 'sent_back' THEN 2 ELSE 1 END,
    content = format('{"evidence":[],"freight_payer":"customer","lines":[{"asked_amount":null,"exchange_for":"","note":"","order_line":%%s,'
        '"place":1,"quantity":1,"reason":%%s,"resolution":"return_and_refund"}],"note":"","order":%%s,"predecessor":null,"words":"%%s"}',
        orders, reason, orders, words),
    inspection = '{"evidence":[],"excess":[],"lines":[{"damaged":0,"disposition":"restock","missing":0,"note":"","ok":1,"opened":0,'
        '"place":1,"wrong":0}],"note":"","outcome":"counted"}',
    decision = format('{"by_rule":false,"compensation":"0.00","decision":"approved","freight":"0.00","lines":[{"amount":"%%s",'
        '"approved_quantity":1,"fault":"","granted":"return_and_refund","place":1}],"rationale":""}', amount)
"""
FORMS = """
INSERT INTO tickets_returnform (id, team_id, shop_id, order_id, customer_id, ticket_id, state, revision, version, words, note,
    freight_payer, count_by, decide_by, settle_by, question, sent_backs, outcome, count_note, excess, received_at, decision, rationale,
    by_rule, freight_amount, compensation, filed_by_id, filed_at, submitted_at, inspected_at, decided_at, closed_at, updated_at)
SELECT n, 1, shop_id, orders, customer_id, ticket_id, state, revision, 1 + submitted::int + counted::int + inspected::int + decided::int
    + settled::int, words, '', 'customer', CASE WHEN submitted THEN at + interval '3 days' END,
    CASE WHEN inspected THEN at + interval '4 days' END, CASE WHEN decided THEN at + interval '6 days' END,
    CASE WHEN state = 'sent_back' THEN '请补一张照片' ELSE '' END, (state = 'sent_back')::int,
    CASE WHEN counted THEN 'counted' ELSE '' END, '', '[]', CASE WHEN counted OR n %% 24 = 8 THEN at + interval '2 days' END,
    CASE WHEN decided THEN 'approved' ELSE '' END, '', false, 0, 0,
    files, at, CASE WHEN submitted THEN at END, CASE WHEN inspected THEN at + interval '2 days' END,
    CASE WHEN decided THEN at + interval '3 days' END, CASE WHEN state IN ('closed', 'cancelled') THEN at + interval '4 days' END,
    at + interval '4 days'
FROM plan ORDER BY n
"""
LINES = """
INSERT INTO tickets_returnline (id, form_id, place, order_line_id, quantity, resolution, reason_id, exchange_for, note, ok, opened, damaged,
    wrong, missing, disposition, count_note, granted, approved_quantity, amount, fault)
SELECT n, n, 1, orders, 1, 'return_and_refund', reason, '', '', CASE WHEN counted THEN 1 END, CASE WHEN counted THEN 0 END,
    CASE WHEN counted THEN 0 END, CASE WHEN counted THEN 0 END, CASE WHEN counted THEN 0 END,
    CASE WHEN counted THEN 'restock' ELSE '' END, '',
    CASE WHEN decided THEN 'return_and_refund' ELSE '' END, CASE WHEN decided THEN 1 END, CASE WHEN decided THEN amount END, ''
FROM plan ORDER BY n
"""
REVISIONS = """
INSERT INTO tickets_formrevision (form_id, number, cause, content, by_id, at)
SELECT n, number, CASE number WHEN 1 THEN 'filed' ELSE 'sent_back' END, content::jsonb, CASE number WHEN 1 THEN files ELSE decides END, at
FROM plan CROSS JOIN LATERAL generate_series(1, revision) number ORDER BY n, number
"""
SIGNATURES = """
CREATE TEMPORARY TABLE hands ON COMMIT DROP AS
SELECT 3 * n - 3 + rank AS id, n AS form_id, stage, member, display_name AS name, meaning, base, part, signed,
    encode(sha256(convert_to(format('{"at":"%%s","form":%%s,"meaning":"%%s","member":%%s,"name":"%%s","parts":[%%s],"revision":1,"stage":"%%s",'
        '"v":1}', to_char(signed AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), n, meaning, member, display_name, parts, stage),
        'UTF8')), 'hex') AS hash
FROM plan CROSS JOIN LATERAL (VALUES
    (1, submitted, 'initiator', files, 'filed', NULL::bigint, content, content, at),
    (2, inspected, 'warehouse', counts, 'counted', 3 * n - 2, inspection, content || ',' || inspection, at + interval '2 days'),
    (3, decided, 'manager', decides, 'decided', 3 * n - 1, decision, content || ',' || inspection || ',' || decision,
        at + interval '3 days')
) x (rank, given, stage, member, meaning, base, part, parts, signed) JOIN tickets_member m ON m.id = member WHERE given
"""
GIVEN = """
INSERT INTO tickets_signature (id, form_id, stage, member_id, name, meaning, revision, take, base_id, part, hash, at)
SELECT id, form_id, stage, member, name, meaning, 1, 1, base, part::jsonb, hash, signed FROM hands ORDER BY id
"""
VOIDINGS = """
INSERT INTO tickets_voiding (signature_id, cause, changed, by_id, name, at)
SELECT 3 * n - 2, 'sent_back', '[]', decides, m.display_name, at + interval '1 day' FROM plan JOIN tickets_member m ON m.id = decides
WHERE state = 'sent_back'
"""
PARCELS = """
INSERT INTO tickets_parcel (team_id, form_id, direction, courier, tracking, contents, sender, arrived_at, recorded_by_id, recorded_at)
SELECT 1, n, 'in', '顺丰', 'SF' || lpad(n::text, 12, '0'), '', '', CASE WHEN counted OR n %% 24 = 8 THEN at + interval '2 days' END,
    files, at FROM plan UNION ALL
SELECT 1, NULL, 'in', '', 'YT' || lpad(n::text, 12, '0'), '', '', %(now)s - n * interval '1 hour', %(counts)s, %(now)s
FROM generate_series(1, %(unclaimed)s) n
"""
SETTLEMENTS = """
INSERT INTO tickets_settlement (id, team_id, form_id, kind, amount, quantity, state, reference, failure, attempts, by_id, created_at,
    changed_at)
SELECT n, 1, n, 'refund', amount, 0, CASE state WHEN 'closed' THEN 'succeeded' ELSE 'pending' END, 'ALI-' || n, '', 1, files,
    at + interval '4 days', at + interval '4 days'
FROM plan WHERE settled ORDER BY n
"""
LEDGER = """
INSERT INTO tickets_activity (team_id, at, actor_id, code, data, ticket_id, customer_id, order_id, return_form_id)
SELECT 1, p.at + later, who, 'return_form.' || code,
    jsonb_build_object('number', 'R' || n, 'before', was, 'after', became, 'revision', rev) || more, ticket_id, customer_id, orders, n
FROM plan p LEFT JOIN hands s1 ON s1.id = 3 * n - 2 LEFT JOIN hands s2 ON s2.id = 3 * n - 1 LEFT JOIN hands s3 ON s3.id = 3 * n
CROSS JOIN LATERAL (VALUES
    (1, true, 'filed', '', 'draft', files, interval '0', 1, '{}'::jsonb),
    (2, p.submitted, 'submitted', 'draft', 'submitted', files, interval '0', 1, jsonb_build_object('signature', s1.id, 'hash', s1.hash)),
    (3, p.counted, 'inspected', 'submitted', 'submitted', counts, interval '2 days', 1, '{"outcome": "counted", "voided": []}'),
    (4, p.inspected, 'cosigned', 'submitted', 'inspected', counts, interval '2 days', 1,
        jsonb_build_object('signature', s2.id, 'hash', s2.hash)),
    (5, p.decided, 'decided', 'inspected', 'approved', decides, interval '3 days', 1,
        jsonb_build_object('signature', s3.id, 'hash', s3.hash)),
    (6, p.settled, 'settled', 'approved', 'settling', files, interval '4 days', 1, jsonb_build_object('reference', 'ALI-' || n, 'outcome',
        CASE p.state WHEN 'closed' THEN 'succeeded' ELSE 'pending' END,
        'rows', jsonb_build_array(jsonb_build_object('id', n, 'kind', 'refund', 'amount', amount::text, 'quantity', 0)))),
    (7, p.state = 'closed', 'closed', 'settling', 'closed', files, interval '4 days', 1, '{}'),
    (7, p.state = 'sent_back', 'sent_back', 'submitted', 'sent_back', decides, interval '1 day', 2, '{"question": "请补一张照片"}'),
    (7, p.state = 'cancelled', 'cancelled', 'draft', 'cancelled', files, interval '1 day', 1, '{"reason": "顾客留下了"}')
) x (rank, happened, code, was, became, who, later, rev, more) WHERE happened ORDER BY n, rank
"""
STATEMENTS = (
    *(PLAN, STEPS, REACHED, "ANALYZE plan", FORMS, LINES, REVISIONS),
    *(SIGNATURES, "ANALYZE hands", GIVEN, VOIDINGS, PARCELS, SETTLEMENTS, LEDGER),
)


def load_forms(size: int) -> float:
    """Give `size` orders, evenly spread over the history, a form each. Returns the seconds it took, 0 where forms were there already."""
    from django.db import transaction

    make_staff(timezone.now())
    if ReturnForm.objects.exists():
        return 0.0
    start = time.perf_counter()
    now = timezone.now()
    what: dict[str, Any] = {
        "size": size, "oldest_live": int(size * (1 - LIVE)), "files": AFTER_SALE[0], "counts": WAREHOUSE[0], "managers": MANAGERS,
        "orders": Order.objects.count() // size, "tickets": Ticket.objects.count() // size,
        "first": now - YEARS - timedelta(days=5), "span": YEARS, "now": now, "unclaimed": UNCLAIMED,
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica; SET LOCAL synchronous_commit = off; SET LOCAL work_mem = '256MB'")
        for statement in STATEMENTS:
            cursor.execute(statement, what)
        for table in ("returnform", "returnline", "signature", "settlement"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('tickets_{table}', 'id'), (SELECT max(id) FROM tickets_{table}))")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return time.perf_counter() - start


def laid_out(count: int, *, counted: bool = False, signed: bool = False) -> list[tuple[int, int]]:
    """Fresh forms that wait for the warehouse's hand (`counted`), or with `signed` for a manager's: (id, version) of each."""
    from tickets.return_form import actions
    from tickets.return_form.actions import Asked, Counted

    files, counts = Member.objects.get(pk=AFTER_SALE[0]), Member.objects.get(pk=WAREHOUSE[1])
    found = []
    for line, order in unclaimed_lines(count):
        form = actions.file(order, [Asked(line, 1, "return_and_refund", 5)], by=files, words="漏水", signed=True)
        if counted or signed:
            form = actions.inspect(form, by=counts, counts=[Counted(1, ok=1, disposition="restock")])
        if signed:
            form = actions.cosign(form, by=counts)
        found.append((form.pk, form.version))
    return found


def unclaimed_lines(count: int) -> list[tuple[int, Order]]:
    """Order lines that no form is about: (line, order), the newest first."""
    free = Order.objects.filter(return_forms__isnull=True, lines__isnull=False).order_by("-id")
    return [(order.pk, order) for order in free[:count]]  # one line an order, with its number


def make_staff(now: datetime) -> None:
    """Five people of after-sale and five of the warehouse, on duty."""
    people = [(n, Role.AFTER_SALE, "售后") for n in AFTER_SALE] + [(n, Role.WAREHOUSE, "仓库") for n in WAREHOUSE]
    for n, role, word in people:
        User.objects.get_or_create(id=n, defaults={"username": f"bench{n}", "email": f"bench{n}@example.com"})
        Member.objects.get_or_create(id=n, defaults={"team_id": 1, "user_id": n, "display_name": f"{word}{n}", "roles": [role]})
        until = now + timedelta(days=30)
        Presence.objects.update_or_create(member_id=n, defaults={"on_since": now, "on_until": until, "admitted_until": until})
    with connection.cursor() as cursor:
        for table in ("user", "member"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('tickets_{table}', 'id'), (SELECT max(id) FROM tickets_{table}))")
