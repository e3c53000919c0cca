"""What the values of a breakdown are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from handover.report.asking import Asked
from handover.report.measures import Text
from tickets.people.models import Member, Platform, Shop
from tickets.ticket.models import Reason


def reasons(team: int, ids: Iterable[int] | None = None) -> dict[int, str]:
    """Reasons as “Quality · Leaks”."""
    found = Reason.objects.filter(team=team).select_related("parent")
    found = found if ids is None else found.filter(pk__in=list(ids))
    return {r.pk: f"{r.parent.name} · {r.name}" if r.parent else r.name for r in found.order_by("parent__place", "place", "name")}


def members(team: int, ids: Iterable[int] | None = None) -> dict[int, str]:
    found = Member.objects.filter(team=team)
    return dict((found if ids is None else found.filter(pk__in=list(ids))).values_list("pk", "display_name"))


def shops(team: int) -> dict[int, str]:
    return dict(Shop.objects.filter(team=team).order_by("name").values_list("pk", "name"))


def names_of(asked: Asked, keys: list[Any], marks: dict[str, Text]) -> dict[Any, str]:
    """Key → name, for the breakdown that was asked for. At most one query."""
    team = asked.member.team_id
    nobody = _("not known")
    if asked.by == "shop":
        found: dict[Any, str] = dict(shops(team))
    elif asked.by == "platform":
        found = {value: str(label) for value, label in Platform.choices}
    elif asked.by == "reason":
        found, nobody = dict(reasons(team, [k for k in keys if k])), _("no reason given")
    elif asked.by in ("member", "maker"):
        ids = {int(key) for key in keys if str(key).isdigit() and int(key)}
        named = members(team, ids)
        found, nobody = {key: named.get(int(key or 0), "") for key in keys}, _("nobody")
    elif asked.by == "hour":
        found = {key: f"{int(key):02}:00" for key in keys}
    elif asked.by == "shift":
        found, nobody = {key: str(key) for key in keys}, _("outside of shifts")
    elif marks and asked.by in ("level", "fault", "outcome"):
        found = {mark: str(label) for mark, label in marks.items()}
    else:
        found = {key: str(key) for key in keys}
    return {key: found.get(key) or nobody for key in keys}
