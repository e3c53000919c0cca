"""/api/v1/customers/: who somebody is, what is open, what happened."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from tickets.activity.telling import tell_all
from tickets.customer import actions
from tickets.customer import queries as customers
from tickets.customer.models import KIND_OF_PLATFORM, Customer, Handle, HandleKind
from tickets.lookup.forms import ListForm
from tickets.lookup.listing import narrowed
from tickets.order import queries as orders
from tickets.order.models import Order
from tickets.people.models import Platform
from tickets.ticket.models import Ticket
from tickets.ticket.queries import open_matters
from tickets.web.api import Door
from tickets.web.filters import Ordered, refuse_unknown
from tickets.web.phones import masked
from tickets.web.refusals import Refused
from tickets.web.schema import describe

LISTED = [
    OpenApiParameter("q", str, description="any name, number or words: what the look-up box takes"),
    OpenApiParameter("kind", str, enum=HandleKind.values, description="with a handle there"),
    OpenApiParameter("matters", str, enum=["open", "none"], description="with an open matter, or without"),
    OpenApiParameter("since", date, description="first met on this day of the team's time zone, or later"),
    OpenApiParameter("until", date, description="first met on this day, or earlier"),
]
KINDS = sorted({*HandleKind.values, *Platform.values})


class HandleOut(serializers.ModelSerializer[Handle]):
    """One name of a customer; phones are masked."""

    kind = serializers.CharField()
    value = serializers.SerializerMethodField(method_name="shown")

    class Meta:
        model = Handle
        fields = ["id", "kind", "value"]

    def shown(self, handle: Handle) -> str:
        return masked(handle.value) if handle.kind == HandleKind.PHONE else handle.value


class CustomerOut(serializers.ModelSerializer[Customer]):
    handles = HandleOut(many=True)
    merged_into = serializers.IntegerField(source="merged_into_id", allow_null=True)

    class Meta:
        model = Customer
        fields = ["id", "name", "note", "handles", "merged_into", "created_at"]


class MatterOut(serializers.Serializer[Ticket]):
    """An open matter, and who has it since when."""

    id = serializers.IntegerField()
    subject = serializers.CharField()
    severity = serializers.CharField()
    status = serializers.CharField()
    holder = serializers.IntegerField(source="holder_id", allow_null=True)
    holder_name = serializers.SerializerMethodField()
    held_since = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    next_action = serializers.CharField()

    def get_holder_name(self, ticket: Ticket) -> str:
        return ticket.holder.display_name if ticket.holder else ""


class BoughtOut(serializers.ModelSerializer[Order]):
    """One of the newest orders of a customer."""

    status = serializers.CharField()
    shop_name = serializers.CharField(source="shop.name")

    class Meta:
        model = Order
        fields = ["id", "number", "shop_name", "status", "title", "placed_at"]


class LookupOut(serializers.Serializer[Any]):
    """The side panel's answer: the customer with this handle (null: nobody), what is open, what was bought last."""

    customer = CustomerOut(allow_null=True)
    open = MatterOut(many=True)
    orders = BoughtOut(many=True)


class EventOut(serializers.Serializer[Any]):
    """One thing that happened: a ledger row (`code`, `who`, `text`, `said`), or an order at the instant it was placed."""

    at = serializers.DateTimeField()
    kind = serializers.CharField()
    code = serializers.CharField()
    who = serializers.CharField()
    text = serializers.CharField()
    said = serializers.CharField()
    ticket = serializers.IntegerField(allow_null=True)
    order = serializers.IntegerField(allow_null=True)


class TimelineOut(serializers.Serializer[Any]):
    """Newest first; `older` is the `before` of the next page, null at the end."""

    older = serializers.DateTimeField(allow_null=True)
    results = EventOut(many=True)


class CustomerMergeIn(serializers.Serializer[Any]):
    """`into`: the customer that stays; the one in the address becomes a part of it."""

    into = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class Customers(ListModelMixin, RetrieveModelMixin, Door):
    """People who buy, under all their names."""

    deeds = {
        "list": "customer.read", "retrieve": "customer.read", "lookup": "customer.read", "timeline": "customer.read",
        "merge": "customer.merge",
    }  # fmt: skip
    queryset = Customer.objects.none()
    serializer_class = CustomerOut
    filter_backends: list[Any] = []
    pagination_class = Ordered
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Customer]:
        if self.action != "list":
            return customers.told(self.member)
        form = ListForm(self.request.query_params)
        if not form.is_valid():
            raise Refused("invalid", errors={name: [str(text) for text in texts] for name, texts in form.errors.items()})
        return narrowed(self.member, **{name: value for name, value in form.cleaned_data.items() if value})

    @describe(CustomerOut(many=True), "not_found", parameters=LISTED)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The team's customers, newest first, narrowed as on the page."""
        refuse_unknown(request.query_params, list(ListForm.base_fields))
        return super().list(request, *args, **kwargs)

    @describe(CustomerOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One customer; `merged_into` names whom it became."""
        return super().retrieve(request, *args, **kwargs)

    @describe(
        LookupOut,
        "not_found",
        parameters=[OpenApiParameter("handle", str, required=True), OpenApiParameter("platform", str, enum=KINDS)],
    )
    @action(detail=False, url_path="lookup", pagination_class=None)
    def lookup(self, request: Request) -> Response:
        """Who has this handle (phones in any writing), what is open for them, what they bought last."""
        refuse_unknown(request.query_params, ("handle", "platform"))
        handle, platform = request.query_params.get("handle", "").strip(), request.query_params.get("platform", "")
        if platform and platform not in KINDS:
            raise Refused("invalid", errors={"platform": [actions.NO_SUCH_KIND]})
        if not handle:
            raise Refused("invalid", errors={"handle": [actions.ONE_AT_LEAST]})
        found = customers.exact(self.member, handle[:160], kind=KIND_OF_PLATFORM.get(platform, platform), limit=1)
        if not found:
            return Response(LookupOut({"customer": None, "open": [], "orders": []}).data)
        bought = orders.of_customer(found[0], limit=5)
        return Response(LookupOut({"customer": found[0], "open": open_matters(found[0]), "orders": bought}).data)

    @describe(TimelineOut, "not_found", parameters=[OpenApiParameter("before", str, description="an instant: what happened earlier")])
    @action(detail=True, url_path="timeline", pagination_class=None)
    def timeline(self, request: Request, pk: str) -> Response:
        """Everything with the customer and whoever was merged into it, newest first, orders among it."""
        refuse_unknown(request.query_params, ("before",))
        customer = self.get_object()
        before = self.instant(request.query_params.get("before"))
        events = customers.story(customers.selves(customer), orders.of_customer(customer, limit=customers.STORY), before=before)
        told = {line.id: line for line in tell_all([event.activity for event in events if event.activity is not None], self.member)}
        results = [self.event(event, told) for event in events]
        older = events[-1].at if len(events) == customers.STORY else None
        return Response(TimelineOut({"older": older, "results": results}).data)

    def instant(self, text: str | None) -> Any:
        if not text:
            return None
        try:
            found = parse_datetime(text)
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            raise Refused(
                "invalid", errors={"before": [serializers.DateTimeField.default_error_messages["invalid"].format(format="RFC 3339")]}
            )
        return found

    def event(self, event: customers.Event, told: dict[int, Any]) -> dict[str, Any]:
        if event.activity is None:
            words = {"who": event.order.shop.name, "text": event.order.title, "said": ""}
            return {"at": event.at, "kind": "order", "code": "order.placed", "ticket": None, "order": event.order.pk, **words}
        row, line = event.activity, told[event.activity.pk]
        words = {"who": line.who, "text": line.text, "said": line.said}
        return {"at": row.at, "kind": line.kind, "code": row.code, "ticket": row.ticket_id, "order": row.order_id, **words}

    @describe(CustomerOut, "not_found", "wrong_state", request=CustomerMergeIn)
    @action(detail=True, methods=["post"], url_path="merge", pagination_class=None)
    def merge(self, request: Request, pk: str) -> Response:
        """Make this customer a part of another, whose own values win; everything it had moves there."""
        taken = CustomerMergeIn(data=request.data)
        taken.is_valid(raise_exception=True)
        source = self.get_object()
        target = Customer.objects.visible_to(self.member).filter(pk=taken.validated_data["into"]).first()
        if target is None:
            raise Refused("not_found")
        merged = actions.merge(source, target, by=self.member)
        return Response(CustomerOut(customers.told(self.member).get(pk=merged.pk)).data)


router = SimpleRouter()
router.register("customers", Customers, basename="api-customer")

urlpatterns = router.urls
