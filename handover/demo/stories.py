"""What happens to the demo's customers: told once, laid around whatever moment it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

PRODUCTS = (
    ("YO-PAN-20", "雪平锅 20cm 不锈钢", "219.00"),
    ("YO-PAN-24", "雪平锅 24cm 带玻璃盖", "279.00"),
    ("TH-500", "保温杯 500ml 磨砂黑", "129.00"),
    ("TH-750", "保温杯 750ml 樱花粉", "149.00"),
    ("KN-170", "三德刀 VG10 170mm", "349.00"),
    ("KN-210", "牛刀 SG2 210mm", "989.00"),
    ("TE-06", "盖碗茶具 六件套", "168.00"),
    ("RC-03", "电饭煲 3L 智能", "459.00"),
)
CUSTOMERS = (
    ("刘女士", "tb_liu8854", "13800138001"),
    ("王先生", "tb_wang221", "13900139002"),
    ("陈小姐", "chen_mian77", "13700137003"),
    ("赵先生", "zhao1986hz", ""),
    ("周女士", "zhouzhou_mm", "13600136004"),
    ("吴女士", "wu小鱼儿", ""),
    ("郑先生", "zheng_bj", "13500135005"),
    ("Emma Clark", "emma.clark", "15800158006"),
    ("孙女士", "sun_keke", ""),
    ("李先生", "li0451haerbin", "18600186007"),
    ("黄女士", "huang_gz99", ""),
    ("林小姐", "lin_xm_2020", "18700187008"),
)


@dataclass(frozen=True)
class Matter:
    """One open matter. Times count from now: `opened` ago, `next_in` and `promise_in` ahead (negative: overdue)."""

    customer: int
    product: int
    reason: str
    subject: str
    body: str
    severity: str = "watch"
    opened: timedelta = 3 * HOUR
    next_action: str = ""
    next_in: timedelta | None = None
    promise: str = ""
    promise_in: timedelta | None = None
    waiting: str = ""
    said: tuple[str, ...] = ()
    if_then: str = ""
    complaint: str = ""
    tags: tuple[str, ...] = field(default=())


HANDED_OVER = (
    Matter(
        0, 2, "漏水", "保温杯漏水，第二个了", "第一个已补发（12 日），第二个盖子还是漏。照片已核对。", "act_now", 5 * HOUR,
        "打顺丰 95338 问破损登记，再回电顾客", 100 * MINUTE, "19:30 前回电，告诉她快递的答复", 110 * MINUTE,
        said=("顾客发来视频，杯盖密封圈缺口明显", "答应她今天给准信，她很着急"), if_then="快递不认 → 直接补发，不用再问", complaint="bad_review",
    ),
    Matter(
        1, 0, "物流停滞", "雪平锅三天没有物流更新", "圆通，停在乌鲁木齐分拨中心。", "act_now", 6 * HOUR,
        "催圆通网点，拿到派送时间", 45 * MINUTE, "今晚给派送时间", 3 * HOUR, said=("顾客说周末请客要用",), if_then="明天还不动 → 换顺丰补发，旧件拦截",
    ),
    Matter(
        6, 4, "有划痕", "三德刀刀面有划痕，要求换新", "拆箱即有，照片三张。", "watch", 4 * HOUR, "等仓库确认库存后发换货单", 5 * HOUR,
        said=("同意换货，等库存",), if_then="没有库存 → 提议退 20%",
    ),
    Matter(3, 7, "使用方法", "电饭煲预约功能不会用", "发了图文说明，顾客晚上再试。", "stable", 5 * HOUR, waiting="customer"),
    Matter(8, 6, "包装破损", "茶具外箱压坏，内件完好", "顾客要求补一个外盒送礼。", "stable", 7 * HOUR, "补寄外盒", 26 * HOUR),
)  # fmt: skip
IN_POOL = (
    Matter(
        4, 1, "少发", "少发一个玻璃盖", "订单两件，箱里只有一个盖子。", "act_now", 2 * HOUR, "核对称重记录，答复顾客", 30 * MINUTE,
        said=("顾客在等答复",), if_then="重量对得上少件 → 今天补发",
    ),
    Matter(9, 3, "发错", "颜色发错：要樱花粉收到磨砂黑", "顾客不急，要求换。", "watch", 3 * HOUR, "开换货单", 6 * HOUR),
)  # fmt: skip
ON_DUTY = (
    Matter(
        2, 5, "有划痕", "牛刀刀柄松动，要求退款", "收货第二天发现，有视频。", "act_now", 90 * MINUTE, "和仓库确认可否退回检测", 20 * MINUTE,
        "一小时内答复退款还是换新", 25 * MINUTE, said=("顾客更想换新",), if_then="检测属实 → 换新并补运费", complaint="dispute",
    ),
    Matter(5, 2, "发票", "要开公司抬头发票", "抬头和税号已收到。", "watch", 50 * MINUTE, "提交开票，发链接", 2 * HOUR, "今天下班前发电子票", 4 * HOUR),
    Matter(7, 3, "物流停滞", "Thermos: tracking has not moved for two days", "Shopify order, customer is travelling on Friday.", "watch", 2 * HOUR,
           "Ask the carrier, write back", 3 * HOUR),
    Matter(10, 6, "不喜欢", "茶具颜色和图片不一样，想退", "七天内，未使用。", "stable", 70 * MINUTE, waiting="customer"),
    Matter(11, 0, "改地址", "未发货，要求改到厦门", "新地址已记在订单上。", "watch", 25 * MINUTE, "仓库改单", 1 * HOUR, tags=("改单",)),
)  # fmt: skip
OVERDUE = Matter(
    1, 7, "发货慢", "付款四天没有发货", "预售款，页面写 48 小时发货。", "act_now", 26 * HOUR, "问采购到货时间", -20 * MINUTE,
    "今天中午前告诉他发货日期", -35 * MINUTE, said=("顾客第二次来问",), complaint="platform",
)  # fmt: skip
NOTICES = (
    ("stock_out", "40cm 汤锅缺货，预计 5 天后到；不要再承诺本周发货", 5 * 24 * HOUR),
    ("campaign", "双十二优惠券今晚 22:00 开放领取，满 300 减 40，不与店铺券叠加", 20 * 24 * HOUR),
    ("courier", "圆通发新疆慢 3-4 天，急单改发顺丰", 7 * 24 * HOUR),
)
CAMPAIGN = ("双十二预热", "满 300 减 40，与店铺券不叠加；赠品每单限一份，送完不补。前 100 名另送木铲。", -6 * HOUR, 20 * 24 * HOUR)
"""Name, what agents must know, when it begins and ends from now."""
SCRIPTS = (
    ("你好", "问候", "亲，您好，我是{agent}，很高兴为您服务，请问有什么可以帮您？", None),
    ("催发货", "催发货", "{customer}您好，订单 {order} 已催仓库加急，发出后第一时间给您物流单号。", "发货慢"),
    ("漏水", "漏水：先要照片", "非常抱歉给您添麻烦了。请拍一张漏水处和杯底的照片，我马上为您登记换新，来回运费由我们承担。", "漏水"),
    ("物流", "物流停滞", "{customer}您好，订单 {order} 的包裹我已联系快递核实，两小时内给您答复，请放心。", "物流停滞"),
    ("发票", "开发票", "可以的，请发我发票抬头和税号，电子发票会在 24 小时内发到您的邮箱。", "发票"),
    ("thanks", "Thanks, Shopify", "Hi {customer}, thanks for your patience. I have checked order {order} for you. {agent}", None),
)
"""Shortcut, title, reply, and for which reason."""
RESOLVED_SUBJECTS = (
    ("漏水", "保温杯杯盖漏水"),
    ("少发", "少发一个配件"),
    ("物流停滞", "物流两天没有更新"),
    ("使用方法", "第一次使用需要开锅吗"),
    ("发票", "补开发票"),
    ("尺寸不合适", "锅买小了，想换大一号"),
    ("有划痕", "锅底有划痕"),
    ("发错", "颜色发错"),
    ("库存", "什么时候有货"),
    ("签收未收到", "显示签收但没有收到"),
)
COMPLAINT_SUBJECTS = (
    ("漏水", "保温杯杯盖漏水，已经是第二次"),
    ("有划痕", "锅底有划痕，要求赔偿"),
    ("漏水", "杯身渗水，给了差评"),
    ("发错", "颜色发错，平台介入"),
    ("签收未收到", "显示签收但没有收到，发起纠纷"),
    ("发货慢", "付款三天没有发货"),
)
