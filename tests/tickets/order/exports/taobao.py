"""Taobao and Tmall: the order list in its four layouts, goods, sub-orders, the Tmall report."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from .files import Row, as_id, names, when

TAOBAO_30 = names(
    "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,买家支付积分,总金额,返点积分,买家实际支付金额",
    "买家实际支付积分,订单状态,买家留言,收货人姓名,收货地址,运送方式,联系电话,联系手机,订单创建时间,订单付款时间,宝贝标题",
    "宝贝种类,物流单号,物流公司,订单备注,宝贝总数量,店铺Id,店铺名称,订单关闭原因,卖家服务费,买家服务费",
)
_SPACED = {"收货地址", "联系电话", "订单付款时间", "宝贝标题", "宝贝种类", "物流单号"}
_MORE = names(
    "发票抬头,是否手机订单,分阶段订单信息,特权订金订单id,是否上传合同照片,是否上传小票,是否代付,定金排名,修改后的sku",
    "修改后的收货地址,异常信息,天猫卡券抵扣,集分宝抵扣,是否是O2O交易",
)
_RETAIL = names(
    "新零售交易类型,新零售导购门店名称,新零售导购门店id,新零售发货门店名称,新零售发货门店id",
)
_spaced = [name + " " if name in _SPACED else name for name in TAOBAO_30]
TAOBAO_46 = [*_spaced, *_MORE, "退款金额", "预约门店"]
_PAYMENT = [*TAOBAO_30[:3], "支付单号", "支付详情", *TAOBAO_30[3:]]
TAOBAO_56 = [*_PAYMENT, *_MORE, *_RETAIL, "退款金额", "预约门店", "确认收货时间", "打款商家金额", "含应开票给个人的个人红包"]
TAOBAO_61 = [
    *[name + " " if name in _SPACED else name for name in _PAYMENT],
    *_MORE,
    *_RETAIL,
    "退款金额",
    "预约门店",
    "确认收货时间",
    "打款商家金额",
    "含应开票给个人的个人红包",
    "是否信用购",
    "体验期结束时间",
    "前N有礼",
    "配送类型",
    "主订单编号",
]
TAOBAO = {30: TAOBAO_30, 46: TAOBAO_46, 56: TAOBAO_56, 61: TAOBAO_61}
DETAILS = names(
    "订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码",
)
ITEMS = names(
    "子订单编号,主订单编号,商品标题,商品价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码,支付单号",
    "买家应付货款,买家实付金额,退款状态,退款金额,订单创建时间,订单付款时间,商品ID,发货时间,物流单号,物流公司",
)
REPORT = ["订单编号", "总金额", "买家实际支付金额", "收货地址 ", "订单创建时间", "订单付款时间 ", "退款金额"]
_STATES = ("等待买家付款", "买家已付款，等待卖家发货", "买家已付款,等待卖家发货", "卖家已发货，等待买家确认", "交易成功", "交易关闭")


def taobao_number(place: int) -> int:
    return 310_000_000_000_000_011 + place * 37


def taobao(count: int, *, first: int = 0, status: str = "", buyers: int = 0) -> Iterator[Row]:
    """Orders of ExportOrderList with all the wrappings: `="…"`, `'139…`, `'null`, `0元`."""
    chance = random.Random(first)
    for place in range(first, first + count):
        state = status or _STATES[place % len(_STATES)]
        price = chance.randrange(900, 90_000)
        amount, paid = f"{price / 100:.2f}", state not in ("等待买家付款",)
        yield {
            "订单编号": as_id(taobao_number(place)),
            "买家会员名": f"买家昵称{place % (buyers or count * 2)}",
            "买家支付宝账号": "",
            "买家应付货款": amount,
            "买家应付邮费": "0.00",
            "总金额": amount,
            "买家实际支付金额": "0.00" if not paid or state == "交易关闭" else amount,
            "订单状态": state,
            "买家留言": "'null" if place % 3 else "请尽快发货，谢谢",
            "收货人姓名": f"收货人{place % 97}",
            "收货地址": f"浙江省 杭州市 西湖区 某某街道{place % 50}号(310000)",
            "运送方式": "快递",
            "联系手机": f"'139{place % 100_000_000:08d}",
            "订单创建时间": when(place),
            "订单付款时间": when(place + 1) if paid else "",
            "宝贝标题": "保温杯 500ml",
            "宝贝种类": "1",
            "宝贝总数量": "1",
            "物流单号": f"No:SF{place:012d}" if state.startswith("卖家") else "",
            "订单备注": "'null",
            "店铺Id": "0",
            "订单关闭原因": "退款" if state == "交易关闭" else "订单未关闭",
            "卖家服务费": "0",
            "买家服务费": "0元",
            "特权订金订单id": '=""',
            "退款金额": amount if state == "交易关闭" else "0.00",
        }


def details(numbers: Iterable[int], items: int = 2) -> Iterator[Row]:
    for number in numbers:
        for item in range(items):
            yield {
                "订单编号": as_id(number),
                "标题": f"锅具 第{item + 1}款",
                "价格": "59.90",
                "购买数量": str(item + 1),
                "外部系统编号": f"POT-{item + 1}",
                "商品属性": "颜色分类：红色",
                "订单状态": "买家已付款，等待卖家发货",
                "商家编码": f"POT-{item + 1}",
            }


def suborders(numbers: Iterable[int], items: int = 2) -> Iterator[Row]:
    for number in numbers:
        for item in range(items):
            yield {
                "子订单编号": as_id(f"{number}{item}"),
                "主订单编号": as_id(number),
                "商品标题": f"锅具 第{item + 1}款",
                "商品价格": "59.90",
                "购买数量": "1",
                "订单状态": "卖家已发货，等待买家确认",
                "商家编码": f"POT-{item + 1}",
                "买家应付货款": "59.90",
                "买家实付金额": "50.00",
                "退款金额": "9.90" if item else "0.00",
                "订单创建时间": "2026/3/1 9:05",
                "订单付款时间": "2026/3/1 9:06",
                "发货时间": "2026/3/2 10:00",
                "物流单号": "SF1234567890",
                "物流公司": "顺丰速运",
            }


def report(count: int) -> Iterator[Row]:
    for place in range(1, count + 1):
        back = place % 5 == 0
        yield {
            "订单编号": str(place),
            "总金额": "42.5",
            "买家实际支付金额": "0.0" if back or place % 7 == 0 else "42.5",
            "收货地址": "浙江省",
            "订单创建时间": when(place),
            "订单付款时间": "" if place % 7 == 0 else when(place + 1),
            "退款金额": "42.5" if back and place % 7 else "0.0",
        }
