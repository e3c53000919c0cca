"""/api/v1/reports/performance/"""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from handover.report import performance, performance_actions, performance_months
from handover.report.asking import Asked
from handover.report.files import FormatIsOurs, or_file
from handover.report.models import SheetAnswer
from handover.report.performance import Line, Sheet, sheets
from handover.report.performance_asking import NARROWS, TOTAL, ask, month_of, readable
from handover.report.performance_files import as_file, months, overview, single
from tickets.people.access import may
from tickets.people.models import Member
from tickets.web.api import Door
from tickets.web.schema import problems

MONTH = OpenApiParameter("month", str, description="such as 2026-11; the current one by default")
VIEW = [
    MONTH,
    *[OpenApiParameter(name, str) for name in NARROWS],
    OpenApiParameter("chart", str, enum=[TOTAL, *(part.name for part in performance.PARTS)], description="the figure of the six months"),
    OpenApiParameter("panel", str, enum=["months"], description="with `format` csv or xlsx: the six months instead of the sheet"),
    OpenApiParameter("format", str, enum=["json", "csv", "xlsx"]),
]


class SheetLineOut(serializers.Serializer):
    figure = serializers.CharField(help_text="report.measure")
    value = serializers.CharField(allow_null=True)
    numerator = serializers.CharField()
    denominator = serializers.CharField(allow_null=True)
    before = serializers.CharField(allow_null=True, help_text="of the month before; of a month that runs, of as many of its days")
    change = serializers.CharField(allow_null=True)
    verdict = serializers.CharField(help_text="real, noise, few, or empty where no test applies")
    target = serializers.CharField(allow_null=True)
    weight = serializers.IntegerField()
    points = serializers.CharField(allow_null=True)


class SheetAnswerOut(serializers.ModelSerializer):
    by = serializers.CharField(source="by.display_name")

    class Meta:
        model = SheetAnswer
        fields = ["id", "by", "text", "at"]


class SheetMonthOut(serializers.Serializer):
    month = serializers.CharField()
    total = serializers.CharField(allow_null=True)
    value = serializers.CharField(allow_null=True, help_text="of the figure that `chart` names; else the total")
    numerator = serializers.CharField(allow_null=True)
    denominator = serializers.CharField(allow_null=True)


class SheetOut(serializers.Serializer):
    member = serializers.IntegerField(allow_null=True, help_text="empty: the whole team")
    name = serializers.CharField()
    month = serializers.CharField()
    total = serializers.CharField(allow_null=True, help_text="of 100")
    before = serializers.CharField(allow_null=True)
    change = serializers.CharField(allow_null=True)
    formula = serializers.CharField()
    lines = SheetLineOut(many=True)
    months = SheetMonthOut(many=True, required=False, help_text="of one sheet asked for by itself: the last six")
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

    deeds = {
        "team": "report.read", "whole": "report.read_team", "retrieve": "report.read", "answer": "report.answer", "weights": "report.edit",
        "weigh": "report.edit",
    }  # fmt: skip
    content_negotiation_class = FormatIsOurs
    queryset = SheetAnswer.objects.none()
    pagination_class = None

    @extend_schema(operation_id="reports_performance_team", parameters=VIEW, responses=or_file(SheetOut(many=True)) | problems("invalid"))
    def team(self, request: Request) -> Any:
        """Everybody's sheets, best total first; only the own one for who reads only the own figures. As a file with the team's row."""
        asked, today = ask(request.query_params, self.member), timezone.localdate()
        if not may(self.member, "see.all_figures"):
            return self._one(request, asked, self.member, many=True)
        year = performance_months.year(asked, today)
        found = performance_months.beside_before(sheets(year[-1].book), today)
        charted = asked.values.get("chart", TOTAL)
        panels = {"": lambda: overview(found, year[-1], charted), "months": lambda: months(year, charted)}
        file = as_file(panels, request.query_params, f"performance-{asked.first:%Y-%m}")
        return file or Response([_out(sheet) for sheet in found])

    @extend_schema(operation_id="reports_performance_whole", parameters=VIEW, responses=or_file(SheetOut) | problems("invalid"))
    def whole(self, request: Request) -> Any:
        """The whole team's figures as one sheet; `forbidden` for who reads only the own figures."""
        return self._one(request, ask(request.query_params, self.member), None)

    @extend_schema(parameters=VIEW, responses=or_file(SheetOut) | problems("not_found", "invalid"))
    def retrieve(self, request: Request, member: int) -> Any:
        """One sheet with its answers."""
        who = readable(member, self.member)
        return self._one(request, ask(request.query_params, self.member), who)

    @staticmethod
    def _one(request: Request, asked: Asked, who: Member | None, *, many: bool = False) -> Any:
        year = performance_months.year(asked, timezone.localdate(), only=who)
        panels = {"": lambda: single(year[-1]), "months": lambda: months(year, asked.values.get("chart", TOTAL))}
        file = as_file(panels, request.query_params, f"performance-{who.pk if who else 'team'}-{asked.first:%Y-%m}")
        made = _out(year[-1]) | {"months": [_month(sheet) for sheet in year]}
        return file or Response([made] if many else made)

    @extend_schema(request=SheetAnswerIn, responses={201: SheetAnswerOut, **problems("not_found", "invalid")})
    def answer(self, request: Request, member: int) -> Response:
        """Answer to a sheet: the member to the own one, managers to any of the team."""
        who = readable(member, self.member)
        given = self._given(SheetAnswerIn, request)
        month = month_of(given.get("month", ""))
        made = performance_actions.answer(who, by=self.member, month=month, text=given["text"])
        return Response(SheetAnswerOut(made).data, status=201)

    @extend_schema(parameters=[MONTH], responses={200: SheetWeightsOut, **problems("invalid")})
    def weights(self, request: Request) -> Response:
        """What each figure counts in a month."""
        month = month_of(request.query_params.get("month", ""))
        return Response({"month": f"{month:%Y-%m}", "weights": performance.weights_of(self.member.team_id, month)})

    @extend_schema(request=SheetWeightsIn, responses={200: SheetWeightsOut, **problems("invalid")})
    def weigh(self, request: Request) -> Response:
        """Let figures count this much from the month on."""
        given = self._given(SheetWeightsIn, request)
        month = month_of(given.get("month", ""))
        performance_actions.set_weights(given["weights"], by=self.member, month=month)
        return Response({"month": f"{month:%Y-%m}", "weights": performance.weights_of(self.member.team_id, month)})

    @staticmethod
    def _given(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
        entry = kind(data=request.data)
        entry.is_valid(raise_exception=True)
        return dict(entry.validated_data)


def _out(sheet: Sheet) -> dict[str, Any]:
    return {
        "member": sheet.member.pk if sheet.member else None,
        "name": sheet.member.display_name if sheet.member else gettext("The team"),
        "month": f"{sheet.month:%Y-%m}",
        "total": _text(sheet.total),
        "before": _text(sheet.before),
        "change": _text(sheet.change),
        "formula": performance.formula(sheet),
        "lines": [_line(line) for line in sheet.lines],
        "answers": SheetAnswerOut(sheet.answers, many=True).data,
    }


def _line(line: Line) -> dict[str, Any]:
    cell = line.cell
    return {
        "figure": line.part.name,
        "value": _text(cell.value),
        "numerator": _text(cell.top),
        "denominator": _text(cell.bottom),
        "before": _text(cell.before),
        "change": _text(cell.change),
        "verdict": cell.verdict,
        "target": _text(line.target),
        "weight": line.weight,
        "points": _text(line.points),
    }


def _month(sheet: Sheet) -> dict[str, Any]:
    """The total of a month, and the figure that is drawn."""
    charted = sheet.book.asked.values.get("chart", TOTAL)
    cell = None if charted == TOTAL else sheet.line(charted).cell
    drawn = (sheet.total, None, None) if cell is None else (cell.value, cell.top, cell.bottom)
    value, top, bottom = (_text(one) for one in drawn)
    found = {"month": f"{sheet.month:%Y-%m}", "total": _text(sheet.total)}
    return found | {"value": value, "numerator": top, "denominator": bottom}


def _text(value: Any) -> str | None:
    return None if value is None else format(round(value, 6).normalize(), "f")


urlpatterns = [
    path("reports/performance/", Performance.as_view({"get": "team"}), name="performance"),
    path("reports/performance/team/", Performance.as_view({"get": "whole"}), name="performance_whole"),
    path("reports/performance/weights/", Performance.as_view({"get": "weights", "put": "weigh"}), name="performance_weights"),
    path("reports/performance/<int:member>/", Performance.as_view({"get": "retrieve"}), name="performance_sheet"),
    path("reports/performance/<int:member>/answers/", Performance.as_view({"post": "answer"}), name="performance_answers"),
]
