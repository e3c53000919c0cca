"""Which tables belong to a team, in the order in which they can be written back, and which rows of each.

Every table of ours is in exactly one of the three lists below; a test fails while a new one is in none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

TABLES: dict[str, str] = {
    "tickets.Team": "",
    "tickets.User": "",
    "tickets.Member": "team",
    "tickets.Presence": "member__team",
    "tickets.Shop": "team",
    "tickets.Customer": "team",
    "tickets.Handle": "team",
    "tickets.Order": "team",
    "tickets.OrderLine": "order__team",
    "tickets.Layout": "team",
    "tickets.Import": "team",
    "tickets.ImportProblem": "run__team",
    "tickets.Pushed": "shop__team",
    "tickets.Reason": "team",
    "tickets.Resolution": "team",
    "tickets.Ticket": "team",
    "tickets.TicketText": "team",
    "tickets.TicketOrder": "ticket__team",
    "tickets.Assignment": "ticket__team",
    "tickets.HandlerRequest": "team",
    "tickets.Touch": "ticket__team",
    "tickets.Watcher": "ticket__team",
    "tickets.Attachment": "team",
    "tickets.SavedView": "team",
    "tickets.OpeningView": "member__team",
    "tickets.Promise": "team",
    "tickets.ReturnPolicy": "team",
    "tickets.ReturnForm": "team",
    "tickets.ReturnLine": "form__team",
    "tickets.FormRevision": "form__team",
    "tickets.Settlement": "team",
    "tickets.PlatformRefund": "team",
    "tickets.PlatformCompensation": "team",
    "tickets.Parcel": "team",
    "tickets.Evidence": "team",
    "tickets.Signature": "form__team",
    "tickets.Voiding": "signature__form__team",
    "tickets.Script": "team",
    "tickets.Campaign": "team",
    "tickets.Letter": "team",
    "tickets.Twin": "team",
    "tickets.Move": "team",
    "tickets.MoveProblem": "move__team",
    "tickets.Draft": "team",
    "tickets.Activity": "team",
    "tickets.Alert": "team",
    "handover.ShiftPattern": "team",
    "handover.RosterCode": "team",
    "handover.Shift": "team",
    "handover.RosterEntry": "team",
    "handover.Absence": "team",
    "handover.Swap": "team",
    "handover.Duty": "team",
    "handover.Digest": "team",
    "handover.Receipt": "team",
    "handover.Addendum": "duty__team",
    "handover.Question": "team",
    "handover.Note": "team",
    "handover.NoteItem": "note__team",
    "handover.NoteAddendum": "note__team",
    "handover.Offer": "team",
    "handover.Notice": "team",
    "handover.NoticeRead": "notice__team",
    "handover.Surprise": "team",
    "handover.Target": "team",
    "handover.ServiceDay": "team",
    "handover.SheetWeight": "team",
    "handover.SheetAnswer": "team",
    "handover.Schedule": "team",
    "handover.Sending": "schedule__team",
}
"""Each table with the way from its rows to the team (of the first two it is told below)."""

DERIVED: dict[str, str] = {
    "tickets.Goods": "made from the order lines by a trigger",
    "handover.Figure": "counted anew from the rows (manage.py recount)",
    "handover.HourFigure": "counted anew from the rows (manage.py recount)",
    "handover.StaleDay": "written by triggers: which days are to be counted",
    "handover.StaleRow": "written by triggers: which rows are to be counted",
}
"""What the database makes by itself from the rest."""

LEFT_BEHIND: dict[str, str] = {
    "tickets.TokenGrant": "credentials of this installation",
    "tickets.TokenCalls": "how often credentials of this installation were used",
    "tickets.PushDoor": "credentials of this installation",
    "tickets.Mailbox": "credentials of this installation",
    "handover.Destination": "secret addresses, sealed with this installation's key",
    "handover.Message": "what this installation tells people; nothing is told a second time elsewhere",
    "handover.Parcel": "what this installation tells people; nothing is told a second time elsewhere",
    "handover.Delivery": "what this installation tells people; nothing is told a second time elsewhere",
    "tickets.Reply": "answers kept for a repeated request to this installation",
    "handover.CalendarLink": "secret addresses of this installation",
    "handover.Endpoint": "addresses and secrets of this installation",
    "handover.WebhookDelivery": "what this installation has sent, or will",
    "handover.DigestLink": "secret addresses of this installation",
}
"""What means nothing elsewhere, or must not travel in a file."""

ACCOUNT = ("id", "username", "first_name", "last_name", "email", "is_active", "date_joined", "language", "theme")
"""What is told of an account: no password, no rights beyond the team's roles."""


@dataclass(frozen=True)
class Table:
    """A table as it is written: its columns, the statement that reads a team's rows in the order of their keys, the column of the key."""

    label: str
    name: str
    columns: tuple[str, ...]
    rows: str
    key: str


@cache
def tables() -> list[Table]:
    """In the order of loading."""
    return [_table(label, path) for label, path in TABLES.items()]


def _table(label: str, path: str) -> Table:
    model = apps.get_model(label)
    columns = tuple(f.column for f in model._meta.concrete_fields if not getattr(f, "generated", False))
    if label == "tickets.User":
        columns, where = ACCOUNT, "id IN (SELECT user_id FROM tickets_member WHERE team_id = %(team)s)"
    elif label == "tickets.Team":
        where = "id = %(team)s"
    else:
        where = _where(model, path.split("__"))
    table, key = model._meta.db_table, str(model._meta.pk.column)
    shown = ", ".join(f'"{column}"' for column in columns)
    return Table(label, table, columns, f'FROM (SELECT {shown} FROM "{table}" WHERE {where} ORDER BY "{key}") row_', key)


def _where(model: type[models.Model], path: list[str]) -> str:
    """The condition on a row that follows foreign keys to the team."""
    field = model._meta.get_field(path[0])
    column: str = field.column
    if len(path) == 1:
        return f'"{column}" = %(team)s'
    above: Any = field.related_model
    return f'"{column}" IN (SELECT "{above._meta.pk.column}" FROM "{above._meta.db_table}" WHERE {_where(above, path[1:])})'


def file_fields() -> list[tuple[str, str]]:
    """(label, column) of every column that names a file."""
    return [
        (label, str(f.column)) for label in TABLES for f in apps.get_model(label)._meta.concrete_fields if isinstance(f, models.FileField)
    ]
