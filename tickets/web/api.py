"""The door of every API resource: which deed an action is, and who may."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import exceptions, serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from tickets.people.access import may
from tickets.people.models import Member
from tickets.web.doors import NO_TEAM
from tickets.web.refusals import Refused
from tickets.web.when import in_reach


class DeedPermission(BasePermission):
    """Asks the access table for the deed that the view names for this action (or HTTP method)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            raise Refused("not_authenticated")
        member = getattr(request._request, "member", None)
        if member is None:
            raise Refused("forbidden", NO_TEAM)
        deed = deed_of(view, request.method or "GET")
        if deed is None:
            raise exceptions.MethodNotAllowed(request.method or "")
        if not may(member, deed):
            raise Refused("forbidden")
        return True


def deed_of(view: Any, method: str) -> str | None:
    """The deed behind a view's action: `deeds` by action name (view sets) or by lower-case method."""
    deeds: dict[str, str] = view.deeds
    return deeds.get(getattr(view, "action", None) or "") or deeds.get(method.lower()) or (deeds.get("get") if method == "HEAD" else None)


class Moment(serializers.DateTimeField):
    """An instant that somebody states. Refuses what no zone, or not every one, can show."""

    def to_internal_value(self, value: Any) -> datetime:
        try:
            found = super().to_internal_value(value)
        except OverflowError:
            self.fail("overflow")
        if not in_reach(found):
            self.fail("overflow")
        return found


class Door(GenericViewSet):
    """What every resource of the API is built on: `deeds` names the deed of each action; `self.member` is who asks.

    A resource's queryset is always `Model.objects.visible_to(self.member)`: another team's object is 404.
    """

    deeds: dict[str, str] = {}
    gated: bool = True
    permission_classes = [DeedPermission]

    @property
    def member(self) -> Member:
        return self.request._request.member
