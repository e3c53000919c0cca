"""/api/v1/reports/schedules/"""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from handover.report import schedules
from handover.report.letters import TITLES
from handover.report.models import Schedule
from tickets.people.models import Member
from tickets.web.api import Door
from tickets.web.refusals import Refused
from tickets.web.schema import problems


class ScheduleOut(serializers.ModelSerializer):
    members: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = Schedule
        fields = ["id", "report", "query", "every", "hour", "weekday", "monthday", "members", "channels", "created_at", "ended_at"]


class ScheduleIn(serializers.Serializer):
    report = serializers.ChoiceField(choices=sorted(TITLES))
    query = serializers.CharField(max_length=500, required=False, allow_blank=True, help_text="the part of the address after “?”")
    every = serializers.ChoiceField(choices=Schedule.Every.choices)
    hour = serializers.IntegerField(min_value=0, max_value=23, help_text="of the team's clock")
    weekday = serializers.IntegerField(min_value=1, max_value=7, required=False, help_text="1 Monday; for weekly")
    monthday = serializers.IntegerField(min_value=1, max_value=28, required=False, help_text="for monthly")
    members = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=schedules.MOST)
    channels = serializers.BooleanField(required=False)


class Schedules(Door):
    """Reports that are sent by themselves."""

    deeds = {"read": "report.edit", "create": "report.edit", "end": "report.edit"}
    serializer_class = ScheduleOut
    queryset = Schedule.objects.none()
    pagination_class = None

    @extend_schema(responses={200: ScheduleOut(many=True), **problems()})
    def read(self, request: Request) -> Response:
        """What is sent."""
        found = Schedule.objects.visible_to(self.member).running().prefetch_related("members")[:500]
        return Response(ScheduleOut(found, many=True).data)

    @extend_schema(request=ScheduleIn, responses={201: ScheduleOut, **problems("not_found", "invalid")})
    def create(self, request: Request) -> Response:
        """Let a view of a report be sent regularly."""
        entry = ScheduleIn(data=request.data)
        entry.is_valid(raise_exception=True)
        given: dict[str, Any] = dict(entry.validated_data)
        ids = set(given.pop("members"))
        members = list(Member.objects.filter(team=self.member.team_id, pk__in=ids, is_active=True))
        if len(members) != len(ids):
            raise Refused("not_found")
        return Response(ScheduleOut(schedules.schedule(by=self.member, members=members, **given)).data, status=201)

    @extend_schema(request=None, responses={200: ScheduleOut, **problems("not_found", "wrong_state")})
    def end(self, request: Request, schedule: int) -> Response:
        """Send it no longer."""
        found = get_object_or_404(Schedule.objects.visible_to(self.member), pk=schedule)
        schedules.end(found, by=self.member)
        found.refresh_from_db()
        return Response(ScheduleOut(found).data)


urlpatterns = [
    path("reports/schedules/", Schedules.as_view({"get": "read", "post": "create"}), name="report_schedules"),
    path("reports/schedules/<int:schedule>/end/", Schedules.as_view({"post": "end"}), name="report_schedule_end"),
]
