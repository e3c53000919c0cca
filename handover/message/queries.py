"""What the pages about messages ask."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from handover.message.models import Delivery, Destination, Message, Parcel
from tickets.people.models import Member


def own(member: Member) -> QuerySet[Destination]:
    """The member's destinations, e-mail first, each with how many messages wait for it."""
    return _with_waiting(Destination.objects.visible_to(member).filter(member=member))


def channels(member: Member) -> QuerySet[Destination]:
    """The channels of the member's team."""
    return _with_waiting(Destination.objects.visible_to(member).filter(member__isnull=True))


def _with_waiting(rows: QuerySet[Destination]) -> QuerySet[Destination]:
    waiting = Q(deliveries__parcel__isnull=True, deliveries__dropped="")
    return rows.annotate(waiting=Count("deliveries", filter=waiting)).order_by("id")


def parcels(member: Member, *, of: Member | None = None, state: str = "") -> QuerySet[Parcel]:
    """What was sent from the member's team (only to `of` where given), newest first, with how many messages each carried."""
    rows = Parcel.objects.filter(destination__team_id=member.team_id)
    if of is not None:
        rows = rows.filter(destination__member=of)
    if state == "open":
        rows = rows.filter(state__in=Parcel.OPEN)
    elif state:
        rows = rows.filter(state=state)
    return rows.select_related("destination__member").annotate(lines=Count("deliveries")).order_by("-made_at", "pk")


def codes_of(rows: Iterable[Parcel]) -> dict[object, list[str]]:
    """The codes of what each parcel carried, in one query."""
    found: dict[object, list[str]] = {}
    carried = Delivery.objects.filter(parcel__in=[row.pk for row in rows]).order_by("id")
    for parcel, code in carried.values_list("parcel_id", "message__code"):
        codes = found.setdefault(parcel, [])
        if code not in codes:
            codes.append(code)
    return found


def counts(member: Member) -> dict[str, int]:
    """How many messages of the team are not routed yet, wait for their time, and how many parcels are open or failed."""
    waiting = Delivery.objects.visible_to(member).filter(parcel__isnull=True, dropped="").count()
    rows = Parcel.objects.filter(destination__team_id=member.team_id)
    return {
        "new": Message.objects.filter(team_id=member.team_id, routed_at__isnull=True).count(),
        "waiting": waiting,
        "open": rows.filter(state__in=Parcel.OPEN).count(),
        "failed": rows.filter(state=Parcel.State.FAILED).count(),
    }
