"""Taobao's and Tmall's small payments (小额打款) and compensations (赔付)."""

from django.utils.translation import gettext_lazy as _

from tickets.people.models import Platform
from tickets.return_form.sheets.layout import Layout

LAYOUT = Layout(
    "taobao-compensation",
    _("Taobao compensation sheet"),
    frozenset({Platform.TMALL.value, Platform.TAOBAO.value}),
    order=("订单编号", "主订单编号", "订单号", "交易订单号"),
    amount=("打款金额", "打款金额(元)", "赔付金额", "赔付金额(元)", "赔付总金额", "补偿金额"),
    number=("打款单号", "打款编号", "赔付单号", "赔付编号", "赔付ID", "支付宝流水号", "支付宝交易号"),
)
