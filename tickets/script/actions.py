"""What writes quick replies and campaigns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import record
from tickets.people.models import Member
from tickets.script import rules
from tickets.script.models import Campaign, Script
from tickets.web.refusals import Refused
from tickets.web.undo import unend

MISSING = _("This is needed.")
TOO_LONG = _("This is too long.")
ONE_WORD = _("One word of at most 20 letters, without spaces, slashes and braces.")
UNKNOWN_PLACE = _("Only {customer}, {order} and {agent} can be filled in.")
SHORTCUT_TAKEN = _("Another quick reply has this shortcut.")
ENDS_FIRST = _("It must end after it begins.")
OTHER_SHOP = _("This shop is not your team's.")
OTHER_REASON = _("This reason is not your team's, or has others below it.")
ENDED = _("This is over. Write a new one.")
CHANGED = _("Somebody changed it meanwhile. Look at what it says now, then save again.")
SCRIPT_FIELDS = ("shortcut", "title", "body", "shop", "reason")
CAMPAIGN_FIELDS = ("name", "text", "shop", "starts_at", "ends_at")
ONE_REPLY = "script_shortcut_means_one_reply"
Row = TypeVar("Row", Script, Campaign)


@transaction.atomic
def create_script(*, by: Member, at: datetime | None = None, **values: Any) -> Script:
    """Write a quick reply: `shortcut`, `title`, `body`, and perhaps `shop` and `reason`. Refuses `invalid`, `duplicate`."""
    script = Script(team=by.team, created_at=at or timezone.now(), **values)
    _check_script(script)
    _save_script(script)
    record("script.created", team=by.team, actor=by, at=at, script=script.pk, name=script.title, shortcut=script.shortcut)
    return script


@transaction.atomic
def change_script(script: Script, *, by: Member, version: int, at: datetime | None = None, **changes: Any) -> Script:
    """Change a quick reply. Refuses `stale` for an older version, `wrong_state` once ended, `invalid`, `duplicate`."""
    locked = Script.objects.select_for_update().get(pk=script.pk)
    if difference := _change(locked, SCRIPT_FIELDS, changes, version=version, check=_check_script):
        _save_script(locked)
        record("script.changed", team=by.team, actor=by, at=at, script=locked.pk, name=locked.title, **difference)
    return locked


@transaction.atomic
def end_script(script: Script, *, by: Member, at: datetime | None = None) -> Script:
    """Take a quick reply out of use; its shortcut is free again. Ending it twice is ending it once."""
    if _end(script, at or timezone.now()):
        record("script.ended", team=by.team, actor=by, at=at, script=script.pk, name=script.title)
    return script


@transaction.atomic
def resume_script(script: Script, *, by: Member, ended: str, at: datetime | None = None) -> None:
    """It was taken out of use by mistake at `ended` (ISO 8601). Refuses `stale` where somebody was first, `duplicate` where another
    reply has its shortcut by now."""
    try:
        with transaction.atomic():
            unend(Script.objects.filter(team=by.team), script.pk, ended)
    except IntegrityError as error:
        raise _taken(error) from error
    record("script.resumed", team=by.team, actor=by, at=at, script=script.pk, name=script.title)


@transaction.atomic
def create_campaign(*, by: Member, at: datetime | None = None, **values: Any) -> Campaign:
    """Announce a campaign: `name`, `text`, `starts_at`, `ends_at` (aware instants), and perhaps `shop`. Refuses `invalid`."""
    campaign = Campaign(team=by.team, created_at=at or timezone.now(), **values)
    _check_campaign(campaign)
    campaign.save()
    record("campaign.created", team=by.team, actor=by, at=at, campaign=campaign.pk, name=campaign.name)
    return campaign


@transaction.atomic
def change_campaign(campaign: Campaign, *, by: Member, version: int, at: datetime | None = None, **changes: Any) -> Campaign:
    """Change a campaign. Refuses `stale` for an older version, `wrong_state` once it was ended, `invalid`."""
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if difference := _change(locked, CAMPAIGN_FIELDS, changes, version=version, check=_check_campaign):
        locked.save()
        record("campaign.changed", team=by.team, actor=by, at=at, campaign=locked.pk, name=locked.name, **difference)
    return locked


@transaction.atomic
def end_campaign(campaign: Campaign, *, by: Member, at: datetime | None = None) -> Campaign:
    """End a campaign before its time, or call it off. Ending it twice is ending it once."""
    if _end(campaign, at or timezone.now()):
        record("campaign.ended", team=by.team, actor=by, at=at, campaign=campaign.pk, name=campaign.name)
    return campaign


@transaction.atomic
def resume_campaign(campaign: Campaign, *, by: Member, ended: str, at: datetime | None = None) -> None:
    """It was ended by mistake at `ended` (ISO 8601). Refuses `stale` where somebody was first."""
    unend(Campaign.objects.filter(team=by.team), campaign.pk, ended)
    record("campaign.resumed", team=by.team, actor=by, at=at, campaign=campaign.pk, name=campaign.name)


def _change(
    row: Row, fields: tuple[str, ...], changes: dict[str, Any], *, version: int, check: Callable[[Row], None]
) -> dict[str, dict[str, Any]] | None:
    """Put what was typed into the locked row, as its next version. What differs, for the ledger; nothing where nothing does.

    Refuses `stale` where the writer saw an older version, `wrong_state` once the row was ended, and whatever `check` does.
    """
    if row.version != version:
        raise Refused("stale", CHANGED, current={"version": row.version, **_values(row, fields)})
    if row.ended_at is not None:
        raise Refused("wrong_state", ENDED)
    before = _values(row, fields)
    for name in fields:
        if name in changes:
            setattr(row, name, changes[name])
    check(row)
    after = _values(row, fields)
    if before == after:
        return None
    row.version += 1
    return _difference(before, after)


def _end(row: Script | Campaign, at: datetime) -> bool:
    """Whether it was this call that ended it; the row then says since when it is over."""
    ended = type(row)._default_manager.filter(pk=row.pk, ended_at__isnull=True).update(ended_at=at)
    row.refresh_from_db()
    return bool(ended)


def _values(row: Script | Campaign, fields: tuple[str, ...]) -> dict[str, Any]:
    """The row as the ledger keeps it: texts as they are, ids, instants."""
    values = {name: getattr(row, f"{name}_id" if name in ("shop", "reason") else name) for name in fields}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, dict[str, Any]]:
    names = [name for name in before if before[name] != after[name]]
    return {"before": {name: before[name] for name in names}, "after": {name: after[name] for name in names}}


def _check_script(script: Script) -> None:
    script.shortcut = rules.plain_shortcut(script.shortcut)
    wrong = _check_texts(script, ("title", "body"))
    if not rules.is_shortcut(script.shortcut):
        wrong["shortcut"] = [ONE_WORD]
    if rules.unknown_places(script.body):
        wrong.setdefault("body", []).append(UNKNOWN_PLACE)
    reason = script.reason
    if reason is not None and (reason.team_id != script.team_id or reason.children.exists()):
        wrong["reason"] = [OTHER_REASON]
    _refuse(wrong)


def _check_campaign(campaign: Campaign) -> None:
    wrong = _check_texts(campaign, ("name", "text"))
    if campaign.ends_at <= campaign.starts_at:
        wrong["ends_at"] = [ENDS_FIRST]
    _refuse(wrong)


def _check_texts(row: Script | Campaign, names: tuple[str, ...]) -> dict[str, list[Any]]:
    """Trims the texts; what is wrong with them and with the shop, by field."""
    wrong: dict[str, list[Any]] = {}
    for name in names:
        text = getattr(row, name).strip()
        setattr(row, name, text)
        limit = getattr(row._meta.get_field(name), "max_length", None)
        if not text:
            wrong[name] = [MISSING]
        elif limit is not None and len(text) > limit:
            wrong[name] = [TOO_LONG]
    if row.shop is not None and row.shop.team_id != row.team_id:
        wrong["shop"] = [OTHER_SHOP]
    return wrong


def _refuse(wrong: dict[str, list[Any]]) -> None:
    if wrong:
        raise Refused("invalid", errors=wrong)


def _save_script(script: Script) -> None:
    """The constraint decides who has a shortcut, also between two who save at once."""
    try:
        with transaction.atomic():
            script.save()
    except IntegrityError as error:
        raise _taken(error) from error


def _taken(error: IntegrityError) -> Exception:
    """The shortcut is another's: a refusal; anything else is a mistake of ours."""
    return Refused("duplicate", SHORTCUT_TAKEN, errors={"shortcut": [SHORTCUT_TAKEN]}) if ONE_REPLY in str(error) else error
