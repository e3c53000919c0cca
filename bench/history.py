"""A realistic history by COPY: one team of 200 people and 50 shops over three years, Chinese and English text, 2 % of the matters open.

Rows go in as text with the triggers and foreign keys of the loading session switched off (they would check a million rows that
this file makes right by construction); generated columns and indexes are kept as in production.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

MEMBERS, SHOPS = 200, 50
YEARS = timedelta(days=3 * 365)
OPEN_SHARE = 0.02
MEASURED_ITEMS, OFFERED_ITEMS = 40, 12
"""What a measured agent finds in the digest, and how many of these somebody else offers."""

THINGS = [
    "保温杯",
    "雪平锅",
    "电饭煲",
    "充电宝",
    "羽绒服",
    "跑步鞋",
    "儿童书包",
    "蓝牙耳机",
    "茶具套装",
    "行李箱",
    "thermos",
    "backpack",
    "desk lamp",
]
TROUBLES = [
    "漏水",
    "少发一件",
    "颜色发错",
    "物流三天没有更新",
    "外壳有划痕",
    "开不了机",
    "要求开发票",
    "想换大一码",
    "说客服承诺补发",
    "退款还没有到账",
    "arrived broken",
    "wrong size",
    "asks where the parcel is",
]
ENDINGS = [
    "，顾客很着急，请尽快处理",
    "，已经发过照片",
    "，答应今天晚上之前回电话",
    "，等仓库确认",
    "，等快递公司回复",
    "，顾客说要去平台投诉",
    ". Customer sent photos",
    "，之前已经补发过一次，这是第二次了",
]
RARE = ["釉面开裂", "错拍地址改派", "紫砂壶盖缺口"]
RARE_EVERY = 20_000
"""Each of these is in one text of so many."""
PRODUCTS = [f"{thing} {code}" for thing in THINGS for code in ("标准款", "加大款", "礼盒装", "2026 new")]


class Clock:
    """Instants of three years up to now, spread evenly over `count` rows."""

    def __init__(self, now: datetime, count: int) -> None:
        self.start, self.step = now - YEARS, YEARS / max(count, 1)

    def at(self, place: int) -> datetime:
        return self.start + self.step * place


def value(cell: Any) -> str:
    """One cell as COPY's text format wants it."""
    if cell is None:
        return "\\N"
    if isinstance(cell, bool):
        return "t" if cell else "f"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, dict):
        cell = json.dumps(cell, ensure_ascii=False)
    if isinstance(cell, int | float):
        return str(cell)
    return str(cell).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def copy(table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> int:
    """COPY rows into a table; returns how many."""
    count, block = 0, []
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as into:
        for row in rows:
            block.append("\t".join(map(value, row)))
            count += 1
            if len(block) == 5000:
                into.write("\n".join(block) + "\n")
                block.clear()
        if block:
            into.write("\n".join(block) + "\n")
    return count


class History:
    """Everything a size of `tickets` needs; the same size is the same history (seeded). `orders` 0: three times as many."""

    def __init__(self, tickets: int, orders: int = 0, now: datetime | None = None) -> None:
        self.tickets, self.orders, self.customers = tickets, orders or tickets * 3, max(tickets // 2, 50)
        self.now = (now or timezone.now()).replace(microsecond=0)
        self.clock = Clock(self.now, tickets)
        self.dice = random.Random(tickets)

    def text(self, place: int) -> tuple[str, str]:
        dice = self.dice
        subject = f"{dice.choice(THINGS)}{dice.choice(TROUBLES)}"
        body = f"{subject}{dice.choice(ENDINGS)}。{dice.choice(PRODUCTS)}，{dice.choice(TROUBLES)}{dice.choice(ENDINGS)} #{place}"
        if place % RARE_EVERY < len(RARE):
            body += f"，{RARE[place % RARE_EVERY]}"
        return subject, body

    def is_open(self, place: int) -> bool:
        """The open ones lie mostly among the newest, as in a real shop."""
        newest = place > self.tickets * 0.9
        return self.dice.random() < (OPEN_SHARE * 8 if newest else OPEN_SHARE * 0.222)

    def customer_rows(self) -> Iterator[tuple[Any, ...]]:
        for n in range(1, self.customers + 1):
            yield n, 1, f"刘{n % 97}女士", "", None, self.clock.start

    def handle_rows(self) -> Iterator[tuple[Any, ...]]:
        for n in range(1, self.customers + 1):
            yield 1, n, "taobao", f"tb{n:08d}", f"tb{n:08d}", self.clock.start
            if n % 3 == 0:
                phone = f"+8613{n % 1_000_000_000:09d}"
                yield 1, n, "phone", phone[3:], phone, self.clock.start

    def order_rows(self) -> Iterator[tuple[Any, ...]]:
        clock = Clock(self.now, self.orders)
        for n in range(1, self.orders + 1):
            at, cents = clock.at(n), 1000 + n * 7919 % 90_000
            money = f"{cents // 100}.{cents % 100:02d}"
            yield (
                n, 1, n % SHOPS + 1, f"2{n:017d}", n % self.customers + 1, "completed", "交易成功", "", "CNY", money, money, "0", "0",
                at, at, f"tb{n % self.customers + 1:08d}", "", "", "", "", "", PRODUCTS[n % len(PRODUCTS)], "", "", n % MEMBERS + 1,
                "import", at, at, 1,
            )  # fmt: skip

    def line_rows(self) -> Iterator[tuple[Any, ...]]:
        for n in range(1, self.orders + 1):
            product = n % len(PRODUCTS)
            yield n, n, "1", f"SKU-{product:04d}", PRODUCTS[product], "", 1 + n % 3, "59.00"

    def ticket_parts(self) -> Iterator[tuple[int, datetime, bool, int, str, str]]:
        """(id, opened at, open, first holder, subject, body) — asked for several times, the same each time."""
        self.dice = random.Random(self.tickets)
        for n in range(1, self.tickets + 1):
            subject, body = self.text(n)
            yield n, self.clock.at(n), self.is_open(n), n % (MEMBERS - 20) + 21, subject, body

    def ticket_rows(self) -> Iterator[tuple[Any, ...]]:
        for n, at, is_open, holder, subject, body in self.ticket_parts():
            waiting = is_open and n % 3 == 0
            status = "waiting" if waiting else "open" if is_open else "resolved"
            due = self.now + timedelta(hours=24 + n % 72) if is_open and n % 2 == 0 else None
            complaint = "dispute" if n % 50 == 0 else ""
            yield (
                n, 1, n % self.customers + 1, n % SHOPS + 1, "issue", n % 12 + 5, subject, body, "stable" if n % 5 else "watch", "chat",
                "{}", status, "customer" if waiting else "", "回电话" if is_open else "", due, due, holder, at, 1 + n % 3, complaint,
                at if complaint else None, None if is_open else 1, None if is_open else at + timedelta(hours=5), holder, at, at, 1,
            )  # fmt: skip

    def text_rows(self) -> Iterator[tuple[Any, ...]]:
        for n, _at, _open, _holder, subject, body in self.ticket_parts():
            yield n, 1, f"{subject}\n{body}"

    def assignment_rows(self) -> Iterator[tuple[Any, ...]]:
        for n, at, _open, holder, _subject, _body in self.ticket_parts():
            yield n, None, holder, "opened", "", "", holder, at

    def touch_rows(self) -> Iterator[tuple[Any, ...]]:
        for n, at, _open, holder, _subject, _body in self.ticket_parts():
            for place in range(1, 2 + n % 3):
                yield n, (holder - 21 + place - 1) % (MEMBERS - 20) + 21, place, "opened" if place == 1 else "answered", at

    def activity_rows(self) -> Iterator[tuple[Any, ...]]:
        for n, at, is_open, holder, subject, body in self.ticket_parts():
            customer = n % self.customers + 1
            yield 1, at, holder, "ticket.opened", {"subject": subject, "text": body}, n, customer
            for place in range(1, 2 + n % 3):
                yield 1, at + timedelta(hours=place), holder, "ticket.contacted", {"outcome": "answered", "text": body}, n, customer
            if not is_open:
                yield 1, at + timedelta(hours=5), holder, "ticket.resolved", {"resolution": 1}, n, customer

    def link_rows(self) -> Iterator[tuple[Any, ...]]:
        for n in range(1, self.tickets + 1):
            yield n, n * (self.orders // self.tickets)

    def load(self) -> dict[str, int]:
        """Fill an empty, migrated database. Returns rows per table."""
        from bench.people import make_people

        counts: dict[str, int] = {}
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '1GB'")
        try:
            make_people(self.now)
            counts["customers"] = copy("tickets_customer", "id, team_id, name, note, merged_into_id, created_at", self.customer_rows())
            counts["handles"] = copy("tickets_handle", "team_id, customer_id, kind, value, key, created_at", self.handle_rows())
            counts["orders"] = copy("tickets_order", ORDER_COLUMNS, self.order_rows())
            counts["lines"] = copy("tickets_orderline", "id, order_id, key, sku, title, spec, quantity, price", self.line_rows())
            counts["tickets"] = copy("tickets_ticket", TICKET_COLUMNS, self.ticket_rows())
            counts["texts"] = copy("tickets_tickettext", "ticket_id, team_id, text", self.text_rows())
            columns = "ticket_id, from_member_id, to_member_id, cause, reason, next_step, actor_id, at"
            counts["assignments"] = copy("tickets_assignment", columns, self.assignment_rows())
            counts["touches"] = copy("tickets_touch", "ticket_id, member_id, place, how, at", self.touch_rows())
            counts["links"] = copy("tickets_ticketorder", "ticket_id, order_id", self.link_rows())
            columns = "team_id, at, actor_id, code, data, ticket_id, customer_id"
            counts["activity"] = copy("tickets_activity", columns, self.activity_rows())
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO tickets_goods (team_id, title) SELECT DISTINCT team_id, title FROM tickets_order WHERE title <> ''"
                )
                for table in ("customer", "order", "orderline", "ticket"):
                    cursor.execute(f"SELECT setval(pg_get_serial_sequence('tickets_{table}', 'id'), (SELECT max(id) FROM tickets_{table}))")
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SET session_replication_role = DEFAULT; SET synchronous_commit = DEFAULT")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        return counts


ORDER_COLUMNS = (
    "id, team_id, shop_id, number, customer_id, status, status_text, close_reason, currency, total, paid, freight, refunded, placed_at,"
    " paid_at, buyer, recipient, phone, address, courier, tracking, title, buyer_message, request, sold_by_id, source, created_at,"
    " updated_at, version"
)
TICKET_COLUMNS = (
    "id, team_id, customer_id, shop_id, kind, reason_id, subject, body, severity, channel, tags, status, waiting_on, next_action, next_at,"
    " due_at, holder_id, held_since, touches, complaint, complained_at, resolution_id, resolved_at, opened_by_id, opened_at, updated_at,"
    " version"
)
