"""/api/v1/reports/performance/"""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from handover.report import performance, performance_actions, performance_views
from handover.report.files import FormatIsOurs, or_file
from handover.report.models import SheetAnswer
from handover.report.performance import Sheet, sheets
from tickets.people.access import may
from tickets.web.api import Door
from tickets.web.schema import problems

MONTH = OpenApiParameter("month", str, description="such as 2026-11; the current one by default")
FORMAT = OpenApiParameter("format", str, enum=["json", "csv", "xlsx"])


class SheetLineOut(serializers.Serializer):
    figure = serializers.CharField(help_text="report.measure")
    value = serializers.CharField(allow_null=True)
    numerator = serializers.CharField()
    denominator = serializers.CharField(allow_null=True)
    target = serializers.CharField(allow_null=True)
    weight = serializers.IntegerField()
    points = serializers.CharField(allow_null=True)


class SheetAnswerOut(serializers.ModelSerializer):
    by = serializers.CharField(source="by.display_name")

    class Meta:
        model = SheetAnswer
        fields = ["id", "by", "text", "at"]


class SheetOut(serializers.Serializer):
    member = serializers.IntegerField()
    name = serializers.CharField()
    month = serializers.CharField()
    total = serializers.CharField(allow_null=True, help_text="of 100")
    formula = serializers.CharField()
    lines = SheetLineOut(many=True)
    answers = SheetAnswerOut(many=True, help_text="of one sheet asked for by itself")


class SheetAnswerIn(serializers.Serializer):
    month = serializers.CharField(required=False, max_length=7)
    text = serializers.CharField(max_length=performance_actions.LONGEST)


class SheetWeightsOut(serializers.Serializer):
    month = serializers.CharField()
    weights = serializers.DictField(child=serializers.IntegerField())


class SheetWeightsIn(serializers.Serializer):
    month = serializers.CharField(required=False, max_length=7)
    weights = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=100))


class Performance(Door):
    """Performance sheets: one a member and month."""

    deeds = {"team": "report.read", "retrieve": "report.read", "answer": "report.answer", "weights": "report.edit", "weigh": "report.edit"}
    content_negotiation_class = FormatIsOurs
    queryset = SheetAnswer.objects.none()
    pagination_class = None

    @extend_schema(
        operation_id="reports_performance_team", parameters=[MONTH, FORMAT], responses=or_file(SheetOut(many=True)) | problems("invalid")
    )
    def team(self, request: Request) -> Any:
        """Everybody's sheets, best total first; only the own one for who reads only the own figures."""
        month = performance_views.month_of(request.query_params.get("month", ""))
        own = None if may(self.member, "see.all_figures") else self.member
        found = sheets(self.member, month, only=own)
        if (kind := request.query_params.get("format", "json")) != "json":
            return performance_views.as_file(performance_views.overview(found), kind, f"performance-{month:%Y-%m}")
        return Response([_out(sheet) for sheet in found])

    @extend_schema(parameters=[MONTH, FORMAT], responses=or_file(SheetOut) | problems("not_found", "invalid"))
    def retrieve(self, request: Request, member: int) -> Any:
        """One sheet with its answers."""
        who = performance_views.readable(member, self.member)
        month = performance_views.month_of(request.query_params.get("month", ""))
        (found,) = sheets(self.member, month, only=who)
        if (kind := request.query_params.get("format", "json")) != "json":
            return performance_views.as_file(performance_views.single(found), kind, f"performance-{who.pk}-{month:%Y-%m}")
        return Response(_out(found))

    @extend_schema(request=SheetAnswerIn, responses={201: SheetAnswerOut, **problems("not_found", "invalid")})
    def answer(self, request: Request, member: int) -> Response:
        """Answer to a sheet: the member to the own one, managers to any of the team."""
        who = performance_views.readable(member, self.member)
        given = self._given(SheetAnswerIn, request)
        month = performance_views.month_of(given.get("month", ""))
        made = performance_actions.answer(who, by=self.member, month=month, text=given["text"])
        return Response(SheetAnswerOut(made).data, status=201)

    @extend_schema(parameters=[MONTH], responses={200: SheetWeightsOut, **problems("invalid")})
    def weights(self, request: Request) -> Response:
        """What each figure counts in a month."""
        month = performance_views.month_of(request.query_params.get("month", ""))
        return Response({"month": f"{month:%Y-%m}", "weights": performance.weights_of(self.member.team_id, month)})

    @extend_schema(request=SheetWeightsIn, responses={200: SheetWeightsOut, **problems("invalid")})
    def weigh(self, request: Request) -> Response:
        """Let figures count this much from the month on."""
        given = self._given(SheetWeightsIn, request)
        month = performance_views.month_of(given.get("month", ""))
        performance_actions.set_weights(given["weights"], by=self.member, month=month)
        return Response({"month": f"{month:%Y-%m}", "weights": performance.weights_of(self.member.team_id, month)})

    @staticmethod
    def _given(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
        entry = kind(data=request.data)
        entry.is_valid(raise_exception=True)
        return dict(entry.validated_data)


def _out(sheet: Sheet) -> dict[str, Any]:
    return {
        "member": sheet.member.pk,
        "name": sheet.member.display_name,
        "month": f"{sheet.month:%Y-%m}",
        "total": _text(sheet.total),
        "formula": performance.formula(sheet),
        "lines": [
            {
                "figure": line.part.name,
                "value": _text(line.value),
                "numerator": _text(line.top),
                "denominator": _text(line.bottom),
                "target": _text(line.target),
                "weight": line.weight,
                "points": _text(line.points),
            }
            for line in sheet.lines
        ],
        "answers": SheetAnswerOut(sheet.answers, many=True).data,
    }


def _text(value: Any) -> str | None:
    return None if value is None else format(round(value, 6).normalize(), "f")


urlpatterns = [
    path("reports/performance/", Performance.as_view({"get": "team"}), name="performance"),
    path("reports/performance/weights/", Performance.as_view({"get": "weights", "put": "weigh"}), name="performance_weights"),
    path("reports/performance/<int:member>/", Performance.as_view({"get": "retrieve"}), name="performance_sheet"),
    path("reports/performance/<int:member>/answers/", Performance.as_view({"post": "answer"}), name="performance_answers"),
]
