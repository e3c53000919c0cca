"""The digest's section about return forms: what waits for the reader's hand."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from handover.digest.queries import Section
from tickets.people.models import Member
from tickets.return_form.queries import Waiting, waiting_at_once


def forms_waiting(reader: Member, at: datetime, until: datetime) -> Section | None:
    """Forms to sign, to answer, to finish and to settle, most urgent first; one query, none for who has no such role."""
    found = waiting_at_once(reader)
    if not found:
        return None
    rows = [{"text": _line(row), "due_at": row.due, "url": _url(row), "form": row.form.pk} for row in found]
    return Section("returns", _("Returns waiting for your hand"), len(rows), rows)


def _url(row: Waiting) -> str:
    return reverse("return_form:show", args=[row.form.pk])


def _line(row: Waiting) -> str:
    words = {
        "sign": _("%(number)s %(who)s: sign it"),
        "answer": _("%(number)s %(who)s: answer the question"),
        "finish": _("%(number)s %(who)s: finish the draft"),
        "settle": _("%(number)s %(who)s: settle it"),
    }
    return words[row.what] % {"number": row.form.number, "who": row.form.customer or row.form.order.number}
