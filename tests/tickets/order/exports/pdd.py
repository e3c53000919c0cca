"""Pinduoduo: a row an order, times and numbers behind a tab."""

from __future__ import annotations

from collections.abc import Iterator

from .files import Row, names

PDD = names(
    "商品,订单号,订单状态,商品总价(元),邮费(元),店铺优惠折扣(元),平台优惠折扣(元),用户实付金额(元),商家实收金额(元)",
    "商品数量(件),是否审核中,支付时间,承诺发货时间,发货时间,确认收货时间,商品id,商品规格,样式ID,商家编码-规格维度",
    "商家编码-商品维度,商家备注,买家留言,售后状态,订单成交时间,快递单号,快递公司,省,市,区,街道/镇,用户购买手机号,支付ID",
)


def pdd(count: int) -> Iterator[Row]:
    states = ("待支付", "待发货", "已发货，待签收", "已签收", "未发货，退款成功", "已发货，退款成功", "已取消")
    for place in range(count):
        state = states[place % 7]
        paid = state not in ("待支付", "已取消")
        yield {
            "商品": "抽纸 整箱",
            "订单号": f"\t260301-{place:015d}",
            "订单状态": state,
            "商品总价(元)": "39.80",
            "邮费(元)": "0",
            "店铺优惠折扣(元)": "5.00",
            "平台优惠折扣(元)": "0",
            "用户实付金额(元)": "34.80",
            "商品数量(件)": "2",
            "支付时间": "\t2026-03-01 10:00:00" if paid else "\t",
            "订单成交时间": "\t2026-03-01 10:00:00" if paid else "\t",
            "商品id": "5551",
            "样式ID": "77123",
            "商品规格": "24包",
            "商家备注": "'null",
            "售后状态": "无售后或售后取消",
            "快递单号": "YT0001" if state.startswith("已发货") else "",
            "省": "江苏省",
            "市": "苏州市",
            "用户购买手机号": "138****0001",
        }
