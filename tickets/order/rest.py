"""What the API takes and gives about orders and imports."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django.db.models import Q, QuerySet
from rest_framework import serializers

from tickets.order.models import Import, ImportProblem, Order, OrderLine, OrderStatus
from tickets.order.queries import reason
from tickets.order.sources import SOURCES
from tickets.order.sources.problems import CAME_IN
from tickets.people.access import may
from tickets.people.models import Member
from tickets.web.api import Moment
from tickets.web.filters import Filters, Id, Instant
from tickets.web.phones import e164, masked

MONEY = ("total", "paid", "freight", "refunded")


class OrderLineOut(serializers.ModelSerializer[OrderLine]):
    """One product; `quantity` 0: taken out of the order. `price` of one piece, null for who sees no money."""

    price = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)

    class Meta:
        model = OrderLine
        fields = ["id", "key", "sku", "title", "spec", "quantity", "price"]


class OrderOut(serializers.ModelSerializer[Order]):
    """An order. Money in `currency`, null for who sees none; the phone masked except for who ships it."""

    status = serializers.CharField()
    shop = serializers.IntegerField(source="shop_id")
    shop_name = serializers.CharField(source="shop.name")
    platform = serializers.CharField(source="shop.platform")
    customer = serializers.IntegerField(source="customer_id", allow_null=True)
    sold_by = serializers.IntegerField(source="sold_by_id", allow_null=True)
    sold_by_name = serializers.SerializerMethodField()
    phone = serializers.SerializerMethodField()
    lines = OrderLineOut(many=True)
    total = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    paid = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    freight = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    refunded = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)

    class Meta:
        model = Order
        fields = [
            "id", "shop", "shop_name", "platform", "number", "customer", "buyer", "status", "status_text", "close_reason",
            "currency", "total", "paid", "freight", "refunded", "placed_at", "paid_at", "shipped_at", "completed_at",
            "recipient", "phone", "address", "courier", "tracking", "title", "buyer_message", "memo", "request", "sold_by",
            "sold_by_name", "source", "exported_at", "created_at", "updated_at", "version", "lines",
        ]  # fmt: skip

    def get_sold_by_name(self, order: Order) -> str:
        return order.sold_by.display_name if order.sold_by else ""

    def get_phone(self, order: Order) -> str:
        return order.phone if self._member is not None and may(self._member, "see.phone") else masked(order.phone)

    @property
    def _member(self) -> Member | None:
        return self.context.get("member")

    def to_representation(self, order: Order) -> dict[str, Any]:
        found = super().to_representation(order)
        if self._member is None or not may(self._member, "see.money"):
            found |= dict.fromkeys(MONEY)
            for line in found["lines"]:
                line["price"] = None
        return found


class OrderLineIn(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=300)
    quantity = serializers.IntegerField(min_value=1, max_value=9999, default=1)
    price = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, default=0)
    sku = serializers.CharField(max_length=120, default="", allow_blank=True)
    spec = serializers.CharField(max_length=300, default="", allow_blank=True)


class OrderIn(serializers.Serializer[Any]):
    """An order to log. `shop` and `sold_by` are ids of the team's; `handle` finds or makes the customer. Without `total` its amount is
    the sum of the lines, and no less than `paid`."""

    shop = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    number = serializers.CharField(max_length=64)
    handle = serializers.CharField(max_length=160, default="", allow_blank=True)
    lines = OrderLineIn(many=True, default=list)
    total = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False)
    paid = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False)
    status = serializers.ChoiceField(choices=OrderStatus.choices, default=OrderStatus.PAID)
    request = serializers.CharField(max_length=2000, default="", allow_blank=True)
    sold_by = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    placed_at = Moment(required=False)
    recipient = serializers.CharField(max_length=120, default="", allow_blank=True)
    phone = serializers.CharField(max_length=40, default="", allow_blank=True)
    address = serializers.CharField(max_length=400, default="", allow_blank=True)


class PushIn(serializers.Serializer[Any]):
    """Orders as documents of Shopify's Admin API (`orders.json`, or the body of its webhooks)."""

    shop = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    orders = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=250)


class PushedOut(serializers.Serializer[Any]):
    """What became of one document: `created`, `updated`, `unchanged`, `older`, or `invalid` with `errors` by the part that is wrong."""

    number = serializers.CharField()
    result = serializers.ChoiceField(choices=["created", "updated", "unchanged", "older", "invalid"])
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class OrderFilters(Filters):
    """`number` and `phone` are exact (phones in any writing); `since`/`until` are instants of placing, the end exclusive."""

    shop = Id(field_name="shop_id")
    customer = Id(field_name="customer_id")
    sold_by = Id(field_name="sold_by_id")
    status = df.ChoiceFilter(choices=OrderStatus.choices)
    number = df.CharFilter(method="by_number", max_length=64)
    phone = df.CharFilter(method="by_phone", max_length=40)
    tracking = df.CharFilter(max_length=120)
    since = Instant(field_name="placed_at", lookup_expr="gte")
    until = Instant(field_name="placed_at", lookup_expr="lt")

    class Meta:
        model = Order
        fields: list[str] = []

    def by_number(self, rows: QuerySet[Order], _name: str, value: str) -> QuerySet[Order]:
        return rows.filter(Q(number=value) | Q(number="#" + value))

    def by_phone(self, rows: QuerySet[Order], _name: str, value: str) -> QuerySet[Order]:
        number = e164(value, self.request.member.team.region) if self.request is not None else ""
        return rows.filter(phone=number).exclude(phone="") if number else rows.none()


class ImportOut(serializers.ModelSerializer[Import]):
    """An import and how far it is. `created`, `updated`, `unchanged`, `older` count orders; `problems` rows that were not taken."""

    shop = serializers.IntegerField(source="shop_id", allow_null=True)
    by = serializers.IntegerField(source="by_id", allow_null=True)
    detail = serializers.SerializerMethodField(help_text="why it failed, as a sentence")

    class Meta:
        model = Import
        fields = [
            "id", "shop", "kind", "name", "size", "dry_run", "exported_at", "state", "rows", "orders", "done", "created",
            "updated", "unchanged", "older", "customers", "problems", "reviews", "error", "detail", "by", "created_at",
            "finished_at",
        ]  # fmt: skip

    def get_detail(self, run: Import) -> str:
        return reason(run.error) if run.error else ""


class ImportIn(serializers.Serializer[Any]):
    """`kind` is told from the columns where it is not given."""

    shop = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    file = serializers.FileField()
    kind = serializers.CharField(max_length=40, default="", allow_blank=True, help_text=", ".join(source.code for source in SOURCES))
    dry_run = serializers.BooleanField(default=False)


class ProblemRowOut(serializers.ModelSerializer[ImportProblem]):
    """A finding about a row: its line in the file, the column, why; `taken` says whether the order came in all the same."""

    reason = serializers.SerializerMethodField()
    taken = serializers.SerializerMethodField()
    row = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ImportProblem
        fields = ["id", "line", "column", "code", "reason", "value", "taken", "row"]

    def get_reason(self, each: ImportProblem) -> str:
        return reason(each.code)

    def get_taken(self, each: ImportProblem) -> bool:
        return each.code in CAME_IN
