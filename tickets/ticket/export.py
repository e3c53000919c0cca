"""A list as a file: the same rows in the same order, one line each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from tickets.ticket.models import UNRESOLVED, Promise, Severity, Status, Ticket
from tickets.web import sheets

TICKETS = (
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


PROMISES = (
    _("due"), _("promise"), _("status"), _("customer"), _("ticket"), _("subject"), _("who keeps it"), _("made by"), _("made at"),
)  # fmt: skip
STATES = dict(Promise.State.choices)


def promise_lines(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    """The cells of each promise, in the order of `PROMISES`."""
    for row in rows:
        yield [
            row["due_at"], row["text"], STATES[row["status"]], row["ticket__customer__name"], row["ticket_id"], row["ticket__subject"],
            row["owner__display_name"] or _("pool"), row["made_by__display_name"], row["made_at"],
        ]  # fmt: skip


WRITERS: dict[str, Callable[..., Any]] = {"csv": sheets.csv_answer, "xlsx": sheets.xlsx_answer}
