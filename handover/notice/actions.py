"""What publishes, changes, ends and reads notices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.notice import queries
from handover.notice.models import Notice, NoticeRead
from tickets.activity.actions import record
from tickets.people.models import Member, Shop
from tickets.people.turns import take_turn
from tickets.web.kept import Kept
from tickets.web.refusals import Refused
from tickets.web.undo import unend

NOTHING_SAID = _("Say what the next shifts must know.")
NO_SUCH_KIND = _("There is no such kind of notice.")
ENDS_FIRST = _("It must end after it begins.")
OTHER_SHOP = _("This shop is not your team's.")
ENDED = _("This notice has ended. Publish a new one.")
CHANGED = _("Somebody changed this notice meanwhile. Look at it, then save again.")
FIELDS = ("kind", "text", "shop", "valid_from", "valid_until")

published_hooks: list[Callable[[Notice, Member], None]] = []
"""Called as hook(notice, by), inside the transaction, when a notice is new or must be read again."""


@transaction.atomic
def publish(
    *,
    by: Member,
    text: str,
    kind: str = Notice.Kind.OTHER,
    shop: Shop | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    facts: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> Notice:
    """Tell the next shifts a fact that holds from `valid_from` (now by default) until `valid_until`. `facts`: what the system tells by
    itself, as `code` and data; everybody reads it in their language. Refuses `invalid`."""
    at = at or timezone.now()
    take_turn(by.team_id)
    notice = Notice(team=by.team, by=by, created_at=at, kind=kind, text=text.strip(), shop=shop, valid_until=valid_until)
    notice.valid_from, notice.facts = valid_from or at, facts
    _check(notice)
    notice.save()
    _read(notice, by, at)
    record("notice.published", team=by.team, actor=by, at=at, notice=notice.pk, kind=notice.kind, text=notice.text)
    for hook in published_hooks:
        hook(notice, by)
    return notice


@transaction.atomic
def change(notice: Notice, *, by: Member, version: int, at: datetime | None = None, **changes: object) -> Notice:
    """Change a notice; everybody reads it again. Refuses `stale` for an older version, `wrong_state` once ended, `invalid`."""
    at = at or timezone.now()
    take_turn(by.team_id)
    locked = Notice.objects.select_for_update().get(pk=notice.pk)
    if locked.version != version:
        raise Refused("stale", CHANGED, current={"version": locked.version, "text": locked.text, "kind": locked.kind})
    if locked.ended_at is not None:
        raise Refused("wrong_state", ENDED)
    before = {name: str(getattr(locked, name) or "") for name in FIELDS}
    for name in FIELDS:
        if name in changes:
            setattr(locked, name, changes[name])
    locked.text = locked.text.strip()
    if locked.text != before["text"]:
        locked.facts = None  # from now on it says what was typed
    _check(locked)
    after = {name: str(getattr(locked, name) or "") for name in FIELDS}
    if before == after:
        return locked
    locked.version += 1
    locked.save()
    _read(locked, by, at)
    different = [name for name in FIELDS if before[name] != after[name]]
    record(
        "notice.changed",
        team=locked.team,
        actor=by,
        at=at,
        notice=locked.pk,
        version=locked.version,
        before={name: before[name] for name in different},
        after={name: after[name] for name in different},
    )
    for hook in published_hooks:
        hook(locked, by)
    return locked


@transaction.atomic
def end(notice: Notice, *, by: Member, at: datetime | None = None) -> Notice:
    """Take a notice back: it holds no longer. Ending it twice is ending it once."""
    at = at or timezone.now()
    if Notice.objects.filter(pk=notice.pk, ended_at__isnull=True).update(ended_at=at):
        record("notice.ended", team=notice.team, actor=by, at=at, notice=notice.pk, text=notice.text)
    notice.refresh_from_db()
    return notice


@transaction.atomic
def resume(notice: Notice, *, by: Member, ended: str, at: datetime | None = None) -> None:
    """It was ended by mistake at `ended` (ISO 8601): it holds again. Whoever came on duty meanwhile is told of it.
    Refuses `stale` where somebody was first."""
    take_turn(by.team_id)
    unend(Notice.objects.filter(team=by.team), notice.pk, ended)
    notice.refresh_from_db()
    record("notice.resumed", team=notice.team, actor=by, at=at, notice=notice.pk, text=notice.text)
    for hook in published_hooks:
        hook(notice, by)


class Shown(Protocol):
    """A notice as it was shown."""

    @property
    def pk(self) -> int: ...

    @property
    def version(self) -> int: ...


def read(notices: Iterable[Shown], *, by: Member, at: datetime | None = None) -> None:
    """Note that the member has read these notices in their present version; reading twice is reading once."""
    at = at or timezone.now()
    rows = [NoticeRead(notice_id=notice.pk, member=by, version=notice.version, at=at) for notice in notices]
    if rows:
        NoticeRead.objects.bulk_create(rows, ignore_conflicts=True)


def read_all(member: Member, *, until: datetime, at: datetime | None = None) -> None:
    """Note that the member has read every notice that holds now, or begins before `until`."""
    at = at or timezone.now()
    read(UNREAD.all(member=member.pk, team=member.team_id, at=at, until=until), by=member, at=at)


def _unread(member: int, team: int, at: datetime, until: datetime) -> QuerySet[Notice]:
    return queries.unread(Member(pk=member, team_id=team), at, until).select_related(None).only("version")


UNREAD = Kept(_unread)


def _read(notice: Notice, by: Member, at: datetime) -> None:
    """Whoever writes it has read it."""
    NoticeRead.objects.get_or_create(notice=notice, member=by, version=notice.version, defaults={"at": at})


def _check(notice: Notice) -> None:
    wrong: dict[str, list[object]] = {}
    if not notice.text:
        wrong["text"] = [NOTHING_SAID]
    if notice.kind not in Notice.Kind.values:
        wrong["kind"] = [NO_SUCH_KIND]
    if notice.valid_until is not None and notice.valid_until <= notice.valid_from:
        wrong["valid_until"] = [ENDS_FIRST]
    if notice.shop is not None and notice.shop.team_id != notice.team_id:
        wrong["shop"] = [OTHER_SHOP]
    if wrong:
        raise Refused("invalid", errors=wrong)
