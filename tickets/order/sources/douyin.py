"""Douyin's order export: one row a sub-order, cells begin with a tab, people are ciphertext, `-` is empty.

`订单应付金额` and `运费` belong to the sub-order, so an order's money is the sum over its rows.
"""

from __future__ import annotations

from decimal import Decimal

from . import statuses
from .columns import Columns
from .record import Context, Parser, Source, SourceLine, SourceOrder
from .taobao import each

_REFUNDED = frozenset({"退款成功", "售后完成", "已全额退款", "同意退款,退款成功", "退款完成"})


def status_of(word: str, after_sale: str = "") -> str:
    """Our code for Douyin's word; a closed one with a finished refund is refunded, an unknown word gives `unknown`."""
    code = statuses.DOUYIN.get(statuses.plain(word), statuses.UNKNOWN)
    if code == statuses.CLOSED and statuses.plain(after_sale) in _REFUNDED:
        return statuses.REFUNDED
    return code


def bind(columns: Columns, context: Context) -> Parser:
    get = columns
    number, key = get.identifier("主订单编号"), get.identifier("子订单编号")
    title, spec, pieces = get.text("选购商品", limit=300), get.text("商品规格", limit=300), get.quantity("商品数量")
    sku, due, freight = get.text("商家编码", limit=120), get.money("订单应付金额"), get.money("运费")
    receiver, phone, address = get.personal("收件人", limit=120), get.phone("收件人手机号"), get.personal("详细地址", limit=400)
    placed, paid_at, shipped, done = (
        get.moment("订单提交时间"),
        get.moment("支付完成时间", "支付时间"),
        get.moment("发货时间"),
        get.moment("订单完成时间"),
    )
    status, after_sale, reason = get.text("订单状态", limit=80), get.text("售后状态", limit=80), get.text("取消原因", limit=120)
    memo, message = get.text("商家备注", limit=2000), get.text("买家留言", limit=2000)
    tracking, carrier = get.text("快递单号", "运单号", limit=120), get.text("快递公司", "物流公司", limit=80)

    def parse(row: list) -> SourceOrder:
        word, after = status(row), after_sale(row)
        code, amount, paid_when = status_of(word, after), due(row), paid_at(row)
        count, sent = pieces(row), shipped(row)
        was_paid = bool(paid_when or sent) or code in (statuses.PAID, statuses.SHIPPED, statuses.COMPLETED, statuses.REFUNDED)
        paid = (amount or Decimal(0)) if was_paid else Decimal(0)
        back = paid if statuses.plain(after) in _REFUNDED else Decimal(0)
        return SourceOrder(
            number(row),
            status=code,
            raw_status=word,
            close_reason=reason(row),
            receiver=receiver(row),
            phone=phone(row),
            address=address(row),
            currency=context.currency,
            placed_at=placed(row),
            paid_at=paid_when,
            shipped_at=sent,
            completed_at=done(row),
            tracking=tracking(row),
            carrier=carrier(row),
            buyer_note=message(row),
            seller_note=memo(row),
            lines=[
                SourceLine(key(row), title(row), sku(row), spec(row), count, each(amount, count), paid, back, word, amount, freight(row))
            ],
        )

    return parse


ORDERS = Source(
    "douyin.orders",
    "douyin",
    "Douyin order export",
    frozenset({"主订单编号", "子订单编号", "选购商品", "订单应付金额", "订单状态"}),
    bind,
    kind="suborders",
    money_per_line=True,
    keyed_lines=True,
)
