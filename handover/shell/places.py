"""The bar on top: the six places, where each leads, and which one the reader is in."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from handover.shell.filters import SOON
from tickets.people.access import may
from tickets.people.models import Member
from tickets.web.prepared import prepared_cursor


@dataclass(frozen=True)
class Place:
    """One entry of the bar. `key` follows `g` on the keyboard; the first of `names` that exists is where it leads."""

    code: str
    label: str | Promise
    icon: str
    key: str
    names: tuple[str, ...]
    rooms: tuple[str, ...]


PLACES = (
    Place("desk", pgettext_lazy("place", "Desk"), "desk", "d", ("desk:home", "ticket:desk", "home"), ("desk",)),
    Place(
        "tickets",
        pgettext_lazy("place", "Tickets"),
        "tickets",
        "t",
        ("ticket:list",),
        ("ticket", "promise", "customer", "order", "script", "import"),
    ),
    Place("returns", pgettext_lazy("place", "Returns"), "returns", "r", ("return_form:list",), ("return_form", "warehouse")),
    Place("handover", pgettext_lazy("place", "Handover"), "handover", "h", ("digest:read", "note:write"), ("digest", "note", "notice")),
    Place("reports", pgettext_lazy("place", "Reports"), "reports", "p", ("report:index", "report:list"), ("report",)),
    Place(
        "team",
        pgettext_lazy("place", "Team"),
        "team",
        "m",
        ("board:show", "roster:week"),
        ("board", "roster", "duty", "people", "team", "movein", "mail"),
    ),
)


DESK = ("ticket:home", "ticket:desk")
"""The desk's own pages belong to the room of tickets, yet are a place of their own."""


@cache
def url_or_none(name: str, *args: object, **kwargs: object) -> str | None:
    """The address of a URL name, or None while no room answers to it."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return None


def first_url(names: tuple[str, ...]) -> str | None:
    """The address of the first URL name that exists."""
    return next((found for found in map(url_or_none, names) if found), None)


@cache
def deed_behind(url: str) -> str | None:
    """What one must be allowed to do to open the page at this address, as its own door says (`tickets.web.doors`)."""
    deeds = getattr(resolve(url).func, "deeds", None) or {}
    return deeds.get("GET")


def open_url(names: tuple[str, ...], member: Member | None) -> str | None:
    """The address of the first of these pages that exists and that the member may open."""
    for url in filter(None, map(url_or_none, names)):
        deed = deed_behind(url)
        if deed is None or (member is not None and may(member, deed)):
            return url
    return None


def places(request: HttpRequest) -> Iterator[dict]:
    """The places that exist, each with its address and whether the reader is in it."""
    match = getattr(request, "resolver_match", None)
    room = match.namespaces[0] if match and match.namespaces else ""
    at_desk = match is not None and match.view_name in DESK
    for place in PLACES:
        if url := open_url(place.names, getattr(request, "member", None)):
            yield {"place": place, "url": url, "current": place.code == "desk" if at_desk else room in place.rooms}


LOAD = """
SELECT count(*), count(*) FILTER (WHERE due_at <= %(soon)s),
       (SELECT count(*) FROM (SELECT 1 FROM tickets_alert WHERE member_id = %(me)s AND seen_at IS NULL LIMIT 100) x)
FROM tickets_ticket WHERE holder_id = %(me)s AND status IN ('open', 'waiting')
"""


def bar_load(member: Member) -> dict | None:
    """How many matters the member holds, how many of them are overdue or due within the hour, and how many alerts were not seen
    (counted to 100); one query. None for who cannot hold any."""
    if not member.can_hold:
        return None
    with prepared_cursor() as cursor:
        cursor.execute(LOAD, {"me": member.pk, "soon": timezone.now() + SOON})
        held, due, alerts = cursor.fetchone()
    url = first_url(("ticket:list",))  # the bare list opens with whatever view the member has chosen
    return {"open": held, "due": due, "alerts": alerts, "url": f"{url}?view=mine" if url else "/"}
