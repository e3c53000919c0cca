"""JD: a row an SKU, the order's number and amount on each."""

from __future__ import annotations

from collections.abc import Iterator

from .files import Row, names

JD = names(
    "订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,结算金额,余额支付,应付金额,订单状态,订单类型,下单帐号",
    "客户姓名,客户地址,联系电话,订单备注,发票类型,发票抬头,发票内容,商家备注,商家备注等级（等级1-5为由高到低）,运费金额",
    "付款确认时间,增值税发票,货号,订单完成时间,订单来源,订单渠道,",
)


def jd(count: int, skus: int = 2) -> Iterator[Row]:
    for place in range(count):
        for sku in range(skus):
            yield {
                "订单号": f"{270_000_000_000 + place}",
                "商品ID": f"1000{sku}",
                "商品名称": f"收纳箱 {sku + 1}号",
                "订购数量": str(sku + 1),
                "下单时间": "2026/5/16 9:41",
                "京东价": "100.00",
                "订单金额": "280.00",
                "应付金额": "280.00",
                "订单状态": "等待出库",
                "下单帐号": f"jd_buyer_{place}",
                "客户姓名": "张**",
                "客户地址": "北京朝阳区某小区",
                "联系电话": "1******6198",
                "运费金额": "0.00",
                "付款确认时间": "2026/5/16 9:42",
                "货号": f"BOX-{sku}",
            }
