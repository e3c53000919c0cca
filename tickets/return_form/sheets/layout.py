"""What a sheet of compensations is made of: its columns under all the names they go by, and what its words mean. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise as LazyText

from tickets.order.sources import cells
from tickets.order.sources.record import BadCell

Names = tuple[str, ...]

STATUS: Names = ("打款状态", "赔付状态", "赔付单状态", "处理状态", "支付状态", "状态")
KIND: Names = ("打款类型", "赔付类型", "赔付场景", "补偿类型", "类型")
REASON: Names = ("打款原因", "赔付原因", "打款说明", "补偿原因", "申请原因", "原因", "打款备注", "备注")
BEARER: Names = ("承担方", "赔付承担方", "责任承担方", "出资方", "费用承担方", "责任方")
ASKED_AT: Names = ("申请时间", "打款申请时间", "发起时间", "赔付申请时间", "创建时间", "生成时间", "赔付单生成时间")
PAID_AT: Names = (
    *("打款时间", "打款成功时间", "到账时间", "赔付时间", "赔付成功时间", "赔付完成时间", "赔付到账时间", "扣款时间", "支付时间"),
    *("完成时间", "完结时间"),
)
TOTALS = ("合计", "总计", "汇总", "小计")

_NOT_PAID = ("不成功", "未成功", "失败", "拒绝", "驳回", "关闭", "取消", "撤销", "未通过", "不通过", "退回", "作废", "无需")
_NOT_YET = ("待", "未", "审核", "处理中", "打款中", "赔付中", "进行中", "支付中")
_PAID = ("成功", "已打款", "已赔付", "已完成", "完成", "已到账", "到账", "已支付", "已扣款", "已补偿", "已执行")
_SELLER = ("商家", "店铺", "卖家", "商户", "我方")
_OTHERS = ("平台", "京东", "拼多多", "抖音", "抖店", "天猫", "淘宝", "官方", "物流", "快递", "保险")


@dataclass(frozen=True)
class Layout:
    """`platforms`: whose shops it belongs to. A file is this sheet where it has an order's number and an amount under one of these names;
    the names of amounts stand in no list of orders or refunds. Brackets are plain ones, as `header_names` leaves them.
    """

    code: str
    title: str | LazyText
    platforms: frozenset[str]
    order: Names
    amount: Names
    number: Names
    status: Names = STATUS
    kind: Names = KIND
    reason: Names = REASON
    bearer: Names = BEARER
    asked_at: Names = ASKED_AT
    paid_at: Names = PAID_AT

    def fits(self, names: set[str]) -> bool:
        """Whether a header with these names is this sheet's."""
        return not names.isdisjoint(self.order) and not names.isdisjoint(self.amount)

    def is_total(self, row: dict[str, Any]) -> bool:
        """Whether the row sums others up and is no payment."""
        first = next((cells.text(value) for value in row.values() if cells.text(value)), "")
        return first.rstrip(":：") in TOTALS

    def read(self, row: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
        """The payment in a row (name → cell), wall clocks in `zone`; an empty `number` where the sheet gives payments none.

        Refuses (`BadCell`): a number that is missing or damaged, an amount that is missing, unreadable, zero or below zero, a time.
        """
        order, amount = _first(row, self.order), _first(row, self.amount)
        money = cells.money(row[amount], amount)
        if not money:
            raise BadCell("money_unreadable", amount, row[amount])
        if money < 0:
            raise BadCell("money_negative", amount, row[amount])
        number, status = _first(row, self.number), _said(row, self.status, 80)
        asked, paid = _first(row, self.asked_at), _first(row, self.paid_at)
        told = {
            "number": cells.identifier(row[number], number) if number and cells.text(row[number]) else "",
            "order_number": cells.identifier(row[order], order),
            "amount": money,
            "status_text": status,
            "kind_text": _said(row, self.kind, 80),
            "reason_text": _said(row, self.reason, 200),
            "bearer_text": _said(row, self.bearer, 80),
            "asked_at": cells.moment(row[asked], asked, zone) if asked else None,
            "paid_at": cells.moment(row[paid], paid, zone) if paid else None,
        }
        return told | {"state": state_of(status, paid=told["paid_at"] is not None or not _first(row, self.status))}


def state_of(status: str, *, paid: bool) -> str:
    """`paid`, `open` or `failed` by the platform's word; without a word what `paid` says; empty for a word that nobody knows."""
    if not status:
        return "paid" if paid else "open"
    for words, state in ((_NOT_PAID, "failed"), (_NOT_YET, "open"), (_PAID, "paid")):
        if any(word in status for word in words):
            return state
    return ""


def ours(bearer: str) -> bool:
    """Whether the shop bears it: unless the sheet says that the platform, the courier or an insurance does."""
    return any(word in bearer for word in _SELLER) or not any(word in bearer for word in _OTHERS)


def _first(row: dict[str, Any], names: Names) -> str:
    """The first of the names that the sheet has; empty for none."""
    return next((name for name in names if name in row), "")


def _said(row: dict[str, Any], names: Names, most: int) -> str:
    return cells.personal(row.get(_first(row, names), ""))[:most]
