"""The digest's view of campaigns: what the shops run now, beside the notices."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from handover.digest.queries import Section
from handover.shell.filters import clock_text
from tickets.people.models import Member
from tickets.script.models import Campaign
from tickets.script.queries import running_campaigns


def campaigns_running(reader: Member, at: datetime, until: datetime) -> Section | None:
    """What runs now or begins before the reader's shift ends, what ends first on top; one query."""
    found = running_campaigns(reader, at, until)
    if not found:
        return None
    rows = [{"text": _line(row, at), "due_at": None, "url": reverse("script:campaigns"), "campaign": row.pk} for row in found]
    return Section("campaigns", _("Campaigns"), len(rows), rows)


def _line(row: Campaign, at: datetime) -> str:
    values = {
        "name": f"{row.name} ({row.shop.name})" if row.shop else row.name,
        "start": clock_text(row.starts_at, at),
        "end": clock_text(row.ends_at, at),
        "text": row.text,
    }
    if row.starts_at > at:
        return _("%(name)s, from %(start)s until %(end)s: %(text)s") % values
    return _("%(name)s, until %(end)s: %(text)s") % values
