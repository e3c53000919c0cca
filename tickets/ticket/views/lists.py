"""The lists: mine, the team's, the pool, promises, waiting, all; and the same rows as a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.people.access import may
from tickets.people.models import HOLDER_ROLES, Member, Shop
from tickets.ticket import chips, desk, export, listing, promising, sorting
from tickets.ticket.forms.bulk import FORMS
from tickets.ticket.forms.fields import reason_leaves
from tickets.ticket.models import OpeningView, SavedView, Ticket
from tickets.web.doors import door, member_of
from tickets.web.kept import Kept
from tickets.web.live import live, live_tag
from tickets.web.refusals import Refused
from tickets.web.replies import page

TEMPLATE, PROMISES = "tickets/ticket/list.html", "tickets/ticket/promises.html"
TABS = (
    ("mine", _("Mine")),
    ("team", _("Team")),
    ("pool", _("Pool")),
    ("promises", _("Promises")),
    ("waiting", _("Waiting")),
    ("all", _("All")),
)
MOST_KEPT = 100
WAITS = dict(Ticket.Waiting.choices)
SORTS = {
    "due": _("due first"), "-due": _("due last"), "severity": _("act now first"), "-severity": _("stable first"),
    "customer": _("by customer"), "-customer": _("by customer, from the end"), "holder": _("by holder"),
    "-holder": _("by holder, from the end"), "held": _("longest held"), "-held": _("shortest held"),
    "newest": _("newest"), "oldest": _("oldest"),
}  # fmt: skip

BULK_KEYS = {"claim": "t", "transfer": "p", "wait": "w", "resolve": "r", "tag": "e", "severity": "s", "release": "l"}
"""The keys of the deeds on one ticket, where it has them."""


@door(GET="ticket.read")
def index(request: HttpRequest) -> HttpResponse:
    """One list as its address says; also its live part and its next screenful."""
    member = member_of(request)
    now = timezone.now()
    address = _address(request, member)
    if address.get("view") == "promises":
        asked = promising.read_query(address)
        return _answer(request, lambda: page(request, PROMISES, promises_context(request, asked, member, now), block="rows"))
    query = listing.read_query(address, default_view=_home_view(member))
    return _answer(request, lambda: page(request, TEMPLATE, list_context(request, query, member, now), block="rows"))


def _address(request: HttpRequest, member: Member) -> QueryDict:
    """What is asked for; where nothing is, as from the bar on top, what the member's list opens with."""
    if request.GET.keys() - {"team"}:
        return request.GET
    view = OPENING.first(me=member.pk)
    return QueryDict(view.query) if view else request.GET


OPENING = Kept(lambda me: SavedView.objects.filter(opens_for__member_id=me))


def _answer(request: HttpRequest, render: Any) -> HttpResponse:
    """A poll is answered 304 while the team's ledger stands still; a visit gets the page."""
    if request.GET.get("live"):
        return live(request, desk.mark(request.member), render)
    return render()


def _home_view(member: Member) -> str:
    return "mine" if may(member, "ticket.claim") else "team"


def list_context(request: HttpRequest, query: listing.Query, member: Member, now: datetime) -> dict[str, Any]:
    found = listing.rows(query, member, now)
    path = reverse("ticket:list")
    here = query.address(after=query.after, before=query.before)
    mark, counts = desk.pulse(member, now)
    return tabs_context(member, query.view, query.address(), counts) | {
        "query": query,
        "rows": found.rows,
        "here": path + here,
        "live_url": f"{path}{here}&live=1" if here else f"{path}?live=1",
        "etag": live_tag(request, mark),
        "previous": path + query.address(before=found.previous) if found.previous else "",
        "next": path + query.address(after=found.next) if found.next else "",
        "chips": chips.chips(query, member),
        "clear": query.address(**dict.fromkeys(query.values, "")),
        "sorts": sorts(query),
        "sort_name": SORTS[query.sort],
        "headings": headings(query),
        "bulk_deeds": [(name, FORMS[name][0], BULK_KEYS[name]) for name in FORMS],
        "waits": WAITS,
        "limit": member.team.max_handlers,
        "may_bulk": may(member, "ticket.bulk"),
    }


def sorts(query: listing.Query) -> list[tuple[str, Any, str]]:
    """The menu of orders (name, words, address): each one way, and the one in hand the other way round as well."""
    in_hand = (query.sort, sorting.TURNED[query.sort])
    offered = [name for name in sorting.SORTS[query.view] if name in in_hand or not name.startswith("-")]
    return [(name, SORTS[name], query.address(sort=name)) for name in offered]


def headings(query: listing.Query) -> list[Any]:
    """The columns' names, each a link to its order where the view has it; the one sorted by, to the same the other way round."""
    last = ("held", _("Held")) if query.sort.lstrip("-") == "held" else ("due", _("Due"))
    names = [_heading(query, "customer", _("Customer")), str(_("Matter")), _heading(query, "holder", _("Holder"))]
    return [*names, _heading(query, *last, css="num")]


def _heading(query: listing.Query, sort: str, label: Any, css: str = "") -> dict[str, Any]:
    in_hand = query.sort.lstrip("-") == sort
    to = sorting.TURNED[query.sort] if in_hand else sort
    offered = to in sorting.SORTS[query.view]
    found = {"label": label, "css": css, "href": reverse("ticket:list") + query.address(sort=to) if offered else ""}
    if in_hand:  # who is held longest stands first: the times go down
        found["sorted"] = "descending" if (query.sort == sort) == (sort == "held") else "ascending"
    return found


def tabs_context(member: Member, view: str, bare: str, counts: dict[str, int]) -> dict[str, Any]:
    """The views beside each other with their counts, and the saved ones; `bare` is the list's address."""
    shown = {name: ("999+" if counts[name] >= 1000 else counts[name]) for name in counts}
    path = reverse("ticket:list")
    saved = [_kept(one, member, path) for one in KEPT.all(me=member.pk, team=member.team_id)]
    return {
        "tabs": [(label, f"{path}?view={name}", shown.get(name), name == view) for name, label in TABS],
        "saved": saved,
        "opening": next((one for one in saved if one["opens"] and one["href"] == path + bare), None),
        "bare": bare,
        "may_save": may(member, "view.save"),
        "may_export": may(member, "ticket.export"),
    }


def _views(me: int, team: int) -> QuerySet[SavedView]:
    """What a member may open, first what their list opens with (`opens`)."""
    opens = Exists(OpeningView.objects.filter(view=OuterRef("pk"), member_id=me))
    found = SavedView.objects.visible_to(Member(pk=me, team_id=team)).filter(page="tickets")
    return found.annotate(opens=opens).order_by("-opens", "name")[:MOST_KEPT]


KEPT = Kept(_views)


def _kept(view: Any, member: Member, path: str) -> dict[str, Any]:
    own = view.owner_id == member.pk
    told = {"pk": view.pk, "name": view.name, "href": f"{path}?{view.query}", "shared": view.shared, "opens": view.opens}
    return told | {"may_forget": own or may(member, "team.edit")}


def promises_context(request: HttpRequest, query: promising.Query, member: Member, now: datetime) -> dict[str, Any]:
    found = promising.rows(query, member)
    path = reverse("ticket:list")
    here = path + query.address(**({"before": query.before} if query.before else {"after": query.after} if query.after else {}))
    mark, counts = desk.pulse(member, now)
    return tabs_context(member, "promises", query.address(), counts) | {
        "rows": found.rows,
        "here": here,
        "live_url": f"{here}&live=1",
        "etag": live_tag(request, mark),
        "whose": [
            (label, path + promising.Query(whose).address(), None, whose == query.whose)
            for whose, label in zip(promising.WHOSE, (_("everybody’s"), _("mine"), _("in the pool")), strict=True)
        ],
        "previous": path + query.address(before=found.previous) if found.previous else "",
        "next": path + query.address(after=found.next) if found.next else "",
        "may_promise": may(member, "ticket.promise"),
    }


@door(GET="ticket.read")
def filters(request: HttpRequest) -> HttpResponse:
    """What the list can be narrowed by, loaded when somebody asks for it: choices of a large team are not part of every page."""
    member = member_of(request)
    query = listing.read_query(request.GET, default_view=_home_view(member))
    shops = list(Shop.objects.filter(team_id=member.team_id, is_active=True)[:200])
    holders = Member.objects.visible_to(member).active().with_role(*HOLDER_ROLES).order_by("display_name")
    values = {
        "query": query,
        "reason_options": [(reason.pk, path) for path, reason in reason_leaves(member)],
        "shops": shops,
        "shop_options": [(shop.pk, shop.name) for shop in shops],
        "holder_options": [("pool", _("pool")), *holders.values_list("pk", "display_name")[:300]],
        "choices": {name: chips.CHOICES[name] for name in ("severity", "status", "waiting_on", "complaint", "channel", "due")},
        "labels": chips.LABELS,
    }
    return page(request, "tickets/ticket/filters.html", values, block="filters")


@door(GET="ticket.export")
def download(request: HttpRequest, kind: str) -> HttpResponse:
    """Exactly the rows of the list, as csv or xlsx; what a customer wrote never becomes a formula."""
    member = member_of(request)
    if kind not in export.WRITERS:
        raise Refused("not_found")
    if request.GET.get("view") == "promises":
        promises = promising.every_row(promising.read_query(request.GET), member)
        return export.WRITERS[kind](export.PROMISES, export.promise_lines(promises), name="promises")
    query = listing.read_query(request.GET, default_view=_home_view(member))
    rows = listing.every_row(replace(query, after="", before=""), member, timezone.now())
    return export.WRITERS[kind](export.TICKETS, export.lines(rows), name=f"tickets-{query.view}")
