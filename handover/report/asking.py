"""What a report is asked: its address, checked. The same address gives the same view on a page, in a file and through the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Platform, Shop
from tickets.ticket.models import Reason, Ticket
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused

DAY = timedelta(days=1)
WINDOW = 15
LONGEST = 3700
FEW = 30
"""A share of fewer than this many is marked: it may be chance."""

UNKNOWN = _("“%(value)s” is not something this report knows.")
ORDERED = _("The first day comes before the last, at most ten years.")
FROM_TO = _("From %(least)s to %(most)s.")
NOTHING_ELSE: Mapping[str, tuple[int, int, int] | None] = {}
NOT_YOURS = _("You can read your own figures here.")


@dataclass(frozen=True)
class Asked:
    """A checked address. `first` and `last` are days of the team's time zone, both included; `filters` narrow by dimension."""

    member: Member
    first: date
    last: date
    by: str
    filters: Mapping[str, list[Any]] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    currency: str = "CNY"
    full: bool = False
    own: bool = False

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> tuple[date, date]:
        """As many days just before."""
        return self.first - self.days * DAY, self.first - DAY

    def address(self, **changes: Any) -> str:
        """`?from=…` with some parts changed; an empty change leaves the part out."""
        parts: dict[str, Any] = {**self.values, **changes}
        return "?" + urlencode({name: value for name, value in parts.items() if value not in ("", None)})


DIM_OF = {
    "product": "item", "pair": "item", "moves": "item", "account": "item", "maker": "member", "level": "mark", "fault": "mark",
    "outcome": "mark",
}  # fmt: skip
"""Words of the address that are called otherwise in the figures."""


def read(
    data: Mapping[str, str],
    member: Member,
    *,
    bys: tuple[str, ...],
    today: date,
    own: bool,
    also: Mapping[str, tuple[int, int, int] | None] = NOTHING_ELSE,
) -> Asked:
    """Check an address. `own` narrows to the member's own figures; `also`: what this report knows besides (`measures.Report`). Refuses
    `invalid` for what does not exist, `forbidden` for somebody else's figures where only one's own may be read."""
    values = {name: str(value) for name, value in data.items() if value not in ("", None) and name not in ("format", "team", "page_size")}
    first, last = _period(values, today)
    by = values.get("by") or bys[0]
    if by not in bys:
        raise _unknown("by", by)
    known = {"from", "to", "by", "window", "all", "currency", "shop", "platform", "product", "reason", "member", "shift", "chart"}
    for name in values:
        if name not in known and name not in also:
            raise _unknown(name, values[name])
    for name, limits in also.items():
        if limits:
            number_of(values, name, limits)
    filters = _filters(values, member)
    if own:
        if filters.get("member", [member.pk]) != [member.pk]:
            raise Refused("forbidden", NOT_YOURS)
        filters["member"] = [member.pk]
    return Asked(member, first, last, by, filters, values, values.get("currency") or member.team.currency, "all" in values, own)


def _period(values: dict[str, str], today: date) -> tuple[date, date]:
    window = values.get("window", f"{WINDOW}d")
    if not (window.endswith("d") and 1 <= (whole_number(window[:-1], digits=4) or 0) <= LONGEST):
        raise _unknown("window", window)
    last = _date(values, "to") or today
    first = _date(values, "from") or last - (int(window[:-1]) - 1) * DAY
    if first > last or (last - first).days > LONGEST or first.year < 1990:
        raise Refused("invalid", errors={"from": [ORDERED]})
    return first, last


def _date(values: dict[str, str], name: str) -> date | None:
    if name not in values:
        return None
    try:
        found = parse_date(values[name])
    except ValueError:
        found = None
    if found is None or not 1990 <= found.year <= 2199:
        raise _unknown(name, values[name])
    return found


def _filters(values: dict[str, str], member: Member) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    shops = None
    if "shop" in values:
        shops = {_number(values, "shop")}
    if "platform" in values:
        if values["platform"] not in Platform.values:
            raise _unknown("platform", values["platform"])
        there = set(Shop.objects.filter(team=member.team_id, platform=values["platform"]).values_list("pk", flat=True))
        shops = there if shops is None else shops & there
    if shops is not None:
        found["shop"] = sorted(shops)
    if "product" in values:
        found["product"] = [values["product"][:120]]
    if "reason" in values:
        reason = _number(values, "reason")
        below = Reason.objects.filter(team=member.team_id, parent=reason).values_list("pk", flat=True)
        found["reason"] = sorted([reason, *below])
    if "member" in values:
        found["member"] = [_number(values, "member")]
    if "shift" in values:
        found["shift"] = [values["shift"][:40]]
    if "channel" in values:
        if values["channel"] not in Ticket.Channel.values:
            raise _unknown("channel", values["channel"])
        found["channel"] = [values["channel"]]
    return found


def number_of(values: Mapping[str, str], name: str, limits: tuple[int, int, int]) -> int:
    """A whole number of the address: the usual one where it is not said. Refuses `invalid` below the least and above the most."""
    usual, least, most = limits
    number = whole_number(values.get(name) or str(usual), digits=5)
    if number is None or not least <= number <= most:
        raise Refused("invalid", errors={name: [FROM_TO % {"least": least, "most": most}]})
    return number


def _number(values: dict[str, str], name: str) -> int:
    value = values[name]
    number = whole_number(value, digits=15)
    if number is None:
        raise _unknown(name, value)
    return number


def _unknown(name: str, value: str) -> Refused:
    return Refused("invalid", errors={name: [UNKNOWN % {"value": value[:80]}]})
