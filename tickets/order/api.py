"""/api/v1/orders/ and /api/v1/imports/."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from tickets.order import actions, pushes, queries
from tickets.order.imports.pushing import take_order
from tickets.order.imports.uploads import upload
from tickets.order.models import Import, ImportProblem, Order
from tickets.order.rest import ImportIn, ImportOut, OrderFilters, OrderIn, OrderOut, ProblemRowOut, PushedOut, PushIn
from tickets.people.models import Member, Platform, Shop
from tickets.web.api import Door
from tickets.web.filters import Ordered, refuse_unknown
from tickets.web.refusals import Refused
from tickets.web.schema import PAGED, describe


class _OfTheTeam(Door):
    def get_serializer_context(self) -> dict[str, Any]:
        return super().get_serializer_context() | {"member": getattr(self.request._request, "member", None) if self.request else None}

    def shop(self, pk: int) -> Shop:
        """A shop of the member's team. Refuses `invalid`."""
        found = Shop.objects.select_related("team").filter(team=self.member.team_id, pk=pk).first()
        if found is None:
            raise Refused("invalid", errors={"shop": [actions.OTHER_TEAM]})
        return found


class Orders(ListModelMixin, RetrieveModelMixin, _OfTheTeam):
    """What was bought: logged by hand or imported."""

    deeds = {"list": "order.read", "retrieve": "order.read", "create": "order.log", "push": "order.import"}
    queryset = Order.objects.none()
    serializer_class = OrderOut
    filterset_class = OrderFilters
    pagination_class = Ordered
    orderings = ("-id", "id", "-updated_at", "updated_at")
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Order]:
        return queries.told(self.member).prefetch_related("lines")

    @describe(OrderOut(many=True), "not_found")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The team's orders, those logged last first; unknown filters are refused."""
        return super().list(request, *args, **kwargs)

    @describe(OrderOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One order with its lines."""
        return super().retrieve(request, *args, **kwargs)

    @describe(OrderOut, "not_found", "duplicate", request=OrderIn, status=201)
    def create(self, request: Request) -> Response:
        """Log an order by hand; `duplicate` (with `order`) where the shop has the number already."""
        taken = OrderIn(data=request.data)
        taken.is_valid(raise_exception=True)
        told = dict(taken.validated_data)
        told["shop"] = self.shop(told["shop"])
        told["lines"] = [actions.Line(**line) for line in told["lines"]]
        if "sold_by" in told:
            seller = Member.objects.visible_to(self.member).filter(pk=told["sold_by"]).first()
            if seller is None:
                raise Refused("invalid", errors={"sold_by": [actions.OTHER_TEAM]})
            told["sold_by"] = seller
        order = actions.log_order(by=self.member, **told)
        return Response(self.get_serializer(self.get_queryset().get(pk=order.pk)).data, status=201)

    @describe(PushedOut(many=True), "not_found", "wrong_state", request=PushIn)
    @action(detail=False, methods=["post"], url_path="push", pagination_class=None, filter_backends=[])
    def push(self, request: Request) -> Response:
        """Bring in orders as Shopify's Admin API gives them, at most 250. One that is older than what is stored changes nothing; one that
        cannot be read says why, and stops no other."""
        taken = PushIn(data=request.data)
        taken.is_valid(raise_exception=True)
        shop = self.shop(taken.validated_data["shop"])
        if shop.platform not in (Platform.SHOPIFY, Platform.OTHER):
            raise Refused("wrong_state", pushes.NOT_SHOPIFY)
        return Response([self._pushed(shop, document) for document in taken.validated_data["orders"]])

    def _pushed(self, shop: Shop, document: dict[str, Any]) -> dict[str, Any]:
        number = str(document.get("name") or "")[:64]
        try:
            return {"number": number, "result": take_order(shop, document, by=self.member), "errors": {}}
        except Refused as refused:
            if refused.code != "invalid":
                raise
            errors = {field: [str(text) for text in texts] for field, texts in (refused.errors or {}).items()}
            return {"number": number, "result": "invalid", "errors": errors}


class Imports(ListModelMixin, RetrieveModelMixin, _OfTheTeam):
    """Files of orders on their way in."""

    deeds = {"list": "order.import", "retrieve": "order.import", "create": "order.import", "rows": "order.import"}
    queryset = Import.objects.none()
    serializer_class = ImportOut
    filter_backends: list[Any] = []
    parser_classes = [MultiPartParser]
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Import]:
        return Import.objects.visible_to(self.member)

    @describe(ImportOut(many=True), "not_found")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The team's imports, newest first."""
        refuse_unknown(request.query_params, ())
        return super().list(request, *args, **kwargs)

    @describe(ImportOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One import: its state, its counters as they move."""
        return super().retrieve(request, *args, **kwargs)

    @describe(ImportOut, "not_found", "too_large", "unsupported_media", request=ImportIn, status=202)
    def create(self, request: Request) -> Response:
        """Bring a file in; it is read by a job. A dry run writes nothing and says what would happen."""
        taken = ImportIn(data=request.data)
        taken.is_valid(raise_exception=True)
        told = taken.validated_data
        run = upload(by=self.member, shop=self.shop(told["shop"]), file=told["file"], dry_run=told["dry_run"], kind=told.get("kind", ""))
        return Response(ImportOut(run).data, status=202)

    @describe(ProblemRowOut(many=True), "not_found", parameters=PAGED)
    @action(detail=True, url_path="rows", pagination_class=Ordered, serializer_class=ProblemRowOut)
    def rows(self, request: Request, pk: str) -> Response:
        """The rows that need attention: not taken, or taken with a doubt."""
        run = self.get_object()
        found = self.paginate_queryset(ImportProblem.objects.filter(run=run))
        return self.get_paginated_response(ProblemRowOut(found, many=True).data)


router = SimpleRouter()
router.register("orders", Orders, basename="api-order")
router.register("imports", Imports, basename="api-import")

urlpatterns = router.urls
