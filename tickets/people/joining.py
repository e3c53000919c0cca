"""People and shops of a team: added, renamed, closed; and what a person chose for their own account."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import record
from tickets.people.actions import set_roles
from tickets.people.models import Member, Shop, Team, User
from tickets.web.refusals import Refused

TAKEN = _("This sign-in name is in use. Choose another.")
HERE = _("This person is in the team already.")
SHOP_THERE = _("The team has a shop of this name on this platform.")
EASY = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters that are not mistaken for one another when a password is read aloud."""


@transaction.atomic
def add_member(
    team: Team, *, username: str, email: str, display_name: str, roles: list[str], by: Member, at: datetime | None = None
) -> tuple[Member, str]:
    """Make an account and its membership; returns the member and a first password, to be told once and changed by the person.

    An account that exists joins only if its e-mail address is the one given, so that nobody finds out who works elsewhere; it keeps
    its password (returned empty). Refuses `invalid`.
    """
    user = User.objects.filter(username__iexact=username).first()
    password = ""
    if user is None:
        password = get_random_string(14, EASY)
        user = User(username=username, email=email)
        user.set_password(password)
        user.save()
    elif not email or user.email.casefold() != email.casefold():
        raise Refused("invalid", errors={"username": [TAKEN]})
    try:
        with transaction.atomic():
            member = Member.objects.create(team=team, user=user, display_name=display_name, roles=sorted(set(roles)))
    except IntegrityError as clash:
        raise Refused("invalid", errors={"username": [HERE]}) from clash
    record("member.added", team=team, actor=by, at=at, member=member.pk, name=display_name, roles=member.roles)
    return member, password


@transaction.atomic
def edit_member(member: Member, *, by: Member, display_name: str, roles: list[str], at: datetime | None = None) -> None:
    """Rename a member and give the roles. Refuses `wrong_state` where the lead would cease to be a manager."""
    before = member.display_name
    if before != display_name:
        Member.objects.filter(pk=member.pk).update(display_name=display_name)
        member.display_name = display_name
        record("member.renamed", team=member.team, actor=by, at=at, member=member.pk, before=before, name=display_name)
    set_roles(member, roles, by=by, at=at)


@transaction.atomic
def save_shop(
    team: Team,
    *,
    by: Member,
    name: str,
    platform: str,
    currency: str,
    time_zone: str,
    is_active: bool = True,
    shop: Shop | None = None,
    at: datetime | None = None,
) -> Shop:
    """Add a shop, or change one of the team's. Refuses `invalid` for a name that is there already."""
    code = "shop.changed" if shop else "shop.added"
    shop = Shop.objects.select_for_update().get(pk=shop.pk, team=team) if shop else Shop(team=team)
    shop.name, shop.platform, shop.currency, shop.time_zone, shop.is_active = name, platform, currency, time_zone, is_active
    try:
        with transaction.atomic():
            shop.full_clean(exclude=["team"])
            shop.save()
    except (IntegrityError, ValidationError) as wrong:
        raise Refused("invalid", errors=getattr(wrong, "message_dict", None) or {"name": [SHOP_THERE]}) from wrong
    record(code, team=team, actor=by, at=at, shop=shop.pk, name=name)
    return shop


def set_own(user: User, *, language: str, theme: str) -> None:
    """Language and appearance of one's own account."""
    user.language, user.theme = language, theme
    user.save(update_fields=["language", "theme"])
