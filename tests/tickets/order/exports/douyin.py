"""Douyin: a row a sub-order, personal data as ciphertext."""

from __future__ import annotations

from collections.abc import Iterator

from .files import Row, names

DOUYIN = names(
    "主订单编号,子订单编号,选购商品,商品规格,商品数量,商家编码,订单应付金额,运费,收件人,收件人手机号,详细地址,订单提交时间",
    "商家备注,订单完成时间,订单状态,售后状态,取消原因,发货时间,平台实际承担优惠金额,商家实际承担优惠金额,达人实际承担优惠金额",
)


def douyin(count: int, items: int = 2) -> Iterator[Row]:
    for place in range(count):
        for item in range(items):
            yield {
                "主订单编号": f"\t69170{place:014d}",
                "子订单编号": f"\t69170{place:014d}{item}",
                "选购商品": f"口红 {item}号色",
                "商品规格": "-",
                "商品数量": "1",
                "商家编码": f"LIP-{item}",
                "订单应付金额": "99.00",
                "运费": "5.00" if item == 0 else "0.00",
                "收件人": "##cipher==##",
                "收件人手机号": "$$cipher==$$",
                "详细地址": "##cipher==##",
                "订单提交时间": "2026-03-05 12:00:00",
                "订单完成时间": "-",
                "订单状态": ("待发货", "已发货", "已完成", "已关闭")[place % 4],
                "售后状态": "退款成功" if place % 4 == 3 else "-",
                "取消原因": "-",
                "发货时间": "-",
            }
