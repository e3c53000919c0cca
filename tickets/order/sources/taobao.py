"""Taobao and Tmall: ExportOrderList (30, 46, 56 and 61 columns), ExportOrderDetailList, ExportItemList, the 7-column report.

`买家实际支付金额` is what is left after refunds: in the exports that carry `退款金额` the two add up to what was once paid, and
that sum is our `paid`.
"""

from __future__ import annotations

from decimal import Decimal

from . import statuses
from .columns import Columns
from .record import Context, Parser, Source, SourceLine, SourceOrder

_NOT_CLOSED = "订单未关闭"
_REFUND = "退款"


def status_of(word: str, close_reason: str = "") -> str:
    """Our code for Taobao's word; an unknown word gives `unknown`. A closed order whose reason is a refund is refunded."""
    code = statuses.TAOBAO.get(word) or statuses.TAOBAO.get(statuses.plain(word), statuses.UNKNOWN)
    if code == statuses.CLOSED and close_reason.startswith(_REFUND):
        return statuses.REFUNDED
    return code


def bind_orders(columns: Columns, context: Context) -> Parser:
    """ExportOrderList: one row an order, its goods only as a summary."""
    get = columns
    number, status, reason = get.identifier("订单编号"), get.text("订单状态", limit=80), get.text("订单关闭原因", limit=120)
    nick, account = get.text("买家会员名", limit=160), get.personal("买家支付宝账号", limit=160)
    goods, freight, total = get.money("买家应付货款"), get.money("买家应付邮费"), get.money("总金额")
    net, refunded = get.money("买家实际支付金额"), get.money("退款金额")
    message, memo = get.text("买家留言", limit=2000), get.text("订单备注", limit=2000)
    receiver, address = get.personal("收货人姓名", limit=120), get.personal("修改后的收货地址", limit=400)
    original_address, phone = get.personal("收货地址", limit=400), get.phone("联系手机", "联系电话")
    created, paid_at, done = get.moment("订单创建时间"), get.moment("订单付款时间"), get.moment("确认收货时间")
    title, pieces = get.text("宝贝标题", limit=300), get.quantity("宝贝总数量")
    tracking, carrier = get.text("物流单号", limit=120), get.text("物流公司", limit=80)

    def parse(row: list) -> SourceOrder:
        word, why = status(row), reason(row)
        why = "" if why == _NOT_CLOSED else why
        back = refunded(row)
        received = net(row)
        order = SourceOrder(
            number(row),
            status=status_of(word, why),
            raw_status=word,
            close_reason=why,
            handle=nick(row),
            receiver=receiver(row),
            phone=phone(row),
            address=address(row) or original_address(row),
            currency=context.currency,
            total=total(row),
            paid=None if received is None else received + (back or Decimal(0)),
            refunded=back,
            freight=freight(row),
            placed_at=created(row),
            paid_at=paid_at(row),
            completed_at=done(row),
            tracking=strip_label(tracking(row)),
            carrier=carrier(row),
            buyer_note=message(row),
            seller_note=memo(row),
        )
        _account(order, account(row))
        name = title(row)
        if name:
            amount, count = goods(row), pieces(row)
            order.lines.append(SourceLine(title=name, quantity=count, amount=amount, price=each(amount, count)))
        return order

    return parse


def _account(order: SourceOrder, account: str) -> None:
    """The buyer's own Alipay name is an e-mail or a mobile number (masked in younger exports, then it tells nothing)."""
    if "*" in account:
        return
    if "@" in account:
        order.buyer_email = account
    elif account:
        order.buyer_phone = account


def strip_label(tracking: str) -> str:
    """`No:SF123` and `快递单号:SF123` as `SF123`."""
    return tracking.rsplit(":", 1)[-1].strip() if ":" in tracking else tracking


def each(amount: Decimal | None, count: int) -> Decimal | None:
    """The price of one piece, rounded to the cent."""
    if amount is None or count < 1:
        return amount
    return amount if count == 1 else (amount / count).quantize(Decimal("0.01"))


def bind_report(columns: Columns, context: Context) -> Parser:
    """The Tmall order report: 7 columns, no buyer, no status; both follow from the money and the payment time."""
    get = columns
    number, total, net, refunded = get.identifier("订单编号"), get.money("总金额"), get.money("买家实际支付金额"), get.money("退款金额")
    address, created, paid_at = get.personal("收货地址", limit=400), get.moment("订单创建时间"), get.moment("订单付款时间")

    def parse(row: list) -> SourceOrder:
        paid_when, back, left = paid_at(row), refunded(row) or Decimal(0), net(row) or Decimal(0)
        if paid_when is None:
            status = statuses.PENDING
        elif back > 0 and left == 0:
            status = statuses.REFUNDED
        else:
            status = statuses.PAID
        return SourceOrder(
            number(row),
            status=status,
            address=address(row),
            currency=context.currency,
            total=total(row),
            paid=left + back,
            refunded=back,
            placed_at=created(row),
            paid_at=paid_when,
        )

    return parse


def bind_details(columns: Columns, context: Context) -> Parser:
    """ExportOrderDetailList: the goods of orders that the ExportOrderList of the same span brings."""
    get = columns
    number, title, price, pieces = get.identifier("订单编号"), get.text("标题", limit=300), get.money("价格"), get.quantity("购买数量")
    sku, code, spec = get.text("外部系统编号", limit=120), get.text("商家编码", limit=120), get.text("商品属性", limit=300)
    status = get.text("订单状态", limit=80)

    def parse(row: list) -> SourceOrder:
        cost, count = price(row), pieces(row)
        line = SourceLine(title=title(row), sku=code(row) or sku(row), variant=spec(row), quantity=count, price=cost)
        return SourceOrder(number(row), raw_status=status(row), lines=[line])

    return parse


def bind_items(columns: Columns, context: Context) -> Parser:
    """ExportItemList: one row a sub-order, with its own money and status."""
    get = columns
    number, key = get.identifier("主订单编号"), get.identifier("子订单编号")
    title, price, pieces, spec = (
        get.text("商品标题", limit=300),
        get.money("商品价格"),
        get.quantity("购买数量"),
        get.text("商品属性", limit=300),
    )
    sku, code, status = get.text("外部系统编号", limit=120), get.text("商家编码", limit=120), get.text("订单状态", limit=80)
    due, net, refunded = get.money("买家应付货款"), get.money("买家实付金额"), get.money("退款金额")
    created, paid_at, shipped = get.moment("订单创建时间"), get.moment("订单付款时间"), get.moment("发货时间")
    tracking, carrier = get.text("物流单号", limit=120), get.text("物流公司", limit=80)

    def parse(row: list) -> SourceOrder:
        word, back, left = status(row), refunded(row), net(row)
        gross = None if left is None else left + (back or Decimal(0))
        line = SourceLine(key(row), title(row), code(row) or sku(row), spec(row), pieces(row), price(row), gross, back, word, due(row))
        return SourceOrder(
            number(row),
            status=status_of(word),
            raw_status=word,
            currency=context.currency,
            placed_at=created(row),
            paid_at=paid_at(row),
            shipped_at=shipped(row),
            tracking=strip_label(tracking(row)),
            carrier=carrier(row),
            lines=[line],
        )

    return parse


ORDERS = Source(
    "taobao.orders",
    "taobao",
    "Taobao / Tmall ExportOrderList",
    frozenset({"订单编号", "买家会员名", "总金额", "买家实际支付金额", "订单状态", "订单创建时间"}),
    bind_orders,
    whole_rows=True,
    provisional_lines=True,
)
DETAILS = Source(
    "taobao.details",
    "taobao",
    "Taobao / Tmall ExportOrderDetailList",
    frozenset({"订单编号", "标题", "价格", "购买数量"}),
    bind_details,
    kind="lines",
)
ITEMS = Source(
    "taobao.items",
    "taobao",
    "Taobao / Tmall ExportItemList",
    frozenset({"子订单编号", "主订单编号", "商品标题", "购买数量"}),
    bind_items,
    kind="suborders",
    money_per_line=True,
    keyed_lines=True,
    weak_money=True,
)
REPORT = Source(
    "tmall.report",
    "taobao",
    "Tmall order report",
    frozenset({"订单编号", "总金额", "买家实际支付金额", "订单创建时间", "退款金额"}),
    bind_report,
    whole_rows=True,
    weak_status=True,
)

__all__ = ["DETAILS", "ITEMS", "ORDERS", "REPORT"]
