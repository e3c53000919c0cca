"""Douyin's small payments (小额打款) and compensations (赔付): cells are text with a tab in front, personal data ciphertext."""

from django.utils.translation import gettext_lazy as _

from tickets.people.models import Platform
from tickets.return_form.sheets.layout import Layout

LAYOUT = Layout(
    "douyin-compensation",
    _("Douyin compensation sheet"),
    frozenset({Platform.DOUYIN.value}),
    order=("主订单编号", "订单编号", "订单号", "店铺单号", "关联订单号"),
    amount=("打款金额", "打款金额(元)", "赔付金额", "赔付金额(元)", "实际打款金额", "实际打款金额(元)"),
    number=("打款单号", "打款单编号", "打款编号", "打款流水号", "赔付单号", "赔付单编号", "工单编号"),
)
