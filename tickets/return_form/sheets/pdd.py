"""Pinduoduo's small payments (小额打款) and compensations to consumers (消费者赔付): most sheets number no payment."""

from django.utils.translation import gettext_lazy as _

from tickets.people.models import Platform
from tickets.return_form.sheets.layout import Layout

LAYOUT = Layout(
    "pdd-compensation",
    _("Pinduoduo compensation sheet"),
    frozenset({Platform.PDD.value}),
    order=("订单号", "订单编号", "商户订单号"),
    amount=("打款金额(元)", "打款金额", "赔付金额(元)", "赔付金额", "补偿金额(元)", "补偿金额"),
    number=("打款单号", "打款编号", "打款流水号", "流水号", "赔付单号", "赔付编号"),
)
