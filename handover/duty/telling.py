"""How duty's ledger rows and alerts read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from handover.duty.models import Duty
from tickets.activity.telling import moment, register

Data = Mapping[str, Any]


def _facts(data: Data) -> dict[str, Any]:
    return {"name": data.get("name", ""), "until": moment(data.get("until"))}


def _ended(data: Data) -> str:
    how = dict(Duty.End.choices).get(data.get("end", ""), "")
    return _("The duty of %(name)s ended: %(how)s") % {"name": data.get("name", ""), "how": how}


def register_all() -> None:
    """Add the sentences; called once when the app is ready."""
    register("duty.started", lambda d, n: _("%(name)s is on duty until %(until)s") % _facts(d))
    register("duty.let_in", lambda d, n: _("%(name)s was let in without the digest") % _facts(d))
    register("duty.extended", lambda d, n: _("%(name)s works longer, until %(until)s") % _facts(d))
    register("duty.ended", lambda d, n: _ended(d))
    register("duty.ended_for_you", lambda d, n: _("Your duty was ended for you"))
    register("duty.lapsed", lambda d, n: _("%(name)s did not end duty; the clock did") % _facts(d))
