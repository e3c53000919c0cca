"""The platforms' words for where an order stands, and ours. The codes are those of `tickets.order.models.OrderStatus`."""

from __future__ import annotations

PENDING, PAID, SHIPPED, COMPLETED, CLOSED, REFUNDED, UNKNOWN = "pending", "paid", "shipped", "completed", "closed", "refunded", "unknown"

TAOBAO = {
    "等待买家付款": PENDING,
    "定金未付尾款未付": PENDING,
    "定金已付尾款未付": PENDING,
    "买家已付款,等待卖家发货": PAID,
    "卖家部分发货": PAID,
    "卖家已发货,等待买家确认": SHIPPED,
    "买家已签收,货到付款专用": SHIPPED,
    "交易成功": COMPLETED,
    "交易关闭": CLOSED,
    "没有创建支付宝交易": PENDING,
}
PDD = {
    "待支付": PENDING,
    "待发货": PAID,
    "已发货,待签收": SHIPPED,
    "已发货,待收货": SHIPPED,
    "已签收": COMPLETED,
    "已收货": COMPLETED,
    "未发货,退款成功": REFUNDED,
    "已发货,退款成功": REFUNDED,
    "已签收,退款成功": REFUNDED,
    "已收货,退款成功": REFUNDED,
    "已取消": CLOSED,
}
DOUYIN = {
    "待支付": PENDING,
    "待确认": PENDING,
    "待发货": PAID,
    "备货中": PAID,
    "部分发货": PAID,
    "已发货": SHIPPED,
    "已完成": COMPLETED,
    "已关闭": CLOSED,
}
JD = {
    "等待付款": PENDING,
    "等待付款确认": PENDING,
    "待付款": PENDING,
    "等待出库": PAID,
    "暂停": PAID,
    "正在出库": PAID,
    "等待打印": PAID,
    "等待发货": PAID,
    "待发货": PAID,
    "已出库": SHIPPED,
    "等待确认收货": SHIPPED,
    "配送中": SHIPPED,
    "完成": COMPLETED,
    "已完成": COMPLETED,
    "(删除)等待出库": CLOSED,
    "(删除)等待确认收货": CLOSED,
    "(删除)锁定": CLOSED,
    "锁定": PAID,
    "已取消": CLOSED,
    "已锁定": PAID,
    "删除": CLOSED,
}


def plain(word: str) -> str:
    """The word without the accidents of typing: full-width or ASCII comma and brackets, spaces."""
    return word.replace("，", ",").replace("（", "(").replace("）", ")").replace(" ", "")
