"""JD's order export (31 columns and an empty one). An order of several products repeats its number AND its amount on each row.

A product may come twice in one order (once as a gift), so the second row of a product gets a key of its own.
"""

from __future__ import annotations

from decimal import Decimal

from . import statuses
from .columns import Columns
from .record import Context, Parser, Source, SourceLine, SourceOrder


def status_of(word: str) -> str:
    """Our code for JD's word; `(删除)…` means taken back by the buyer, an unknown word gives `unknown`."""
    short = statuses.plain(word)
    if short.startswith("(删除)"):
        return statuses.CLOSED
    return statuses.JD.get(short, statuses.UNKNOWN)


def bind(columns: Columns, context: Context) -> Parser:
    get = columns
    number, key, title = get.identifier("订单号"), get.text("商品ID", limit=120), get.text("商品名称", limit=300)
    pieces, price, sku = get.quantity("订购数量"), get.money("京东价"), get.text("货号", limit=120)
    due, total, freight, status = get.money("应付金额"), get.money("订单金额"), get.money("运费金额"), get.text("订单状态", limit=80)
    account, receiver, address, phone = (
        get.text("下单帐号", "下单账号", limit=160),
        get.personal("客户姓名", limit=120),
        get.personal("客户地址", limit=400),
        get.phone("联系电话"),
    )
    masked = get.text("联系电话", limit=40)
    message, memo = get.text("订单备注", limit=2000), get.text("商家备注", limit=2000)
    placed, paid_at, done = get.moment("下单时间"), get.moment("付款确认时间"), get.moment("订单完成时间")

    def parse(row: list) -> SourceOrder:
        word, paid_when, amount = status(row), paid_at(row), total(row)
        payable = due(row)
        code = status_of(word)
        has_paid = paid_when is not None or code in (statuses.PAID, statuses.SHIPPED, statuses.COMPLETED)
        line = SourceLine(key(row), title(row), sku(row), "", pieces(row), price(row))
        return SourceOrder(
            number(row),
            status=code,
            raw_status=word,
            handle=account(row),
            receiver=receiver(row),
            phone=phone(row) or masked(row),
            address=address(row),
            currency=context.currency,
            total=amount,
            paid=(payable if payable is not None else amount) if has_paid else Decimal(0),
            freight=freight(row),
            placed_at=placed(row),
            paid_at=paid_when,
            completed_at=done(row),
            buyer_note=message(row),
            seller_note=memo(row),
            lines=[line] if line.title or line.key else [],
        )

    return parse


ORDERS = Source(
    "jd.orders",
    "jd",
    "JD order export",
    frozenset({"订单号", "商品名称", "订购数量", "订单金额", "下单时间", "订单状态"}),
    bind,
    keyed_lines=True,
)
