"""A shop's own spreadsheet, which no platform writes."""

from __future__ import annotations

from collections.abc import Iterator

from .files import Row

OWN = ["流水", "单号", "客户", "实付金额(元)", "状态", "付款时间", "品名", "规格", "数量", "备注"]
OWN_COLUMNS = {
    "number": "单号", "handle": "客户", "paid": "实付金额(元)", "status": "状态", "paid_at": "付款时间", "title": "品名", "variant": "规格",
    "quantity": "数量", "seller_note": "备注",
}  # fmt: skip


def own(count: int, *, buyers: int = 5_000) -> Iterator[Row]:
    """Rows of the shop's own spreadsheet, one an order."""
    for place in range(count):
        yield {
            "流水": str(place + 1), "单号": f"A-2026-{place:08}", "客户": f"tb_{place % buyers}", "实付金额(元)": "¥119.80",
            "状态": "已付款", "付款时间": "2026/11/2 9:41", "品名": f"保温杯 {place % 97}", "规格": "红", "数量": "2", "备注": "'null",
        }  # fmt: skip
