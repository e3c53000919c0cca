"""What changes teams, members and their presence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import record
from tickets.people.models import Member, Presence, Role, Team, User
from tickets.people.turns import take_turn
from tickets.web.prepared import prepared_cursor
from tickets.web.refusals import Refused

LAST_LEAD = _("%(name)s leads the team. Name another lead first.")
LEAD_IS_MANAGER = _("The lead must be an active manager of the team.")

departure_hooks: list[Callable[[Member, Member | None, datetime], None]] = []
"""Called as hook(member, by, at), inside the transaction, when a member stops working here. Higher rooms register what must
then happen to what the member holds; `people` itself knows nothing of tickets."""


def set_presence(member: Member | int, *, at: datetime | None = None, **changes: datetime | None) -> None:
    """Write when a member (or who has this id) is at work, in one statement that leaves alone what is not named.

    `changes`: on_since, on_until, admitted_until, next_on, next_until, seen_at (aware instants).
    """
    pk = member if isinstance(member, int) else member.pk
    columns = ", ".join(f"{connection.ops.quote_name(name)} = %s" for name in changes)
    with prepared_cursor() as cursor:
        cursor.execute(f"UPDATE tickets_presence SET {columns} WHERE member_id = %s", [*changes.values(), pk])  # noqa: S608 - names of fields
        known = cursor.rowcount
    if not known:
        row = Presence(member_id=pk, **changes)  # the first time; whoever else writes it at this moment adds to it
        Presence.objects.bulk_create([row], update_conflicts=True, unique_fields=["member"], update_fields=list(changes))


SEEN_EVERY = timedelta(minutes=1)


@transaction.atomic
def mark_seen(member: int, at: datetime) -> bool:
    """Write that a member (by id) was seen at the instant, unless that was written in the last minute; whether it was written.

    One statement that waits for nobody: a row that duty is just changing is passed over, the next request writes it.
    """
    free = Presence.objects.select_for_update(skip_locked=True).filter(member=member)
    stale = free.filter(Q(seen_at__isnull=True) | Q(seen_at__lte=at - SEEN_EVERY))
    return bool(Presence.objects.filter(pk__in=stale.values("pk")).update(seen_at=at))


@transaction.atomic
def deactivate(member: Member, *, by: Member | None, at: datetime | None = None) -> None:
    """Let a member go: open matters return to the pool, closed ones keep their holder. Refuses `wrong_state` for the team's lead."""
    at = at or timezone.now()
    take_turn(member.team_id)
    locked = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    if Team.objects.filter(lead=locked).exists():
        raise Refused("wrong_state", LAST_LEAD % {"name": locked.display_name})
    if not locked.is_active:
        return
    locked.is_active = False
    locked.save(update_fields=["is_active"])
    member.is_active = False
    for hook in departure_hooks:
        hook(locked, by, at)
    set_presence(locked, on_since=None, on_until=None, admitted_until=None, next_on=None, next_until=None)
    record("member.deactivated", team=locked.team, actor=by, at=at, member=locked.pk, name=locked.display_name)


@transaction.atomic
def activate(member: Member, *, by: Member | None, at: datetime | None = None) -> None:
    """Take a member back."""
    if Member.objects.filter(pk=member.pk, is_active=False).update(is_active=True):
        member.is_active = True
        record("member.activated", team=member.team, actor=by, at=at, member=member.pk, name=member.display_name)


@transaction.atomic
def set_roles(member: Member, roles: Iterable[str], *, by: Member | None, at: datetime | None = None) -> None:
    """Give a member these roles and no others. Refuses `wrong_state` where the lead would cease to be a manager."""
    at = at or timezone.now()
    take_turn(member.team_id)
    locked = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    wanted = sorted(set(roles))
    if Role.MANAGER not in wanted and Team.objects.filter(lead=locked).exists():
        raise Refused("wrong_state", LAST_LEAD % {"name": locked.display_name})
    if wanted == sorted(locked.roles):
        return
    before, could_hold = sorted(locked.roles), locked.can_hold
    locked.roles = wanted
    locked.save(update_fields=["roles"])
    member.roles = wanted
    if could_hold and not locked.can_hold:
        for hook in departure_hooks:
            hook(locked, by, at)
    record("member.roles_changed", team=locked.team, actor=by, at=at, member=locked.pk, before=before, after=wanted)


@transaction.atomic
def set_lead(team: Team, lead: Member, *, by: Member | None, at: datetime | None = None) -> None:
    """Name who answers for the pool. Refuses `wrong_state` unless the person is an active manager of this team.

    In turn with `deactivate` and `set_roles`, which refuse the lead: else of the two at once neither would see what the other does.
    """
    take_turn(team.pk)
    if not Member.objects.filter(pk=lead.pk, team=team, is_active=True).with_role(Role.MANAGER).exists():
        raise Refused("wrong_state", LEAD_IS_MANAGER)
    locked = Team.objects.select_for_update().get(pk=team.pk)
    if locked.lead_id == lead.pk:
        return
    before = locked.lead_id
    locked.lead = lead
    locked.save(update_fields=["lead"])
    team.lead = lead
    record("team.lead_changed", team=team, actor=by, at=at, before=before, after=lead.pk)


@transaction.atomic
def change_team(team: Team, *, by: Member | None, at: datetime | None = None, **changes: Any) -> None:
    """Change a team's settings (any editable field but the lead)."""
    locked = Team.objects.select_for_update().get(pk=team.pk)
    before = {name: str(getattr(locked, name)) for name in changes if getattr(locked, name) != changes[name]}
    if not before:
        return
    for name, value in changes.items():
        setattr(locked, name, value)
        setattr(team, name, value)
    locked.full_clean(exclude=["lead"])
    locked.save(update_fields=list(changes))
    record("team.changed", team=team, actor=by, at=at, before=before, after={name: str(changes[name]) for name in before})


def set_language_of(user: User, language: str) -> None:
    """Remember the language a person wants pages in (a code of settings.LANGUAGES); empty leaves it to the browser."""
    User.objects.filter(pk=user.pk).update(language=language)
    user.language = language
