"""/api/v1/reports/<name>/"""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from handover.report import actions, performance_api, schedule_api, table, target_views, targets, views
from handover.report.building import build
from handover.report.files import FormatIsOurs, or_file
from handover.report.measures import PRESSURE, REPORTS
from handover.report.models import Target
from handover.report.panels import PANELS
from handover.report.reading import report_for
from handover.report.targets import with_targets
from tickets.people.access import may
from tickets.web.api import Door
from tickets.web.schema import problems


class CellOut(serializers.Serializer):
    measure = serializers.CharField()
    value = serializers.CharField(allow_null=True)
    numerator = serializers.CharField()
    denominator = serializers.CharField(allow_null=True)
    before = serializers.CharField(allow_null=True)
    change = serializers.CharField(allow_null=True)
    verdict = serializers.CharField(help_text="real, noise, few, or empty where no test applies")
    few = serializers.BooleanField(help_text="a denominator so small that the share may be chance")
    target = serializers.CharField(allow_null=True, help_text="what is wanted in this period; a sum's budget grows with its days")
    met = serializers.BooleanField(allow_null=True)


class RowOut(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()
    share = serializers.CharField(allow_null=True, help_text="of the headline's numerator")
    cells = CellOut(many=True)


class ReportOut(serializers.Serializer):
    name = serializers.CharField()
    to = serializers.DateField()
    compared_with = serializers.DictField(child=serializers.DateField())
    by = serializers.CharField()
    currency = serializers.CharField()
    total = CellOut(many=True)
    rows = RowOut(many=True)
    more_rows = serializers.IntegerField()
    ignored = serializers.ListField(child=serializers.CharField(), help_text="filters that say nothing of this report's headline")
    charted = serializers.CharField(help_text="the figure that the points are of")
    points = serializers.ListField(child=serializers.DictField())
    rolling = serializers.ListField(
        child=serializers.DictField(), required=False, help_text="of complaint-rate and compensation: the 15 days up to each point"
    )
    hours = serializers.ListField(child=serializers.DictField(), required=False, help_text="of pressure: every hour of the week")
    months = serializers.DictField(required=False, help_text="of return-reasons: last month's top reasons, then and now")

    def get_fields(self) -> Any:
        return super().get_fields() | {"from": serializers.DateField()}


PARAMETERS = [
    OpenApiParameter("name", str, "path", enum=sorted(REPORTS)),
    OpenApiParameter("from", str, description="a day of the team's time zone"),
    OpenApiParameter("to", str, description="a day of the team's time zone, today by default"),
    OpenApiParameter("window", str, description="instead of `from`: as many days up to `to`; 15d by default"),
    OpenApiParameter("by", str, description="the breakdown"),
    *[OpenApiParameter(name, str) for name in ("shop", "platform", "product", "reason", "member", "shift", "currency")],
    OpenApiParameter("chart", str, description="the figure that the points are of; the headline by default"),
    OpenApiParameter("channel", str, description="of pressure"),
    *[OpenApiParameter(name, int, description="of pressure: the service wanted") for name, limits in PRESSURE.also.items() if limits],
    OpenApiParameter("panel", str, enum=sorted(PANELS), description="with `format` csv or xlsx: this panel instead of the breakdown"),
    OpenApiParameter("all", str, description="every row of the breakdown, not only the largest 50"),
    OpenApiParameter("format", str, enum=["json", "csv", "xlsx"]),
]


class Reports(Door):
    """The reports: figures, what they are made of, and how they changed."""

    deeds = {"retrieve": "report.read"}
    content_negotiation_class = FormatIsOurs
    serializer_class = ReportOut

    @extend_schema(parameters=PARAMETERS, responses=or_file(ReportOut) | problems("not_found", "invalid"))
    def retrieve(self, request: Request, name: str) -> Any:
        """One report. Agents get their own figures, managers and operations the team's."""
        report = report_for(name, self.member)
        built = with_targets(build(report, views.ask(report, request.query_params, self.member)))
        kind = request.query_params.get("format", "")
        return views.as_file(built, kind, request.query_params.get("panel", "")) or Response(table.as_json(built))


class TargetOut(serializers.Serializer):
    measure = serializers.CharField(help_text="report.code")
    shop = serializers.IntegerField(allow_null=True, help_text="empty: the team's")
    value = serializers.DecimalField(max_digits=14, decimal_places=4, help_text="shares from 0 to 1; of a sum, what may come in 15 days")


class TargetsIn(serializers.Serializer):
    shop = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    values = serializers.DictField(
        child=serializers.DecimalField(max_digits=14, decimal_places=4, allow_null=True), help_text="by measure; null takes a target away"
    )


class Targets(Door):
    """What the team, or one shop, wants of its figures."""

    deeds = {"read": "report.read", "put": "report.edit"}
    queryset = Target.objects.none()
    pagination_class = None
    serializer_class = TargetOut

    @extend_schema(responses={200: TargetOut(many=True), **problems()})
    def read(self, request: Request) -> Response:
        """Every target that is set."""
        return Response(self._rows())

    @extend_schema(request=TargetsIn, responses={200: TargetOut(many=True), **problems("not_found", "invalid")})
    def put(self, request: Request) -> Response:
        """Set some targets; what is not named stays. Managers only."""
        entry = TargetsIn(data=request.data)
        entry.is_valid(raise_exception=True)
        shop = target_views.shop_of(str(entry.validated_data.get("shop") or ""), self.member)
        actions.set_targets(entry.validated_data["values"], by=self.member, shop=shop)
        return Response(self._rows())

    def _rows(self) -> Any:
        money = may(self.member, "see.money")
        return [
            {"measure": name, "shop": shop, "value": format(value, "f")}
            for (name, shop), value in sorted(targets.of_team(self.member.team_id).items(), key=str)
            if money or targets.measure_of(name).show != "money"
        ]


urlpatterns = [
    *performance_api.urlpatterns,
    *schedule_api.urlpatterns,
    path("reports/targets/", Targets.as_view({"get": "read", "put": "put"}), name="report_targets"),
    path("reports/<slug:name>/", Reports.as_view({"get": "retrieve"}), name="reports"),
]
