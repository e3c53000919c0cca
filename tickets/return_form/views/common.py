"""What the pages share: finding the form, proving who signs, reading the posted lines."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from tickets.people.access import may
from tickets.people.models import Member
from tickets.return_form import queries
from tickets.return_form.models import Outcome, Resolution, ReturnForm, State
from tickets.return_form.views.differing import in_words
from tickets.ticket.models import Reason
from tickets.web.confirmation import confirm, is_confirmed
from tickets.web.doors import member_of
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page

NEEDS_PASSWORD = _("Signing asks for your password once in a few minutes.")


def one(request: HttpRequest, pk: int) -> ReturnForm:
    """The form with everything around it; 404 for another team's."""
    found = queries.one(member_of(request), pk)
    if found is None:
        raise Http404
    return found


def prove(request: HttpRequest) -> None:
    """R3's re-authentication on a page: a stale proof without a password is an error of the form, not of the right."""
    try:
        confirm(request, request.POST.get("password", ""))
    except Refused as refused:
        if refused.extra.get("reauthenticate"):
            raise Refused("invalid", NEEDS_PASSWORD, errors={"password": [NEEDS_PASSWORD]}) from refused
        raise


def number(request: HttpRequest, name: str, *, most: int = 9) -> int | None:
    """A whole number of at most `most` digits from the form, or None."""
    return whole_number(request.POST.get(name, "").strip(), digits=most)


def shared(request: HttpRequest) -> dict[str, Any]:
    """What every page of the room needs to know of its reader."""
    member = member_of(request)
    deeds = ("file", "count", "cosign", "decide", "send_back", "cancel", "settle", "reopen", "comment", "export", "import")
    return {
        "money": may(member, "see.money"),
        "may": {deed: may(member, f"return.{deed}") for deed in deeds}
        | {"parcel": may(member, "parcel.record"), "compensations": may(member, "compensation.read")},
        "confirmed": is_confirmed(request),
        "now_path": request.get_full_path(),
    }


def words() -> dict[str, dict[str, str]]:
    """What stored codes are called, made once for a page of many rows."""
    return {"state": _words(State.choices), "resolution": _words(Resolution.choices), "outcome": _words(Outcome.choices)}


def _words(choices: Any) -> dict[str, str]:
    return {value: str(label) for value, label in choices}


def reasons(member: Member) -> list[tuple[str, list[tuple[int, str]]] | tuple[int, str]]:
    """The team's reasons as options: those below a head under its name; one query."""
    found: list[Any] = []
    groups: dict[int, list[tuple[int, str]]] = {}
    rows = list(Reason.objects.filter(team_id=member.team_id, is_active=True).order_by("place", "name"))
    heads = {row.parent_id for row in rows if row.parent_id}
    for row in rows:
        if row.parent_id is None and row.pk in heads:
            groups[row.pk] = []
            found.append((row.name, groups[row.pk]))
        elif row.parent_id is None:
            found.append((row.pk, row.name))
    for row in rows:
        if row.parent_id in groups:
            groups[row.parent_id].append((row.pk, row.name))
    return found


def status_of(refused: Refused) -> int:
    """What a page answers: an invalid form is a 422, as everywhere."""
    return 422 if refused.code == "invalid" else refused.status


def answer(request: HttpRequest, name: str, context: dict[str, Any], refused: Refused | None = None) -> HttpResponse:
    """A page of the room; after a refusal with what was typed, why not, and where somebody was faster what differs now."""
    told: dict[str, Any] = {"typed": {}, "refused": refused, "problems": [], "differences": []}
    if refused is not None:
        differences = in_words(refused.extra.get("difference", []))
        told |= {"typed": request.POST, "problems": sentences(refused), "differences": differences}
    status = status_of(refused) if refused else 200
    return page(request, f"tickets/return_form/{name}.html", told | context | shared(request), status=status)


def sentences(refused: Refused) -> list[str]:
    """What went wrong, for the reader."""
    if refused.errors:
        return [str(message) for messages in refused.errors.values() for message in messages]
    return [str(refused.problem()["detail"])]
