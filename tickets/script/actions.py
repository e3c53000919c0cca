"""What writes quick replies and campaigns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

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
    _check_turn(locked, version, SCRIPT_FIELDS)
    before = _values(locked, SCRIPT_FIELDS)
    _assign(locked, SCRIPT_FIELDS, changes)
    _check_script(locked)
    after = _values(locked, SCRIPT_FIELDS)
    if before == after:
        return locked
    locked.version += 1
    _save_script(locked)
    record("script.changed", team=by.team, actor=by, at=at, script=locked.pk, name=locked.title, **_difference(before, after))
    return locked


@transaction.atomic
def end_script(script: Script, *, by: Member, at: datetime | None = None) -> Script:
    """Take a quick reply out of use; its shortcut is free again. Ending it twice is ending it once."""
    if Script.objects.filter(pk=script.pk, ended_at__isnull=True).update(ended_at=at or timezone.now()):
        script.refresh_from_db()
        record("script.ended", team=by.team, actor=by, at=at, script=script.pk, name=script.title)
    script.refresh_from_db()
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
    _check_turn(locked, version, CAMPAIGN_FIELDS)
    before = _values(locked, CAMPAIGN_FIELDS)
    _assign(locked, CAMPAIGN_FIELDS, changes)
    _check_campaign(locked)
    after = _values(locked, CAMPAIGN_FIELDS)
    if before == after:
        return locked
    locked.version += 1
    locked.save()
    record("campaign.changed", team=by.team, actor=by, at=at, campaign=locked.pk, name=locked.name, **_difference(before, after))
    return locked


@transaction.atomic
def end_campaign(campaign: Campaign, *, by: Member, at: datetime | None = None) -> Campaign:
    """End a campaign before its time, or call it off. Ending it twice is ending it once."""
    if Campaign.objects.filter(pk=campaign.pk, ended_at__isnull=True).update(ended_at=at or timezone.now()):
        campaign.refresh_from_db()
        record("campaign.ended", team=by.team, actor=by, at=at, campaign=campaign.pk, name=campaign.name)
    campaign.refresh_from_db()
    return campaign


@transaction.atomic
def resume_campaign(campaign: Campaign, *, by: Member, ended: str, at: datetime | None = None) -> None:
    """It was ended by mistake at `ended` (ISO 8601). Refuses `stale` where somebody was first."""
    unend(Campaign.objects.filter(team=by.team), campaign.pk, ended)
    record("campaign.resumed", team=by.team, actor=by, at=at, campaign=campaign.pk, name=campaign.name)


def _check_turn(row: Script | Campaign, version: int, fields: tuple[str, ...]) -> None:
    """The row is locked: has the writer seen what it says, and may it still change?"""
    if row.version != version:
        raise Refused("stale", CHANGED, current={"version": row.version, **_values(row, fields)})
    if row.ended_at is not None:
        raise Refused("wrong_state", ENDED)


def _assign(row: Script | Campaign, fields: tuple[str, ...], changes: dict[str, Any]) -> None:
    for name in fields:
        if name in changes:
            setattr(row, name, changes[name])


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
