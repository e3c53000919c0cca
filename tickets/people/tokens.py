"""API tokens: made, revoked, recognised. knox keeps the hash; the grant beside it keeps what the token may and when it was used."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.crypto import hash_token
from knox.models import AuthToken
from knox.settings import knox_settings

from tickets.activity.actions import record
from tickets.people.models import Member, TokenGrant, User
from tickets.people.scopes import Scope
from tickets.web.refusals import Refused

NO_SUCH_SCOPE = _("There is no such scope.")
ONE_SCOPE = _("Choose at least one scope.")
TOO_MANY = _("You have %(num)s tokens. Revoke one that is not used any more.")
SEEN_EVERY = timedelta(minutes=1)


@transaction.atomic
def make_token(
    user: User,
    *,
    scopes: Iterable[str] = tuple(Scope),
    name: str = "",
    lasts: timedelta | None = None,
    per_minute: int | None = None,
    by: Member | None = None,
) -> tuple[TokenGrant, str]:
    """A token and its text, which is nowhere kept. `lasts`: how long (the setting by default); `per_minute`: its own rate limit.

    `by` makes it for a purpose of its own (ledger `token.made`, at most `TOKEN_LIMIT_PER_USER`); signing in leaves it out.
    Refuses `invalid` for a scope there is not, `wrong_state` where there are too many.
    """
    wanted = [scope for scope in Scope.values if scope in set(scopes)]
    unknown = set(scopes) - set(Scope.values)
    if unknown or not wanted:
        raise Refused("invalid", errors={"scopes": [NO_SUCH_SCOPE if unknown else ONE_SCOPE]})
    if by is not None:
        _room_for_one(user)
    token, text = AuthToken.objects.create(user, expiry=lasts or knox_settings.TOKEN_TTL)
    grant = TokenGrant.objects.create(token=token, name=name.strip(), scopes=wanted, per_minute=per_minute)
    if by is not None:
        record("token.made", team=by.team, actor=by, token=grant.pk, name=grant.name, scopes=wanted)
    return grant, text


def _room_for_one(user: User) -> None:
    """The account's row is locked: two at once are counted one after the other."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    live = tokens_of(user).exclude(name="").count()
    if live >= knox_settings.TOKEN_LIMIT_PER_USER:
        raise Refused("wrong_state", TOO_MANY % {"num": live})


@transaction.atomic
def revoke_token(grant: TokenGrant, *, by: Member) -> None:
    """It works no longer, from the next request on, everywhere."""
    record("token.revoked", team=by.team, actor=by, token=grant.pk, name=grant.name)
    grant.token.delete()


def tokens_of(user: User, at: datetime | None = None) -> QuerySet[TokenGrant]:
    """The account's tokens that still work, the newest first."""
    live = Q(token__expiry__isnull=True) | Q(token__expiry__gt=at or timezone.now())
    return TokenGrant.objects.filter(live, token__user=user).select_related("token").order_by("-token__created", "-pk")


def known_token(text: str, at: datetime | None = None) -> AuthToken | None:
    """The living token with this text, with account and grant: one query by the hash. None: wrong, expired, or of no active account."""
    at = at or timezone.now()
    found = AuthToken.objects.select_related("user", "grant").filter(digest=hash_token(text)).first()
    if found is None or not found.user.is_active or (found.expiry is not None and found.expiry <= at):
        return None
    return found


def mark_used(grant: TokenGrant, at: datetime | None = None) -> None:
    """Write when it was last used, once a minute at most."""
    at = at or timezone.now()
    if grant.last_used_at is None or grant.last_used_at <= at - SEEN_EVERY:
        TokenGrant.objects.filter(pk=grant.pk).update(last_used_at=at)
        grant.last_used_at = at
