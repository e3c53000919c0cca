"""JD's compensations (赔付单): each has a number; the platform bears some of them."""

from django.utils.translation import gettext_lazy as _

from tickets.people.models import Platform
from tickets.return_form.sheets.layout import Layout

LAYOUT = Layout(
    "jd-compensation",
    _("JD compensation sheet"),
    frozenset({Platform.JD.value}),
    order=("订单号", "订单编号", "原订单号"),
    amount=("赔付金额", "赔付金额(元)", "实际赔付金额", "实际赔付金额(元)", "商家赔付金额", "补偿金额", "补偿金额(元)"),
    number=("赔付单号", "赔付单编号", "赔付编号", "赔付ID", "补偿单号"),
)
