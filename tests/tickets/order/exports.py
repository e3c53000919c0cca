"""Look-alikes of the platforms' exports, made by code: every layout, every quirk, any number of rows. No row is a real one."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import xlsxwriter


def _names(*pieces: str) -> list[str]:
    """The columns of a header, written as the platforms write it: with commas."""
    return ",".join(pieces).split(",")


TAOBAO_30 = _names(
    "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,买家支付积分,总金额,返点积分,买家实际支付金额",
    "买家实际支付积分,订单状态,买家留言,收货人姓名,收货地址,运送方式,联系电话,联系手机,订单创建时间,订单付款时间,宝贝标题",
    "宝贝种类,物流单号,物流公司,订单备注,宝贝总数量,店铺Id,店铺名称,订单关闭原因,卖家服务费,买家服务费",
)
_SPACED = {"收货地址", "联系电话", "订单付款时间", "宝贝标题", "宝贝种类", "物流单号"}
_MORE = _names(
    "发票抬头,是否手机订单,分阶段订单信息,特权订金订单id,是否上传合同照片,是否上传小票,是否代付,定金排名,修改后的sku",
    "修改后的收货地址,异常信息,天猫卡券抵扣,集分宝抵扣,是否是O2O交易",
)
_RETAIL = _names(
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
DETAILS = _names(
    "订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码",
)
ITEMS = _names(
    "子订单编号,主订单编号,商品标题,商品价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码,支付单号",
    "买家应付货款,买家实付金额,退款状态,退款金额,订单创建时间,订单付款时间,商品ID,发货时间,物流单号,物流公司",
)
REPORT = ["订单编号", "总金额", "买家实际支付金额", "收货地址 ", "订单创建时间", "订单付款时间 ", "退款金额"]
JD = _names(
    "订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,结算金额,余额支付,应付金额,订单状态,订单类型,下单帐号",
    "客户姓名,客户地址,联系电话,订单备注,发票类型,发票抬头,发票内容,商家备注,商家备注等级（等级1-5为由高到低）,运费金额",
    "付款确认时间,增值税发票,货号,订单完成时间,订单来源,订单渠道,",
)
PDD = _names(
    "商品,订单号,订单状态,商品总价(元),邮费(元),店铺优惠折扣(元),平台优惠折扣(元),用户实付金额(元),商家实收金额(元)",
    "商品数量(件),是否审核中,支付时间,承诺发货时间,发货时间,确认收货时间,商品id,商品规格,样式ID,商家编码-规格维度",
    "商家编码-商品维度,商家备注,买家留言,售后状态,订单成交时间,快递单号,快递公司,省,市,区,街道/镇,用户购买手机号,支付ID",
)
DOUYIN = _names(
    "主订单编号,子订单编号,选购商品,商品规格,商品数量,商家编码,订单应付金额,运费,收件人,收件人手机号,详细地址,订单提交时间",
    "商家备注,订单完成时间,订单状态,售后状态,取消原因,发货时间,平台实际承担优惠金额,商家实际承担优惠金额,达人实际承担优惠金额",
)
_SHOPIFY_LINE = _names(
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping",
    "Lineitem taxable,Lineitem fulfillment status",
)
_SHOPIFY_PLACE = [
    f"{who} {what}"
    for who in ("Billing", "Shipping")
    for what in _names("Name,Street,Address1,Address2,Company,City,Zip,Province,Country,Phone")
]
_SHOPIFY_TAXES = [f"Tax {place} {what}" for place in range(1, 6) for what in ("Name", "Value")]
_SHOPIFY_HEAD = _names(
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes",
    "Total,Discount Code,Discount Amount,Shipping Method,Created at",
)
_SHOPIFY_MIDDLE = ["Notes", "Note Attributes", "Cancelled at", "Payment Method", "Payment Reference", "Refunded Amount", "Vendor"]
_SHOPIFY_TAIL = [
    "Id",
    "Tags",
    "Risk Level",
    "Source",
    "Lineitem discount",
    *_SHOPIFY_TAXES,
    "Phone",
    "Receipt Number",
    "Duties",
    "Billing Province Name",
    "Shipping Province Name",
]
SHOPIFY_73 = [
    *_SHOPIFY_HEAD,
    *_SHOPIFY_LINE,
    *_SHOPIFY_PLACE,
    *_SHOPIFY_MIDDLE,
    *_SHOPIFY_TAIL,
    "Payment Terms Name",
    "Next Payment Due At",
]
SHOPIFY_79 = [
    *_SHOPIFY_HEAD,
    *_SHOPIFY_LINE,
    *_SHOPIFY_PLACE,
    *_SHOPIFY_MIDDLE,
    "Outstanding Balance",
    "Employee",
    "Location",
    "Device ID",
    *_SHOPIFY_TAIL,
    "Payment ID",
    "Payment Terms Name",
    "Next Payment Due At",
    "Payment References",
]
SHOPIFY = {73: SHOPIFY_73, 79: SHOPIFY_79}
Row = dict[str, str]
_START = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)
_STATES = ("等待买家付款", "买家已付款，等待卖家发货", "买家已付款,等待卖家发货", "卖家已发货，等待买家确认", "交易成功", "交易关闭")


def as_id(number: int | str) -> str:
    return f'="{number}"'


def taobao_number(place: int) -> int:
    return 310_000_000_000_000_011 + place * 37


def _when(place: int) -> str:
    return (_START + timedelta(seconds=place * 41)).strftime("%Y-%m-%d %H:%M:%S")


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
            "订单创建时间": _when(place),
            "订单付款时间": _when(place + 1) if paid else "",
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
            "订单创建时间": _when(place),
            "订单付款时间": "" if place % 7 == 0 else _when(place + 1),
            "退款金额": "42.5" if back and place % 7 else "0.0",
        }


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


def shopify(count: int, items: int = 2, *, first: int = 0) -> Iterator[Row]:
    for place in range(first, first + count):
        name, email = f"#HO-{1000 + place}", f"buyer{place}@example.com"
        placed = "2026-05-31 23:06:05 -0700"
        for item in range(items):
            row = {
                "Name": name,
                "Email": email,
                "Created at": placed,
                "Lineitem quantity": str(item + 1),
                "Lineitem name": f"Leash {item}",
                "Lineitem price": "12.50",
                "Lineitem sku": f"LEASH-{item}",
                "Lineitem fulfillment status": "fulfilled",
                "Lineitem discount": "0.00",
                "Vendor": "House",
            }
            if item == 0:
                row |= {
                    "Financial Status": ("paid", "partially_refunded", "refunded", "pending", "voided")[place % 5],
                    "Fulfillment Status": ("fulfilled", "unfulfilled", "partial")[place % 3],
                    "Paid at": placed,
                    "Currency": "USD",
                    "Shipping": "4.00",
                    "Total": "41.50",
                    "Refunded Amount": "41.50" if place % 5 == 2 else "10.00" if place % 5 == 1 else "0.00",
                    "Shipping Name": "Lane Example",
                    "Shipping Street": "1 Example Street",
                    "Shipping City": "Springfield",
                    "Shipping Zip": "'04321",
                    "Shipping Country": "US",
                    "Shipping Phone": "(504) 696-1221",
                    "Id": str(5_000_000_000_000 + place),
                }
            yield row


def cells_of(header: list[str], row: Row) -> list[str]:
    return [row.get(name.strip(), "") for name in header]


def write_csv(
    path: Path, header: list[str], rows: Iterable[Row], *, encoding: str = "gb18030", trailing: bool = False, title: str = ""
) -> Path:
    """A csv as platforms write it: CRLF, ids unquoted as `="…"`, the rest quoted; `trailing` adds the comma that detail files have."""
    with path.open("w", encoding=encoding, newline="") as file:
        if title:
            file.write(title + "\r\n")
        file.write(",".join(_quoted(name) for name in header) + "\r\n")
        tail = "," if trailing else ""
        for row in rows:
            file.write(",".join(value if value.startswith('="') else _quoted(value) for value in cells_of(header, row)) + tail + "\r\n")
    return path


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def csv_text(header: list[str], rows: Iterable[Row]) -> str:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(header)
    writer.writerows(cells_of(header, row) for row in rows)
    return target.getvalue()


def write_xlsx(path: Path, header: list[str], rows: Iterable[Row], *, inline: bool = True) -> Path:
    """A workbook; `inline` strings (as exporters write) or shared ones (as Excel writes)."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": inline})
    sheet = book.add_worksheet()
    for place, name in enumerate(header):
        sheet.write_string(0, place, name)
    for line, row in enumerate(rows, 1):
        for place, value in enumerate(cells_of(header, row)):
            if value:
                sheet.write_string(line, place, value)
    book.close()
    return path


OWN = ["流水", "单号", "客户", "实付金额(元)", "状态", "付款时间", "品名", "规格", "数量", "备注"]
"""A shop's own spreadsheet, which no platform writes."""
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
