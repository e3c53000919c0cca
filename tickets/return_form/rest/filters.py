"""How a list of forms can be narrowed; the same for the page, its export and the API."""

from __future__ import annotations

from datetime import timedelta

import django_filters as df
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.return_form.models import OPEN, Fault, PlatformCompensation, ReturnForm, ReturnLine, State
from tickets.web.filters import Filters, Instant

ID_MAX = 2**63 - 1


def _with_line(rows: QuerySet[ReturnForm], condition: Q) -> QuerySet[ReturnForm]:
    """Forms one of whose lines is so; never a form twice."""
    return rows.filter(Exists(ReturnLine.objects.filter(condition, form=OuterRef("pk"))))


class FormFilters(Filters):
    state = df.MultipleChoiceFilter(choices=State.choices, label=_("State"))
    open = df.BooleanFilter(method="by_open")
    older_than = df.NumberFilter(method="by_age", label=_("Older than (days)"), min_value=0, max_value=36500)
    reason = df.NumberFilter(method="by_reason", min_value=1, max_value=ID_MAX)
    fault = df.ChoiceFilter(choices=Fault.choices, method="by_fault", label=_("Fault"))
    shop = df.NumberFilter(field_name="shop_id", min_value=1, max_value=ID_MAX)
    product = df.CharFilter(method="by_product", max_length=120, label=_("Product"))
    agent = df.NumberFilter(method="by_agent", min_value=1, max_value=ID_MAX)
    customer = df.NumberFilter(field_name="customer_id", min_value=1, max_value=ID_MAX)
    order = df.NumberFilter(field_name="order_id", min_value=1, max_value=ID_MAX)
    ticket = df.NumberFilter(field_name="ticket_id", min_value=1, max_value=ID_MAX)
    filed_after = Instant(field_name="filed_at", lookup_expr="gte")
    filed_before = Instant(field_name="filed_at", lookup_expr="lt")

    class Meta:
        model = ReturnForm
        fields: list[str] = []

    def by_open(self, rows: QuerySet[ReturnForm], _name: str, value: bool) -> QuerySet[ReturnForm]:
        return rows.filter(state__in=OPEN) if value else rows.exclude(state__in=OPEN)

    def by_age(self, rows: QuerySet[ReturnForm], _name: str, value: float) -> QuerySet[ReturnForm]:
        return rows.filter(filed_at__lte=timezone.now() - timedelta(days=float(value)))

    def by_reason(self, rows: QuerySet[ReturnForm], _name: str, value: int) -> QuerySet[ReturnForm]:
        """A reason of the upper level stands for all below it."""
        return _with_line(rows, Q(reason_id=int(value)) | Q(reason__parent_id=int(value)))

    def by_fault(self, rows: QuerySet[ReturnForm], _name: str, value: str) -> QuerySet[ReturnForm]:
        return _with_line(rows, Q(fault=value))

    def by_product(self, rows: QuerySet[ReturnForm], _name: str, value: str) -> QuerySet[ReturnForm]:
        return _with_line(rows, Q(order_line__sku__iexact=value) | Q(order_line__title__icontains=value))

    def by_agent(self, rows: QuerySet[ReturnForm], _name: str, value: int) -> QuerySet[ReturnForm]:
        """Whoever sold the order or filed the form."""
        return rows.filter(Q(filed_by_id=int(value)) | Q(order__sold_by_id=int(value)))


class CompensationFilters(Filters):
    matched = df.BooleanFilter(field_name="order", lookup_expr="isnull", exclude=True)
    state = df.ChoiceFilter(choices=PlatformCompensation.State.choices)
    shop = df.NumberFilter(field_name="shop_id", min_value=1, max_value=ID_MAX)
    order = df.NumberFilter(field_name="order_id", min_value=1, max_value=ID_MAX)
    form = df.NumberFilter(field_name="form_id", min_value=1, max_value=ID_MAX)

    class Meta:
        model = PlatformCompensation
        fields: list[str] = []
