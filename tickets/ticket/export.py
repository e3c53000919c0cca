"""A list as a file: the same rows in the same order, one line each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from tickets.ticket.models import UNRESOLVED, Severity, Status, Ticket
from tickets.web import sheets

HEAD = (
    _("number"), _("customer"), _("subject"), _("severity"), _("status"), _("waiting on"), _("reason"), _("complaint"), _("holder"),
    _("held since"), _("next action"), _("next action at"), _("due"), _("people so far"), _("tags"),
    _("channel"), _("opened"), _("resolved"),
)  # fmt: skip
WORDS = {
    "severity": dict(Severity.choices),
    "status": dict(Status.choices),
    "waiting_on": dict(Ticket.Waiting.choices),
    "complaint": dict(Ticket.Complaint.choices),
    "channel": dict(Ticket.Channel.choices),
}


def lines(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    """The cells of each row, codes in the reader's words."""
    for row in rows:
        said = {name: words.get(row[name], "") for name, words in WORDS.items()}
        holder = row["holder__display_name"] or (_("pool") if row["status"] in UNRESOLVED else "")
        yield [
            row["id"], row["customer__name"], row["subject"], said["severity"], said["status"], said["waiting_on"], row["reason__name"],
            said["complaint"], holder, row["held_since"], row["next_action"], row["next_at"], row["due_at"], row["touches"],
            " ".join(row["tags"]), said["channel"], row["opened_at"], row["resolved_at"],
        ]  # fmt: skip


def as_csv(rows: Iterable[dict[str, Any]], *, name: str) -> HttpResponseBase:
    return sheets.csv_answer(HEAD, lines(rows), name=name)


def as_xlsx(rows: Iterable[dict[str, Any]], *, name: str) -> HttpResponseBase:
    return sheets.xlsx_answer(HEAD, lines(rows), name=name)


WRITERS: dict[str, Callable[..., Any]] = {"csv": as_csv, "xlsx": as_xlsx}
