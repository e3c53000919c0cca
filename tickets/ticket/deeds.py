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
from tickets.ticket.models import Promise, Status, Ticket

Text = str | LazyText


@dataclass(frozen=True)
class Undo:
    """The deed that takes it back, and what it is told; `pk` where it is not the ticket that the deed is done to."""

    deed: str
    values: Mapping[str, Any] = field(default_factory=dict)
    pk: int | None = None


Undoing = Callable[[Ticket, Any], Undo | None]
"""From the ticket as it was and what the action gave back: the deed that takes it back, none where nothing does."""


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
    undo: Undoing | None = None
    go: Callable[[dict[str, Any]], int] | None = None
    press: Text = ""
    """What its button says, where that is not the label."""
    confirm: Text = ""
    """What is asked first, where nothing takes it back."""

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


def _by(deed: str, **values: Any) -> Undoing:
    """The same undoing whatever was there before."""
    return lambda was, made: Undo(deed, values)


def _give_back(was: Ticket, made: object) -> Undo | None:
    """To whom it was with; out of the pool nobody gave it away."""
    if was.holder is None:
        return None
    next_step = was.next_action or _("As it was before.")
    return Undo("pass-on", {"to": was.holder.user.username, "reason": _("Passed on by mistake."), "next_step": next_step})


def _wait_again(was: Ticket, made: object) -> Undo:
    return Undo("wait", {"on": was.waiting_on})


def _resolve_again(was: Ticket, made: object) -> Undo:
    return Undo("resolve", {"resolution": was.resolution_id, "text": _("Reopened by mistake.")})


def _withdraw(was: Ticket, made: Promise) -> Undo:
    return Undo("withdraw", {"reason": _("Promised by mistake.")}, made.pk)


def _as_before(was: Ticket, now: Ticket) -> Undo:
    """The content as it was, over the content as it is: who edits meanwhile is not written over, `version` sees to it."""
    before, after = forms.content_of(was), forms.content_of(now)
    return Undo("edit", {**before, "version": after["version"], **{f"initial-{name}": after[name] for name in after if name != "version"}})


def _complain_less(was: Ticket, made: object) -> Undo | None:
    """Back to the level it had; that it is a complaint at all is never taken back."""
    return Undo("complain", {"level": was.complaint, "text": _("The level was chosen by mistake.")}) if was.complaint else None


def _override(data: dict[str, Any]) -> dict[str, Any]:
    """The reason for going beyond the limit, where one was given."""
    return {"override_reason": data["override_reason"]} if data.get("override_reason") else {}


DEEDS: dict[str, Deed] = {
    deed.name: deed
    for deed in (
        Deed(
            "take", "ticket.claim", _("Take"), forms.NothingForm,
            lambda t, m, d: actions.claim(t, by=m, **_override(d)),
            _("It is yours now."), _free, "t", "hand", _by("release", reason=_("Taken by mistake.")),
        ),
        Deed(
            "pass-on", "ticket.transfer", _("Pass on"), forms.TransferForm,
            lambda t, m, d: actions.transfer(t, d["to"], by=m, reason=d["reason"], next_step=d["next_step"], **_override(d)),
            _("Passed on."), _open, "p", "handover", _give_back,
        ),
        Deed(
            "promise", "ticket.promise", _("Promise"), forms.PromiseForm,
            lambda t, m, d: actions.promise(t, by=m, text=d["text"], due_at=d["due_at"]),
            _("The promise is on the list."), _open, "m", "promise", _withdraw,
        ),
        Deed(
            "wait", "ticket.wait", _("Wait"), forms.WaitForm,
            lambda t, m, d: actions.wait(t, by=m, on=d["on"], next_action=d["next_action"], next_at=d["next_at"]),
            _("It waits."), _open, "w", "pause", _by("resume"),
        ),
        Deed(
            "resume", "ticket.wait", _("Go on"), forms.NothingForm, lambda t, m, d: actions.resume(t, by=m),
            _("It goes on."), lambda t, m: t.status == Status.WAITING, "o", "play", _wait_again,
        ),
        Deed(
            "resolve", "ticket.resolve", _("Resolve"), forms.ResolveForm,
            lambda t, m, d: actions.resolve(t, by=m, resolution=d["resolution"], text=d["text"]),
            _("Resolved."), _open, "r", "check", _by("reopen", reason=_("Resolved by mistake.")),
        ),
        Deed(
            "reopen", "ticket.resolve", _("Reopen"), forms.ReopenForm, lambda t, m, d: actions.reopen(t, by=m, reason=d["reason"]),
            _("It is open again."), lambda t, m: t.status == Status.RESOLVED, "o", "undo", _resolve_again,
        ),
        Deed(
            "edit", "ticket.edit", _("Edit"), forms.EditForm,
            lambda t, m, d: actions.edit(t, by=m, version=d.pop("version"), **d),
            _("Saved."), _open, "e", "edit", _as_before, press=_("Save"),
        ),
        Deed(
            "release", "ticket.claim", _("To the pool"), forms.ReleaseForm, lambda t, m, d: actions.release(t, by=m, reason=d["reason"]),
            _("It is in the pool; the lead answers for it."), _mine, "l", "inbox", _by("take"),
        ),
        Deed(
            "complain", "ticket.complain", _("Complaint"), forms.ComplainForm,
            lambda t, m, d: actions.complain(t, by=m, level=d["level"], text=d["text"]),
            _("Noted as a complaint."), lambda t, m: t.status != Status.MERGED, "h", "flame", _complain_less,
        ),
        Deed(
            "merge", "ticket.merge", pgettext_lazy("deed", "Merge"), forms.MergeForm,
            lambda t, m, d: actions.merge(t, d["into"], by=m),
            _("Merged; you are on the ticket it went into."), _open, "b", "merge", go=lambda d: d["into"].pk,
            confirm=_("A merge stays: the two tickets become one. Go on?"),
        ),
        Deed(
            "ask", "ticket.ask_handler", _("Ask a manager"), forms.AskForm,
            lambda t, m, d: actions.ask_handler(t, by=m, reason=d["reason"]),
            _("A manager has been asked."), lambda t, m: False,
        ),
        Deed(
            "watch", "ticket.watch", _("Watch"), forms.NothingForm, lambda t, m, d: actions.watch(t, by=m),
            _("You will hear of it."), lambda t, m: False, undo=_by("unwatch"),
        ),
        Deed(
            "unwatch", "ticket.watch", _("Stop watching"), forms.NothingForm, lambda t, m, d: actions.unwatch(t, by=m),
            _("You will not hear of it any more."), lambda t, m: False, undo=_by("watch"),
        ),
    )
}  # fmt: skip


def offered(ticket: Ticket, member: Member) -> list[Deed]:
    """What the member may do to the ticket now, in the order of the keys."""
    return [deed for deed in DEEDS.values() if deed.when(ticket, member) and may(member, deed.right)]
