"""Every ledger code as a sentence, in one place. The ledger keeps codes and data; the words are made when shown.

A sentence follows the actor's name: “Bob *passed it on to Carol*”. What people typed is not part of it: it is `said`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.activity.models import Activity, Alert
from tickets.people.access import may
from tickets.people.models import Member
from tickets.web.prepared import prepared_cursor


@dataclass(frozen=True)
class Told:
    """One line of a story. `kind` picks the mark (contact, note, order, promise, transfer, form, system); `due` is a time it speaks of."""

    id: int
    at: datetime
    who: str
    text: str
    said: str = ""
    kind: str = "system"
    tone: str = ""
    due: datetime | None = None
    ticket: int | None = None
    subject: str = ""


Data = Mapping[str, Any]
Names = Mapping[int, str]
Teller = Callable[[Data, Names], str]


def _person(data: Data, names: Names, key: str) -> str:
    """A colleague's name: as it is today, else as it was written down. Whom nothing goes `to` is the pool."""
    pk = data.get(key)
    if pk is None and key == "to":
        return _("the pool")
    return names.get(pk or 0) or str(data.get(f"{key}_name") or data.get("name") or f"#{pk}")


def _to(data: Data, names: Names) -> str:
    return _person(data, names, "to")


CONTACTS: dict[str, Callable[[], str]] = {
    "answered": lambda: _("answered the customer"),
    "routed": lambda: _("told the customer who will answer"),
}
WAITING: dict[str, Callable[[], str]] = {
    "customer": lambda: _("waits for the customer"),
    "warehouse": lambda: _("waits for the warehouse"),
    "logistics": lambda: _("waits for the courier"),
    "manager": lambda: _("waits for a manager"),
}
RELEASED: dict[str, Callable[[], str]] = {
    "absence": lambda: _("put it into the pool: the holder is absent"),
    "departure": lambda: _("put it into the pool: the holder has left"),
}
COMPLAINTS: dict[str, Callable[[], str]] = {
    "bad_review": lambda: _("noted a bad review"),
    "dispute": lambda: _("noted a dispute"),
    "platform": lambda: _("noted that the platform intervened"),
}
FIELDS: dict[str, Callable[[], str]] = {
    "subject": lambda: _("the subject"), "body": lambda: _("what happened"), "kind": lambda: _("the kind"),
    "reason": lambda: _("the reason"), "severity": lambda: _("the severity"), "channel": lambda: _("the channel"),
    "shop": lambda: _("the shop"), "tags": lambda: _("the tags"), "next_action": lambda: _("the next action"),
    "next_at": lambda: _("the time"), "next_by": lambda: _("who does it"),
    "orders": lambda: _("the orders"),
}  # fmt: skip


def _one(words: Mapping[str, Callable[[], str]], code: Any, otherwise: str) -> str:
    return words[code]() if code in words else otherwise


def _opened(data: Data, names: Names) -> str:
    return _("logged it") if data.get("to") else _("logged it into the pool")


def _contacted(data: Data, names: Names) -> str:
    if data.get("outcome") == "routed" and data.get("to"):
        return _("told the customer that %(name)s will answer") % {"name": _to(data, names)}
    return _one(CONTACTS, data.get("outcome"), _("spoke to the customer"))


def _moved(data: Data) -> dict[str, str]:
    return {name: str(data.get(name) or "") for name in ("name", "system")}


def _wrote_again(data: Data, names: Names) -> str:
    return _("wrote an e-mail, and opened it again") if data.get("reopened") else _("wrote an e-mail")


def _before(data: Data, names: Names) -> str:
    words = {"answer": _("answered the customer, in %(system)s"), "note": _("noted, in %(system)s")}
    return words.get(str(data.get("kind")), _("wrote, in %(system)s")) % {"system": data.get("system", "")}


def _edited(data: Data, names: Names) -> str:
    changed = data.get("after") or data.get("changes") or data.get("fields") or {}
    fields = _(", ").join(FIELDS[name]() for name in changed if name in FIELDS)
    return _("changed %(fields)s") % {"fields": fields} if fields else _("changed it")


def _merged(data: Data, names: Names) -> str:
    if data.get("into"):
        return _("merged this into #%(number)s") % {"number": data["into"]}
    return _("merged #%(number)s into this") % {"number": data.get("source") or data.get("from") or "?"}


FORM_STEPS: dict[str, Callable[[], str]] = {
    "filed": lambda: _("started the return form %(number)s"),
    "submitted": lambda: _("submitted the return form %(number)s"),
    "edited": lambda: _("changed the return form %(number)s"),
    "received": lambda: _("received the goods of %(number)s"),
    "inspected": lambda: _("counted the goods of %(number)s"),
    "cosigned": lambda: _("co-signed %(number)s"),
    "decided": lambda: _("decided on %(number)s"),
    "settled": lambda: _("settled %(number)s"),
    "closed": lambda: _("closed %(number)s"),
    "cancelled": lambda: _("cancelled %(number)s"),
    "sent_back": lambda: _("sent %(number)s back"),
    "reopened": lambda: _("opened %(number)s again"),
    "overdue": lambda: _("The return form %(number)s is overdue"),
    "signature_wanted": lambda: _("asks for a signature on %(number)s"),
    "commented": lambda: _("wrote on %(number)s"),
    "dues_changed": lambda: _("changed the times of %(number)s"),
    "parcel_added": lambda: _("added a parcel to %(number)s"),
    "parcel_matched": lambda: _("matched a parcel to %(number)s"),
}


def _form_step(step: str) -> Teller:
    return lambda data, names: FORM_STEPS[step]() % {"number": data.get("number") or "#" + str(data.get("form") or "")}


def _member(data: Data, names: Names) -> dict[str, str]:
    return {"name": _person(data, names, "member")}


def _transferred(data: Data, names: Names) -> str:
    return _("passed it on to %(name)s") % {"name": _to(data, names)} if "to" in data else _("passed it on")


def _left_behind(data: Data, names: Names) -> str:
    count = int(data.get("count") or 0)
    words = ngettext("%(count)s matter of %(name)s lies in the pool now", "%(count)s matters of %(name)s lie in the pool now", count)
    return words % {"count": count, "name": data.get("name", "")}


SENTENCES: dict[str, tuple[str, Teller]] = {
    "ticket.opened": ("note", _opened),
    "ticket.letter_opened": ("contact", lambda d, n: _("wrote an e-mail")),
    "ticket.letter_added": ("contact", _wrote_again),
    "ticket.moved_in": ("system", lambda d, n: _("brought it over from %(system)s") % {"system": d.get("system", "")}),
    "ticket.said_before": ("contact", _before),
    "ticket.edited": ("system", _edited),
    "ticket.changed": ("system", _edited),
    "ticket.claimed": ("transfer", lambda d, n: _("took it")),
    "ticket.transferred": ("transfer", _transferred),
    "ticket.taken_over": ("transfer", lambda d, n: _("%(name)s took it over at the shift change") % {"name": _to(d, n)}),
    "ticket.released": ("transfer", lambda d, n: _one(RELEASED, d.get("cause"), _("put it into the pool"))),
    "ticket.contacted": ("contact", _contacted),
    "ticket.noted": ("note", lambda d, n: _("noted")),
    "ticket.mentioned": ("note", lambda d, n: _("mentioned you")),
    "ticket.waiting": ("system", lambda d, n: _one(WAITING, d.get("on") or d.get("waiting_on"), _("waits"))),
    "ticket.resumed": ("system", lambda d, n: _("goes on with it")),
    "ticket.resolved": ("system", lambda d, n: _("resolved it: %(how)s") % {"how": d.get("resolution_name") or d.get("name") or _("done")}),
    "ticket.reopened": ("system", lambda d, n: _("opened it again")),
    "ticket.merged": ("system", _merged),
    "ticket.merged_from": ("system", _merged),
    "ticket.complained": ("contact", lambda d, n: _one(COMPLAINTS, d.get("level"), _("noted a complaint"))),
    "ticket.attached": ("note", lambda d, n: _("added the file %(name)s") % {"name": d.get("name", "")}),
    "ticket.watched": ("system", lambda d, n: _("watches it")),
    "ticket.unwatched": ("system", lambda d, n: _("does not watch it any more")),
    "ticket.left_behind": ("transfer", _left_behind),
    "promise.made": ("promise", lambda d, n: _("promised")),
    "promise.kept": ("promise", lambda d, n: _("kept the promise")),
    "promise.stands": ("promise", lambda d, n: _("took back that the promise was kept")),
    "promise.broken": ("promise", lambda d, n: _("The promise was not kept in time")),
    "promise.withdrawn": ("promise", lambda d, n: _("withdrew the promise")),
    "promise.adopted": ("promise", lambda d, n: _("%(name)s sees to the promise now") % {"name": _to(d, n)}),
    "promise.due": ("promise", lambda d, n: _("A promise is due soon")),
    "handler.refused": ("system", lambda d, n: _("%(name)s would have been one person too many") % {"name": _person(d, n, "member")}),
    "handler.asked": ("system", lambda d, n: _("asked a manager to be one more handler")),
    "handler.approved": ("system", lambda d, n: _("let %(name)s handle it too") % {"name": _person(d, n, "member")}),
    "handler.declined": ("system", lambda d, n: _("did not let %(name)s handle it") % {"name": _person(d, n, "member")}),
    "handler.let_through": ("system", lambda d, n: _("%(name)s went beyond the limit, no manager being on duty") % _member(d, n)),
    "handler.limit_reached": ("system", lambda d, n: _("As many people as allowed have handled it")),
    "parcel.unclaimed": ("form", lambda d, n: _("put aside a parcel that nobody expects: %(number)s") % {"number": d.get("tracking", "")}),
    "refunds.imported": ("order", lambda d, n: _("imported the platform's refunds")),
    "return_policy.changed": ("system", lambda d, n: _("changed the rules for returns")),
    **{f"return_form.{step}": ("form", _form_step(step)) for step in FORM_STEPS},
    "customer.created": ("system", lambda d, n: _("wrote down the customer")),
    "customer.edited": ("system", lambda d, n: _("changed the customer")),
    "customer.merged": ("system", lambda d, n: _("merged the customer #%(number)s into this one") % {"number": d.get("source") or "?"}),
    "customer.unmasked": ("system", lambda d, n: _("looked at the full number")),
    "customer.handle_added": ("system", lambda d, n: _("added an account")),
    "member.added": ("system", lambda d, n: _("added %(name)s to the team") % {"name": d.get("name", "")}),
    "member.renamed": ("system", lambda d, n: _("renamed %(before)s to %(name)s") % {"before": d.get("before"), "name": d.get("name")}),
    "member.deactivated": ("system", lambda d, n: _("%(name)s works here no longer") % {"name": d.get("name", "")}),
    "member.activated": ("system", lambda d, n: _("%(name)s works here again") % {"name": d.get("name", "")}),
    "member.roles_changed": ("system", lambda d, n: _("changed the roles of %(name)s") % {"name": d.get("name", "")}),
    "token.made": ("system", lambda d, n: _("made an API token: %(name)s") % {"name": d.get("name", "")}),
    "token.revoked": ("system", lambda d, n: _("revoked an API token: %(name)s") % {"name": d.get("name", "")}),
    "team.lead_changed": ("system", lambda d, n: _("named another lead")),
    "team.changed": ("system", lambda d, n: _("changed the team's settings")),
    "team.move_uploaded": ("system", lambda d, n: _("tried %(name)s of %(system)s") % _moved(d)),
    "team.moved_in": ("system", lambda d, n: _("brought in %(name)s of %(system)s") % _moved(d)),
    "team.move_failed": ("system", lambda d, n: _("could not bring in %(name)s of %(system)s") % _moved(d)),
    "team.letter_taken": ("system", lambda d, n: _("took a letter of %(name)s after all") % {"name": d.get("sender", "") or "?"}),
    "team.mailbox_set": ("system", lambda d, n: _("set up the mailbox %(name)s") % {"name": d.get("address", "")}),
    "team.mailbox_failed": ("system", lambda d, n: _("The mailbox %(name)s cannot be read") % {"name": d.get("address", "")}),
    "shop.added": ("system", lambda d, n: _("added the shop %(name)s") % {"name": d.get("name", "")}),
    "shop.changed": ("system", lambda d, n: _("changed the shop %(name)s") % {"name": d.get("name", "")}),
    "reason.added": ("system", lambda d, n: _("added the reason %(name)s") % {"name": d.get("name", "")}),
    "reason.changed": ("system", lambda d, n: _("changed the reason %(name)s") % {"name": d.get("name", "")}),
    "resolution.added": ("system", lambda d, n: _("added the resolution %(name)s") % {"name": d.get("name", "")}),
    "script.created": ("system", lambda d, n: _("wrote the quick reply %(name)s") % {"name": d.get("name", "")}),
    "script.changed": ("system", lambda d, n: _("changed the quick reply %(name)s") % {"name": d.get("name", "")}),
    "script.ended": ("system", lambda d, n: _("took the quick reply %(name)s out of use") % {"name": d.get("name", "")}),
    "script.resumed": ("system", lambda d, n: _("put the quick reply %(name)s in use again") % {"name": d.get("name", "")}),
    "campaign.created": ("system", lambda d, n: _("announced the campaign %(name)s") % {"name": d.get("name", "")}),
    "campaign.changed": ("system", lambda d, n: _("changed the campaign %(name)s") % {"name": d.get("name", "")}),
    "campaign.ended": ("system", lambda d, n: _("ended the campaign %(name)s") % {"name": d.get("name", "")}),
    "campaign.resumed": ("system", lambda d, n: _("let the campaign %(name)s go on") % {"name": d.get("name", "")}),
    "resolution.changed": ("system", lambda d, n: _("changed the resolution %(name)s") % {"name": d.get("name", "")}),
}  # fmt: skip
"""Code → (kind of mark, what makes the sentence). Higher rooms add theirs with `register`."""

BAD = frozenset({"promise.broken", "handler.refused", "handler.let_through", "ticket.complained"})
GOOD = frozenset({"promise.kept", "ticket.resolved"})
SAID = ("text", "reason", "decision", "question")


def register(code: str, teller: Teller, *, kind: str = "system") -> None:
    """Let a higher room say how its own codes read. A code is told in one way only."""
    if code in SENTENCES:
        raise ValueError(f"{code} is told already")
    SENTENCES[code] = (kind, teller)


def sentence(code: str, data: Data, names: Names) -> tuple[str, str]:
    """The kind of mark and the sentence of a code; a code nobody has words for is told by its own name, never hidden."""
    kind, teller = SENTENCES.get(code, ("system", lambda d, n: code.replace(".", ": ").replace("_", " ")))
    return kind, teller(data, names)


def _said(code: str, data: Data) -> str:
    parts = [data[key] for key in SAID if data.get(key) and isinstance(data[key], str)]  # a number is an id, not words
    if data.get("next_step"):
        parts.append(_("Next: %(step)s") % {"step": data["next_step"]})
    elif data.get("next_action"):
        parts.append(_("Next: %(step)s") % {"step": data["next_action"]})
    return "\n".join(dict.fromkeys(parts))


MONEY = ("total", "paid", "refunded", "freight")


def _without_money(data: Data) -> Data:
    """That an amount changed, but not from what to what (A2)."""
    return {key: None if key in MONEY else value for key, value in data.items()}


def tell(row: Activity, names: Names, *, money: bool = True) -> Told:
    """A ledger row as a line of a story, amounts of orders only with `money`. Its actor must be at hand."""
    kind, text = sentence(row.code, row.data if money else _without_money(row.data), names)
    due = row.data.get("due_at")
    return Told(
        id=row.pk,
        at=row.at,
        who=row.actor.display_name if row.actor else str(row.data.get("stranger") or ""),
        text=text,
        said=_said(row.code, row.data),
        kind=kind,
        tone="bad" if row.code in BAD else "good" if row.code in GOOD else "",
        due=parse_datetime(due) if isinstance(due, str) else None,
        ticket=row.ticket_id,
    )


PEOPLE = ("to", "from", "member", "holder", "owner", "by")


def names_in(rows: Iterable[Activity | Alert], member: Member) -> dict[int, str]:
    """Today's names of the colleagues that the rows speak of; one query, none where they speak of nobody."""
    ids = {row.data[key] for row in rows for key in PEOPLE if isinstance(row.data.get(key), int)}
    if not ids:
        return {}
    with prepared_cursor() as cursor:
        cursor.execute("SELECT id, display_name FROM tickets_member WHERE team_id = %s AND id = ANY(%s)", [member.team_id, list(ids)])
        return dict(cursor.fetchall())


def tell_all(rows: Iterable[Activity], member: Member) -> list[Told]:
    """The rows as a story for the member, in their order; one query beside theirs."""
    rows = list(rows)
    names = names_in(rows, member)
    money = may(member, "see.money")
    return [tell(row, names, money=money) for row in rows]


def _who(data: Data, names: Names) -> str:
    """Who did what an alert tells of: rooms write the name, or the id, or both."""
    by = data.get("by_name") or data.get("by") or data.get("stranger") or ""
    return by if isinstance(by, str) else names.get(by, "")


def _addressed(row: Alert) -> Data:
    """The alert's facts. What was decided on a request is told to whoever asked; older alerts leave that unsaid."""
    if row.code in ("handler.approved", "handler.declined") and "member" not in row.data:
        return {"member": row.member_id, "member_name": row.member.display_name, **row.data}
    return row.data


def tell_alert(row: Alert, names: Names) -> Told:
    """An alert as a line: who did what on which matter; `tone` is “seen” once it was."""
    kind, text = sentence(row.code, _addressed(row), names)
    due = row.data.get("due_at")
    return Told(
        id=row.pk,
        at=row.at,
        who=_who(row.data, names),
        text=text,
        said=str(row.data.get("text") or row.data.get("reason") or "")[:300],
        kind=kind,
        tone="seen" if row.seen_at else "",
        due=parse_datetime(due) if isinstance(due, str) else None,
        ticket=row.ticket_id,
        subject=str(row.data.get("subject") or ""),
    )


def tell_alerts(member: Member, *, before: int | None = None, size: int = 60) -> list[Told]:
    """What the member was told, newest first, or what came before an id. Two queries at most."""
    found = Alert.objects.filter(member=member).order_by("-id")
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[:size])
    for row in rows:
        row.member = member
    names = names_in(rows, member)
    return [tell_alert(row, names) for row in rows]


def moment(value: str | datetime | None) -> str:
    """An instant of a ledger row, in the team's time zone; nothing for none."""
    at = parse_datetime(value) if isinstance(value, str) else value
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else ""
