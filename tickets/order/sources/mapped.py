"""A shop's own spreadsheet: no platform's layout, so a person says once which column is what.

`look()` shows a file's columns with a few of their values, `guess()` fills in what the names already say, `source_of()` makes the source.
Cells are read as strictly as those of a platform's export: a column that was chosen wrongly gives row errors, never odd orders.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from . import cells, statuses
from .columns import Columns, header_names
from .reading import Unreadable, read_rows
from .record import BadCell, Context, Parser, Source, SourceLine, SourceOrder
from .shopify import status_of as shopify_status
from .taobao import each, strip_label

CODE = "mapped.orders"
SAMPLES = 3
MOST_COLUMNS = 150
_HEADER_WITHIN = 15
_LOOKED_AT = 200
_DECIMAL = re.compile(r"^[¥￥$€£]?\d[\d,]*\.\d{1,2}$")
_WHEN = re.compile(r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")

FIELDS = {
    "number": _("Order number"),
    "handle": _("Customer's handle"),
    "status": _("Status"),
    "total": _("Amount of the order"),
    "paid": _("Amount paid"),
    "refunded": _("Amount refunded"),
    "freight": _("Freight"),
    "placed_at": _("Placed at"),
    "paid_at": _("Paid at"),
    "shipped_at": _("Shipped at"),
    "completed_at": _("Completed at"),
    "title": _("Item"),
    "sku": _("SKU"),
    "variant": _("Variant"),
    "quantity": _("Quantity"),
    "price": _("Price of one piece"),
    "amount": _("Amount of the item"),
    "receiver": _("Recipient"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "address": _("Address"),
    "tracking": _("Tracking number"),
    "carrier": _("Courier"),
    "buyer_note": _("Buyer's message"),
    "seller_note": _("Seller's note"),
}
"""What a column can be; the order in which a person is offered them."""

_NAMES = {
    "number": "订单号 订单编号 主订单编号 交易号 单号 订单 orderno ordernumber ordernr orderid order order#",
    "handle": (
        "买家昵称 买家会员名 会员名 旺旺 旺旺号 买家账号 顾客账号 客户账号 买家 账号 昵称 客户 顾客 客户昵称 customer buyer username "
        "nick nickname handle account"
    ),
    "status": "订单状态 状态 交易状态 status orderstatus state",
    "total": "订单金额 总金额 金额 应付金额 合计金额 total amount ordertotal orderamount totalprice sum",
    "paid": "实付金额 实付 实收 买家实付金额 支付金额 已付金额 paid paidamount amountpaid",
    "refunded": "退款金额 退款 refunded refund refundamount refundedamount",
    "freight": "运费 邮费 freight shipping shippingfee shippingcost postage",
    "placed_at": "下单时间 订单创建时间 创建时间 下单日期 日期 时间 placedat createdat orderdate ordertime date",
    "paid_at": "付款时间 支付时间 订单付款时间 付款日期 paidat paymenttime paymentdate datepaid",
    "shipped_at": "发货时间 发货日期 shippedat shipdate fulfilledat dateshipped",
    "completed_at": "确认收货时间 完成时间 收货时间 签收时间 completedat deliveredat",
    "title": "商品名称 商品标题 宝贝标题 商品 品名 货品名称 产品 产品名称 item itemname product productname title",
    "sku": "商家编码 sku 货号 商品编码 编码 规格编码 itemsku productcode skucode",
    "variant": "规格 商品规格 颜色规格 商品属性 款式 variant spec option",
    "quantity": "数量 购买数量 商品数量 件数 quantity qty pieces count",
    "price": "单价 商品单价 商品价格 售价 价格 price unitprice",
    "amount": "小计 商品金额 商品总价 行金额 subtotal lineamount linetotal",
    "receiver": "收件人 收货人 收货人姓名 收件人姓名 姓名 recipient receiver name shipto customername",
    "phone": "手机 手机号 电话 联系电话 联系手机 收件人手机 收货人手机 phone mobile tel telephone",
    "email": "邮箱 电子邮箱 email emailaddress mail",
    "address": "地址 收货地址 收件地址 详细地址 address shippingaddress",
    "tracking": "快递单号 物流单号 运单号 tracking trackingnumber trackingno waybill",
    "carrier": "快递公司 物流公司 快递 物流 courier carrier",
    "buyer_note": "买家留言 留言 顾客留言 customernote buyernote message",
    "seller_note": "备注 商家备注 卖家备注 订单备注 note notes remark memo comment",
}
"""What people call such a column, by field; compared as `plain` writes it."""
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names.split()}

_WORDS = {
    **statuses.JD, **statuses.DOUYIN, **statuses.PDD, **statuses.TAOBAO,
    **dict.fromkeys(("pending", "未付款", "待付款", "new", "unpaid", "awaitingpayment", "onhold"), statuses.PENDING),
    **dict.fromkeys(("paid", "已付款", "部分退款", "processing", "unfulfilled", "unshipped", "toship"), statuses.PAID),
    **dict.fromkeys(("shipped", "sent", "dispatched", "intransit"), statuses.SHIPPED),
    **dict.fromkeys(("completed", "已签收", "已收货", "成功", "delivered", "complete", "done", "received"), statuses.COMPLETED),
    **dict.fromkeys(("closed", "已关闭", "关闭", "取消", "cancelled", "canceled", "void", "failed"), statuses.CLOSED),
    **dict.fromkeys(("refunded", "退款", "已退款", "退款成功", "全额退款", "returned"), statuses.REFUNDED),
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column of an unknown file: its name, its first few values, and the field its name suggests ("" for none)."""

    name: str
    samples: tuple[str, ...]
    guess: str


def plain(name: str) -> str:
    """A column's name without what people write differently: case, spaces, underscores, a unit in brackets."""
    return re.sub(r"\([^)]*\)$", "", re.sub(r"[\s_\-.:：/]+", "", name.casefold()))


def guess(names: Iterable[str]) -> dict[str, str]:
    """Field → column, where the names say so; each field at most once, the first column wins."""
    found: dict[str, str] = {}
    for name in names:
        field = _FIELD_OF.get(plain(name))
        if field and field not in found:
            found[field] = name
    return found


def fingerprint(names: Iterable[str]) -> str:
    """What two files with the same columns have in common, in whatever order they stand."""
    return hashlib.sha256("\x1f".join(sorted({name for name in names if name})).encode()).hexdigest()


def headers(path: Path) -> list[list[str]]:
    """The rows of which one may be the header, as names. Raises `Unreadable`."""
    return [header_names(row) for _line, row in islice(read_rows(path), _HEADER_WITHIN)]


def look(path: Path) -> list[Column]:
    """The columns of a file of unknown layout. Raises `Unreadable`: `layout_unknown` where there is no table in it."""
    rows = list(islice(read_rows(path), _HEADER_WITHIN + _LOOKED_AT))
    at = _header_at([header_names(row) for _line, row in rows[:_HEADER_WITHIN]])
    if at is None:
        raise Unreadable("layout_unknown")
    names = header_names(rows[at][1])
    fields = {column: field for field, column in guess(names).items()}
    found: dict[str, Column] = {}
    for index, name in enumerate(names[:MOST_COLUMNS]):
        if name and name not in found:
            values = dict.fromkeys(filter(None, (cells.text(row[index])[:80] for _line, row in rows[at + 1 :] if index < len(row))))
            found[name] = Column(name, tuple(islice(values, SAMPLES)), fields.get(name, ""))
    return list(found.values())


def _header_at(rows: list[list[str]]) -> int | None:
    """The first row that is as wide as the table and holds words, not figures."""
    widest = max((sum(map(bool, row)) for row in rows), default=0)
    for place, row in enumerate(rows):
        named = [name for name in row if name]
        if (
            len(named) >= 2
            and len(named) * 2 > widest
            and not any(name[0].isdigit() and not re.search(r"[^\W\d_]", name) for name in named)
        ):
            return place
    return None


def repeats(path: Path, column: str) -> bool:
    """Whether a column says the same over and over (more than ten times each), as no order number does."""
    rows = list(islice(read_rows(path), _HEADER_WITHIN + _LOOKED_AT))
    names = [header_names(row) for _line, row in rows]
    at = next((place for place, row in enumerate(names) if column in row), None)
    if at is None:
        return False
    index = names[at].index(column)
    values = [value for value in (cells.text(row[index]) for _line, row in rows[at + 1 :] if index < len(row)) if value]
    return len(values) > 10 and len(set(values)) * 10 < len(values)


def source_of(columns: Mapping[str, str], platform: str) -> Source:
    """The source that reads these columns (field → column's name) for a shop of that platform."""
    return Source(
        CODE,
        platform,
        _("Columns chosen by hand"),
        frozenset(columns.values()),
        partial(_bind, dict(columns)),
        keyed_lines=True,
        identity="email" if platform == "shopify" else "",
        id_column=columns["number"],
    )


def status_of(word: str) -> str:
    """Our code for whatever word people write; an unknown one gives `unknown`."""
    short = statuses.plain(word)
    if short.endswith("退款成功"):
        return statuses.REFUNDED
    known = _WORDS.get(word) or _WORDS.get(short) or _WORDS.get(plain(word))
    return known or shopify_status(word.casefold(), "", cancelled=False)


def _bind(chosen: dict[str, str], columns: Columns, context: Context) -> Parser:
    get = columns

    def text(field: str, limit: int):
        return get.text(*_of(chosen, field), limit=limit)

    number, word_of, handle = get.identifier(chosen["number"]), text("status", 80), get.personal(*_of(chosen, "handle"), limit=160)
    total, paid, back, post = (get.money(*_of(chosen, name)) for name in ("total", "paid", "refunded", "freight"))
    placed, paid_at, shipped, done = (get.moment(*_of(chosen, name)) for name in ("placed_at", "paid_at", "shipped_at", "completed_at"))
    phone, shown_phone = get.phone(*_of(chosen, "phone")), get.personal(*_of(chosen, "phone"), limit=40)
    email, receiver, address = text("email", 160), text("receiver", 120), text("address", 400)
    tracking, carrier, message, memo = text("tracking", 120), text("carrier", 80), text("buyer_note", 2000), text("seller_note", 2000)
    line = _line_getter(chosen, columns)

    def parse(row: list) -> SourceOrder:
        name = _number(number(row), chosen["number"])
        word, sum_, given, refunded = word_of(row), total(row), paid(row), back(row)
        when = placed(row), paid_at(row), shipped(row), done(row)
        status = status_of(word) if word else _status_of_times(*when[1:], given)
        buyer, mail = phone(row), email(row)
        return SourceOrder(
            name,
            status=status,
            raw_status=word,
            handle=handle(row),
            buyer_phone="" if handle(row) else buyer,
            buyer_email=mail if "@" in mail and "*" not in mail else "",
            receiver=receiver(row),
            phone=buyer or shown_phone(row),
            address=address(row),
            currency=context.currency,
            total=sum_ if sum_ is not None else given,
            paid=given if given is not None else _paid_of(status, sum_, when[1] is not None),
            refunded=refunded,
            freight=post(row),
            placed_at=when[0] or when[1],
            paid_at=when[1],
            shipped_at=when[2],
            completed_at=when[3],
            tracking=strip_label(tracking(row)),
            carrier=carrier(row),
            buyer_note=message(row),
            seller_note=memo(row),
            lines=line(row),
        )

    return parse


def _of(chosen: dict[str, str], field: str) -> tuple[str, ...]:
    return (chosen[field],) if field in chosen else ()


def _number(found: str, column: str) -> str:
    """Refuses what is surely no order number: a word without a digit, an amount, a date."""
    if not any(map(str.isdigit, found)) or _DECIMAL.match(found) or _WHEN.match(found):
        raise BadCell("id_unreadable", column, found)
    return found


def _status_of_times(paid_at: object, shipped: object, done: object, paid: Decimal | None) -> str:
    """Where a sheet has no status column, its times and its money tell; "" where they do not either."""
    if done:
        return statuses.COMPLETED
    if shipped:
        return statuses.SHIPPED
    return statuses.PAID if paid_at or paid else ""


def _paid_of(status: str, total: Decimal | None, was_paid: bool) -> Decimal | None:
    """What was once paid, where no column says it: the whole amount, once the order is beyond waiting for payment."""
    if status in (statuses.PAID, statuses.SHIPPED, statuses.COMPLETED, statuses.REFUNDED) or was_paid:
        return total
    return Decimal(0) if status in (statuses.PENDING, statuses.CLOSED) else None


def _line_getter(chosen: dict[str, str], columns: Columns):
    title, sku = columns.text(*_of(chosen, "title"), limit=300), columns.text(*_of(chosen, "sku"), limit=120)
    variant, pieces = columns.text(*_of(chosen, "variant"), limit=300), columns.quantity(*_of(chosen, "quantity"))
    price, amount = columns.money(*_of(chosen, "price")), columns.money(*_of(chosen, "amount"))

    def lines(row: list) -> list[SourceLine]:
        name, code, kind = title(row), sku(row), variant(row)
        if not (name or code):
            return []
        count, sum_, one = pieces(row), amount(row), price(row)
        key = "|".join(filter(None, (code or name, kind)))
        key = key if len(key) <= 100 else hashlib.sha256(key.encode()).hexdigest()
        return [SourceLine(f"={key}", name or code, code, kind, count, one if one is not None else each(sum_, count), sum_)]

    return lines
