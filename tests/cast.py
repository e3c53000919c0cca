"""The known cast: Alice leads the Lotus team, Bob and Carol chat, Dora does after-sale, Wen counts in the warehouse, Olga reads;
Mallory works for another team and must never see any of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from tickets.customer.models import Customer, Handle
from tickets.people.models import Member, Platform, Presence, Role, Shop, Team, User

PASSWORD = "correct-horse-battery"
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
"""Sat 21 Nov 2026, 12:00 in Shanghai."""


def make_team(slug: str = "lotus", **changes: object) -> Team:
    return Team.objects.create(name=slug.title(), slug=slug, **changes)


def make_member(team: Team, name: str, *roles: str, on: bool = True, **changes: object) -> Member:
    """A member with an account of the same name; at work since long, and until the clock says otherwise, unless `on=False`."""
    user, made = User.objects.get_or_create(username=name.lower(), defaults={"email": f"{name.lower()}@example.com"})
    if made:
        user.set_password(PASSWORD)
        user.save()
    member = Member.objects.create(team=team, user=user, display_name=name, roles=list(roles), **changes)
    since = datetime(2020, 1, 1, tzinfo=UTC) if on else None
    Presence.objects.create(member=member, on_since=since, seen_at=timezone.now())  # seen just now: no page writes it again
    return member


def make_shop(team: Team, name: str = "Lotus Kitchen", platform: str = Platform.TAOBAO) -> Shop:
    return Shop.objects.create(team=team, name=name, platform=platform)


def make_customer(team: Team, name: str = "刘女士", handle: str = "tb_liu_8854") -> Customer:
    customer = Customer.objects.create(team=team, name=name, created_at=NOON - timedelta(days=30))
    if handle:
        Handle.objects.create(
            team=team, customer=customer, kind="taobao", value=handle, key=handle.casefold(), created_at=customer.created_at
        )
    return customer


@dataclass
class Cast:
    team: Team
    shop: Shop
    alice: Member
    bob: Member
    carol: Member
    dan: Member
    eve: Member
    dora: Member
    wen: Member
    olga: Member
    other_team: Team
    mallory: Member


def make_cast() -> Cast:
    """Everybody, on duty; Alice leads."""
    team = make_team()
    alice = make_member(team, "Alice", Role.MANAGER)
    team.lead = alice
    team.save()
    other = make_team("orchid")
    mallory = make_member(other, "Mallory", Role.MANAGER, Role.AGENT)
    other.lead = mallory
    other.save()
    return Cast(
        team=team,
        shop=make_shop(team),
        alice=alice,
        bob=make_member(team, "Bob", Role.AGENT),
        carol=make_member(team, "Carol", Role.AGENT),
        dan=make_member(team, "Dan", Role.AGENT),
        eve=make_member(team, "Eve", Role.AGENT),
        dora=make_member(team, "Dora", Role.AFTER_SALE),
        wen=make_member(team, "Wen", Role.WAREHOUSE),
        olga=make_member(team, "Olga", Role.OPERATIONS),
        other_team=other,
        mallory=mallory,
    )
