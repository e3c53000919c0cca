"""The deeds on a ticket as the pages know them: who may, what must be typed, which action, what can be undone.

One table drives the URLs, the row of keys, the small forms and the answers, so that a new deed is one entry here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tickets.people.access import may
from tickets.people.models import Member
from tickets.ticket import actions
from tickets.ticket.forms import deeds as forms
from tickets.ticket.models import Status, Ticket

Text = str | LazyText


@dataclass(frozen=True)
class Undo:
    """The deed that takes it back, and what it is told."""

    deed: str
    values: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Deed:
    """`name` is the URL's part; `act(ticket, member, cleaned)` calls the action; `when(ticket, member)` says whether it is offered."""

    name: str
    right: str
    label: Text
    form: type[forms.DeedForm]
    act: Callable[[Ticket, Member, dict[str, Any]], object]
    done: Text
    when: Callable[[Ticket, Member], bool]
    key: str = ""
    icon: str = ""
    undo: Undo | None = None
    go: Callable[[dict[str, Any]], int] | None = None
    press: Text = ""
    """What its button says, where that is not the label."""

    @property
    def wants_words(self) -> bool:
        """Whether somebody must type or choose; otherwise it is one press."""
        return self.form is not forms.NothingForm


def _open(ticket: Ticket, member: Member) -> bool:
    return ticket.is_unresolved


def _free(ticket: Ticket, member: Member) -> bool:
    return ticket.is_unresolved and ticket.holder_id is None


def _mine(ticket: Ticket, member: Member) -> bool:
    return ticket.is_unresolved and ticket.holder_id == member.pk


def _only(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: data[name] for name in names if name in data}


def _override(data: dict[str, Any]) -> dict[str, Any]:
    """The reason for going beyond the limit, where one was given."""
    return {"override_reason": data["override_reason"]} if data.get("override_reason") else {}


DEEDS: dict[str, Deed] = {
    deed.name: deed
    for deed in (
        Deed(
            "take", "ticket.claim", _("Take"), forms.NothingForm,
            lambda t, m, d: actions.claim(t, by=m, **_override(d)),
            _("It is yours now."), _free, "t", "hand", Undo("release", {"reason": _("Taken by mistake.")}),
        ),
        Deed(
            "pass-on", "ticket.transfer", _("Pass on"), forms.TransferForm,
            lambda t, m, d: actions.transfer(t, d["to"], by=m, reason=d["reason"], next_step=d["next_step"], **_override(d)),
            _("Passed on."), _open, "p", "handover",
        ),
        Deed(
            "promise", "ticket.promise", _("Promise"), forms.PromiseForm,
            lambda t, m, d: actions.promise(t, by=m, text=d["text"], due_at=d["due_at"]),
            _("The promise is on the list."), _open, "m", "promise",
        ),
        Deed(
            "wait", "ticket.wait", _("Wait"), forms.WaitForm,
            lambda t, m, d: actions.wait(t, by=m, on=d["on"], next_action=d["next_action"], next_at=d["next_at"]),
            _("It waits."), _open, "w", "pause", Undo("resume"),
        ),
        Deed(
            "resume", "ticket.wait", _("Go on"), forms.NothingForm, lambda t, m, d: actions.resume(t, by=m),
            _("It goes on."), lambda t, m: t.status == Status.WAITING, "o", "play",
        ),
        Deed(
            "resolve", "ticket.resolve", _("Resolve"), forms.ResolveForm,
            lambda t, m, d: actions.resolve(t, by=m, resolution=d["resolution"], text=d["text"]),
            _("Resolved."), _open, "r", "check", Undo("reopen", {"reason": _("Resolved by mistake.")}),
        ),
        Deed(
            "reopen", "ticket.resolve", _("Reopen"), forms.ReopenForm, lambda t, m, d: actions.reopen(t, by=m, reason=d["reason"]),
            _("It is open again."), lambda t, m: t.status == Status.RESOLVED, "o", "undo",
        ),
        Deed(
            "edit", "ticket.edit", _("Edit"), forms.EditForm,
            lambda t, m, d: actions.edit(t, by=m, version=d.pop("version"), **d),
            _("Saved."), _open, "e", "edit", press=_("Save"),
        ),
        Deed(
            "release", "ticket.claim", _("To the pool"), forms.ReleaseForm, lambda t, m, d: actions.release(t, by=m, reason=d["reason"]),
            _("It is in the pool; the lead answers for it."), _mine, "l", "inbox", Undo("take"),
        ),
        Deed(
            "complain", "ticket.complain", _("Complaint"), forms.ComplainForm,
            lambda t, m, d: actions.complain(t, by=m, level=d["level"], text=d["text"]),
            _("Noted as a complaint."), lambda t, m: t.status != Status.MERGED, "h", "flame",
        ),
        Deed(
            "merge", "ticket.merge", pgettext_lazy("deed", "Merge"), forms.MergeForm,
            lambda t, m, d: actions.merge(t, d["into"], by=m),
            _("Merged; you are on the ticket it went into."), _open, "b", "merge", go=lambda d: d["into"].pk,
        ),
        Deed(
            "ask", "ticket.ask_handler", _("Ask a manager"), forms.AskForm,
            lambda t, m, d: actions.ask_handler(t, by=m, reason=d["reason"]),
            _("A manager has been asked."), lambda t, m: False,
        ),
        Deed(
            "watch", "ticket.watch", _("Watch"), forms.NothingForm, lambda t, m, d: actions.watch(t, by=m),
            _("You will hear of it."), lambda t, m: False, undo=Undo("unwatch"),
        ),
        Deed(
            "unwatch", "ticket.watch", _("Stop watching"), forms.NothingForm, lambda t, m, d: actions.unwatch(t, by=m),
            _("You will not hear of it any more."), lambda t, m: False, undo=Undo("watch"),
        ),
    )
}  # fmt: skip


def offered(ticket: Ticket, member: Member) -> list[Deed]:
    """What the member may do to the ticket now, in the order of the keys."""
    return [deed for deed in DEEDS.values() if deed.when(ticket, member) and may(member, deed.right)]
