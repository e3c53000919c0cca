"""Pinduoduo's order export: one row an order, one product each. It names no buyer; where the buying phone is unmasked, that is who."""

from __future__ import annotations

from decimal import Decimal

from . import statuses
from .columns import Columns
from .record import Context, Parser, Source, SourceLine, SourceOrder
from .taobao import each


def status_of(word: str, after_sale: str = "") -> str:
    """Our code for PDD's word; a word of the pattern `…,退款成功` is refunded, an unknown one gives `unknown`."""
    short = statuses.plain(word)
    if short.endswith("退款成功") or statuses.plain(after_sale) == "退款成功":
        return statuses.REFUNDED
    return statuses.PDD.get(short, statuses.UNKNOWN)


def bind(columns: Columns, context: Context) -> Parser:
    get = columns
    number, status, after_sale = get.identifier("订单号"), get.text("订单状态", limit=80), get.text("售后状态", limit=80)
    goods, freight, paid = get.money("商品总价(元)"), get.money("邮费(元)"), get.money("用户实付金额(元)")
    shop_off, platform_off = get.money("店铺优惠折扣(元)"), get.money("平台优惠折扣(元)")
    title, spec, pieces = get.text("商品", limit=300), get.text("商品规格", limit=300), get.quantity("商品数量(件)")
    key, sku, code = (
        get.text("样式ID", "商品id", limit=120),
        get.text("商家编码-规格维度", limit=120),
        get.text("商家编码-商品维度", limit=120),
    )
    paid_at, shipped, done, placed = get.moment("支付时间"), get.moment("发货时间"), get.moment("确认收货时间"), get.moment("订单成交时间")
    tracking, carrier = get.text("快递单号", limit=120), get.text("快递公司", limit=80)
    message, memo = get.text("买家留言", limit=2000), get.text("商家备注", limit=2000)
    region = [get.text(name, limit=60) for name in ("省", "市", "区", "街道/镇")]
    phone, shown_phone = get.phone("用户购买手机号"), get.personal("用户购买手机号", limit=40)

    def parse(row: list) -> SourceOrder:
        word, sum_, goods_sum, post = status(row), paid(row), goods(row), freight(row)
        code_of = status_of(word, after_sale(row))
        paid_when, buyer = paid_at(row), phone(row)
        given = sum_ or Decimal(0) if paid_when or code_of not in (statuses.PENDING, statuses.CLOSED) else Decimal(0)
        off = (shop_off(row) or Decimal(0)) + (platform_off(row) or Decimal(0))
        count = pieces(row)
        return SourceOrder(
            number(row),
            status=code_of,
            raw_status=word,
            handle="",
            buyer_phone=buyer,
            phone=buyer or shown_phone(row),
            address=" ".join(part for part in (getter(row) for getter in region) if part),
            currency=context.currency,
            total=sum_ if sum_ is not None else max((goods_sum or Decimal(0)) + (post or Decimal(0)) - off, Decimal(0)),
            paid=given,
            refunded=given if code_of == statuses.REFUNDED else Decimal(0),
            freight=post,
            placed_at=placed(row) or paid_when,
            paid_at=paid_when,
            shipped_at=shipped(row),
            completed_at=done(row),
            tracking=tracking(row),
            carrier=carrier(row),
            buyer_note=message(row),
            seller_note=memo(row),
            lines=[SourceLine(key(row), title(row), sku(row) or code(row), spec(row), count, each(goods_sum, count), sum_)],
        )

    return parse


ORDERS = Source(
    "pdd.orders",
    "pdd",
    "Pinduoduo order export",
    frozenset({"订单号", "订单状态", "商品总价(元)", "用户实付金额(元)", "商品数量(件)"}),
    bind,
    whole_rows=True,
)
