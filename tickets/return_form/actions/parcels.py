"""Parcels: expected, arrived, unclaimed, matched. None of it touches a signature."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.activity.actions import alert, record
from tickets.people.models import Member, Role
from tickets.return_form import gathered
from tickets.return_form.actions.asking import keep_files
from tickets.return_form.actions.common import NOT_NOW, Locked, at_work_first, brief, expect, lock, move, require, tell
from tickets.return_form.models import FINAL, Evidence, Parcel, ReturnForm, State
from tickets.web.refusals import Refused

NEEDS_NUMBER = _("Scan or type the tracking number.")
KNOWN = _("This parcel is recorded already.")
RECEIVING = [state for state in State if state not in (State.DRAFT, *FINAL)]
MATCHED = _("This parcel belongs to %(number)s already.")


def as_scanned(text: str) -> str:
    """A tracking number as a scanner and a thumb both write it: full-width letters folded, no spaces, capitals."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()[:120]


_EXPECT = """
WITH claimed AS (
    UPDATE tickets_parcel SET form_id = %(form)s, matched_by_id = %(by)s, matched_at = %(at)s WHERE %(direction)s = 'in' AND id = (
        SELECT id FROM tickets_parcel WHERE team_id = %(team)s AND tracking = %(tracking)s AND form_id IS NULL
        ORDER BY id LIMIT 1 FOR UPDATE) RETURNING *),
made AS (
    INSERT INTO tickets_parcel (team_id, form_id, direction, courier, tracking, contents, sender, recorded_by_id, recorded_at)
    SELECT %(team)s, %(form)s, %(direction)s, %(courier)s, %(tracking)s, '', '', %(by)s, %(at)s WHERE NOT EXISTS (SELECT 1 FROM claimed)
    ON CONFLICT DO NOTHING RETURNING *)
SELECT to_jsonb(c) FROM claimed c UNION ALL SELECT to_jsonb(m) FROM made m
"""
"""One that lies here unclaimed becomes the form's; else the form expects it from now on; nothing where it does already."""


def expect_parcel(held: Locked, tracking: str, courier: str = "", direction: str = Parcel.Direction.IN) -> Parcel:
    """Note a parcel of a form under lock. One that came already without a form is taken from the unclaimed."""
    number, form = as_scanned(tracking), held.form
    if not number:
        raise Refused("invalid", errors={"tracking": [NEEDS_NUMBER]})
    what: dict[str, Any] = {"team": form.team_id, "form": form.pk, "direction": str(direction), "tracking": number}
    with connection.cursor() as cursor:
        cursor.execute(_EXPECT, what | {"courier": courier.strip(), "by": held.person.pk, "at": held.at})
        row = cursor.fetchone()
    if row is None:
        return Parcel.objects.get(team=form.team_id, form=form, tracking=number, direction=direction)
    parcel = gathered.made(Parcel, json.loads(row[0], cls=gathered.Exact))
    if parcel.arrived_at is not None and form.received_at is None:
        _note_arrival(held, parcel)
    return parcel


def _claim(parcel: Parcel, held: Locked) -> None:
    parcel.form, parcel.matched_by, parcel.matched_at = held.form, held.by, held.at
    parcel.save(update_fields=["form", "matched_by", "matched_at"])
    if held.form.received_at is None:
        _note_arrival(held, parcel)


def _note_arrival(held: Locked, parcel: Parcel) -> None:
    held.form.received_at = parcel.arrived_at
    held.form.save(update_fields=["received_at"])


@transaction.atomic
def add_parcel(
    form: ReturnForm,
    *,
    by: Member,
    tracking: str,
    courier: str = "",
    direction: str = Parcel.Direction.IN,
    revision: int | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> Parcel:
    """Add a tracking number to a form, theirs or ours. Refuses `wrong_state` once it is closed, `stale`, `invalid` without a number."""
    held = lock(form, by=by, deed="parcel.match", revision=revision, version=version, at=at)
    _expect_open(held.form)
    parcel = expect_parcel(held, tracking, courier, direction)
    move(held, held.form.state)
    tell(held, "parcel_added", before=held.form.state, tracking=parcel.tracking, direction=direction)
    return parcel


def _expect_open(form: ReturnForm) -> None:
    if form.state in FINAL:
        raise Refused("wrong_state", NOT_NOW % {"state": form.get_state_display()}, current=brief(form))


@transaction.atomic
def receive(
    form: ReturnForm, *, by: Member, tracking: str = "", revision: int | None = None, version: int | None = None, at: datetime | None = None
) -> ReturnForm:
    """The goods came (one parcel, or all of them where no number is given); counting is another deed. Repeating it changes nothing.

    Refuses `wrong_state` while after-sale still writes it and once it is closed, `stale`. What comes for a draft is an unclaimed parcel.
    """
    held = lock(form, by=by, deed="parcel.record", revision=revision, version=version, at=at)
    expect(held.form, *RECEIVING)
    coming = Parcel.objects.filter(form=held.form, direction=Parcel.Direction.IN, arrived_at__isnull=True)
    if tracking:
        expect_parcel(held, tracking)
        coming = coming.filter(tracking=as_scanned(tracking))
    came = coming.update(arrived_at=held.at)
    if came or held.form.received_at is None:
        move(held, held.form.state, received_at=held.form.received_at or held.at)
        tell(held, "received", before=held.form.state, tracking=as_scanned(tracking))
    return held.form


@transaction.atomic
def record_unclaimed(
    *,
    by: Member,
    tracking: str,
    courier: str = "",
    sender: str = "",
    contents: str = "",
    files: Iterable[UploadedFile[Any]] = (),
    at: datetime | None = None,
) -> Parcel:
    """A parcel came and no form expects it; after-sale is told.

    Refuses `duplicate` (with the form, where there is one), `invalid` without a number.
    """
    require(by, "parcel.record")
    at = at or timezone.now()
    number = as_scanned(tracking)
    if not number:
        raise Refused("invalid", errors={"tracking": [NEEDS_NUMBER]})
    known = Parcel.objects.filter(team=by.team, tracking=number, direction=Parcel.Direction.IN).first()
    if known is not None:
        raise Refused("duplicate", KNOWN, parcel=known.pk, form=known.form_id)
    parcel, new = Parcel.objects.get_or_create(
        team=by.team,
        tracking=number,
        direction=Parcel.Direction.IN,
        form=None,
        defaults={
            "courier": courier.strip(),
            "sender": sender.strip(),
            "contents": contents.strip(),
            "arrived_at": at,
            "recorded_by": by,
            "recorded_at": at,
        },
    )
    if not new:
        raise Refused("duplicate", KNOWN, parcel=parcel.pk, form=None)
    keep_files(list(files), Evidence.Kind.PARCEL, by=by, at=at, parcel=parcel)
    record("parcel.unclaimed", team=by.team, actor=by, at=at, tracking=number, parcel=parcel.pk)
    _offer(parcel, by, at)
    return parcel


def _offer(parcel: Parcel, by: Member, at: datetime) -> None:
    """After-sale may know what came."""
    able = list(Member.objects.filter(team=parcel.team_id).exclude(pk=by.pk).active().with_role(Role.AFTER_SALE).select_related("presence"))
    what = {"tracking": parcel.tracking, "subject": parcel.tracking, "by": by.pk, "by_name": by.display_name}
    alert(at_work_first(able, at), "parcel.unclaimed", key=f"parcel:{parcel.pk}:unclaimed", at=at, **what)


@transaction.atomic
def match_parcel(parcel: Parcel, form: ReturnForm, *, by: Member, at: datetime | None = None) -> Parcel:
    """Say which form an unclaimed parcel is for. Refuses `taken` when somebody was faster, `wrong_state` for a closed form."""
    held = lock(form, by=by, deed="parcel.match", at=at)
    _expect_open(held.form)
    locked = Parcel.objects.select_for_update(of=("self",)).select_related("form").get(pk=parcel.pk, team_id=by.team_id)
    if locked.form is not None:
        raise Refused("taken", MATCHED % {"number": locked.form.number}, holder=locked.form.number)
    _claim(locked, held)
    move(held, held.form.state)
    tell(held, "parcel_matched", before=held.form.state, tracking=locked.tracking)
    return locked
