"""What the values of a breakdown are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from handover.report.asking import Asked
from handover.report.facts import SHIFT_PAIR, Fact
from handover.report.measures import Text
from tickets.people.models import Member, Platform, Shop
from tickets.ticket.models import Reason
from tickets.web.kept import Kept


def reasons(team: int, ids: Iterable[int] | None = None) -> dict[int, str]:
    """Reasons as “Quality · Leaks”."""
    wanted = None if ids is None else set(ids)
    rows = [row for row in REASONS.all(team=team) if wanted is None or row["pk"] in wanted]
    return {row["pk"]: f"{row['parent__name']} · {row['name']}" if row["parent__name"] else row["name"] for row in rows}


REASONS: Kept[Any] = Kept(
    lambda team: Reason.objects.filter(team=team).order_by("parent__place", "place", "name").values("pk", "parent__name", "name")
)


def members(team: int, ids: Iterable[int] | None = None) -> dict[int, str]:
    wanted = None if ids is None else set(ids)
    return {row["pk"]: row["display_name"] for row in MEMBERS.all(team=team) if wanted is None or row["pk"] in wanted}


MEMBERS: Kept[Any] = Kept(lambda team: Member.objects.filter(team=team).values("pk", "display_name"))


def shops(team: int) -> dict[int, str]:
    return dict(Shop.objects.filter(team=team).order_by("name").values_list("pk", "name"))


def items_of(fact: Fact, items: Iterable[str], team: int) -> dict[str, str]:
    """What the rows of a fact tell in their `item`. At most one query."""
    by = fact.items[0] if fact.items else ""
    return passed(team, by, items) if by in ("pair", "moves") else {item: item for item in items}


def passed(team: int, by: str, keys: Iterable[Any]) -> dict[Any, str]:
    """Keys of the facts `pairs` and `moves` as “Bob → Carol”, or “Day → Night”. At most one query."""
    ends = {key: str(key).split(SHIFT_PAIR if by == "moves" else ">") for key in keys}
    if by == "moves":
        return {key: " → ".join(shift_name(name) for name in pair) for key, pair in ends.items()}
    people, nobody = members(team, {int(pk) for pair in ends.values() for pk in pair}), _("nobody")
    return {key: " → ".join(people.get(int(pk), nobody) for pk in pair) for key, pair in ends.items()}


def shift_name(name: str) -> str:
    return name or _("outside of shifts")


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
    elif asked.by in ("pair", "moves"):
        found = passed(team, asked.by, keys)
    elif asked.by in ("member", "maker"):
        found, nobody = dict(members(team, [key for key in keys if key])), _("nobody")
    elif asked.by == "hour":
        found = {key: f"{int(key):02}:00" for key in keys}
    elif asked.by == "shift":
        found = {key: shift_name(str(key)) for key in keys}
    elif marks and asked.by in ("level", "fault", "outcome"):
        found = {mark: str(label) for mark, label in marks.items()}
    else:
        found = {key: str(key) for key in keys}
    return {key: found.get(key) or nobody for key in keys}
