"""The digest's pages: reading and answering, the addenda of the running duty, the personal link, the manager's view."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from handover.digest import actions, queries
from handover.digest.matters import tell_words
from handover.digest.models import Addendum, Question
from handover.digest.queries import Reading
from handover.digest.words import words
from tickets.people.access import may
from tickets.people.models import Member
from tickets.web.doors import door
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.replies import page, refusal, see_other, wants_fragment
from tickets.web.sheets import Column, as_file, cell

TEMPLATE = "handover/digest/read.html"
_READ: dict[str, Any] = {
    "read": gettext_lazy("read"),
    "let_in": gettext_lazy("let in without it"),
    "reading": gettext_lazy("reading"),
    "on": gettext_lazy("on duty"),
    "unread": gettext_lazy("not opened"),
}
READERS: tuple[Column, ...] = (
    (gettext_lazy("Person"), cell("member.display_name")),
    (gettext_lazy("Shift"), cell("shift.name")),
    (gettext_lazy("Digest"), lambda row: _READ[row.state]),
    (gettext_lazy("Version"), cell("digest.version")),
    (gettext_lazy("Opened"), cell("digest.opened_at")),
    (gettext_lazy("Acknowledged"), cell("receipt.acknowledged_at")),
    (gettext_lazy("Let in"), cell("duty.let_in_reason")),
)
REACH = 3
"""So many matters are shown whole below the one to answer; a screen shows no more at once."""


@door(GET="digest.read", gated=False)
def read(request: HttpRequest) -> HttpResponse:
    """My digest now. Opening it is noted, so that the receipt can say when."""
    member = request.member
    reading = actions.open_digest(member) if may(member, "digest.answer") else queries.read(member)
    # Not `open`, which every request of this page says of the matters that stand open already.
    if wants_fragment(request) and (item := request.GET.get("card", "")):
        return card(request, reading, item)
    item = request.GET.get("open", "")
    show = request.GET.get("show", "")
    found = context(request, reading, focus=item, show=show, digest_url=reverse("digest:read"))
    return page(request, TEMPLATE, found, block="stable" if show == "stable" else "digest")


def card(request: HttpRequest, reading: Reading, item: str) -> HttpResponse:
    """One matter opened where it stands in the list."""
    matter = next((m for m in reading.asked if m.item == item), None)
    if matter is None:
        raise Refused("not_found")
    return page(request, "handover/digest/card.html", context(request, reading, focus=item, matter=matter), block="card")


@door(GET="digest.read", gated=False)
def owners(request: HttpRequest) -> HttpResponse:
    """Who can be named; asked for when somebody begins to type a name."""
    return page(request, "handover/digest/owners.html", {"owners": queries.read(request.member).owners()}, block="options")


@door(POST="digest.answer", gated=False)
def accept(request: HttpRequest) -> HttpResponse:
    """All stable matters at once."""
    return page_or_back(request, actions.accept_stable(request.member))


@door(POST="digest.answer", gated=False)
def answer(request: HttpRequest, item: str) -> HttpResponse:
    """One answer, kept at once; the next matter comes into view."""
    try:
        reading = actions.answer(request.member, item, request.POST)
    except Refused as refused:
        return refused_answer(request, refused, item)
    return page_or_back(request, reading, answered=item)


@door(POST="digest.answer", gated=False)
def undo(request: HttpRequest, item: str) -> HttpResponse:
    """Take an answer back."""
    return page_or_back(request, actions.unanswer(request.member, item), focus=item)


@door(POST="digest.answer", gated=False)
def notices_read(request: HttpRequest) -> HttpResponse:
    actions.mark_notices_read(request.member)
    return page_or_back(request, actions.open_digest(request.member))


@door(POST="digest.answer", gated=False)
def acknowledge(request: HttpRequest) -> HttpResponse:
    """Acknowledge and start duty; where something changed meanwhile, the page says what, and everything answered stays answered."""
    member = request.member
    version = whole_number(request.POST.get("version", ""), digits=9) or 0
    try:
        done = actions.acknowledge(member, by=member, version=version)
    except Refused as refused:
        if refused.code not in ("stale", "invalid"):
            raise
        reading = actions.open_digest(member)
        return page(request, TEMPLATE, context(request, reading, refused=refused), block="digest", status=refused.status)
    for taken in done.taken:
        holder = taken["holder"]["name"] if taken["holder"] else _("the pool")
        messages.info(request, _("%(name)s was faster: “%(subject)s” is theirs.") % {"name": holder, "subject": taken["subject"]})
    return see_other(request, "/")


@door(GET="digest.read", gated=False)
def addenda(request: HttpRequest) -> HttpResponse:
    """What came since the digest was acknowledged. Polled by every page: one indexed query, and 304 while nothing is new."""
    duty, read_count, rows = queries.addenda_state(request.member)
    etag = f'"{duty}-{read_count}-{rows[-1].number if rows else 0}-{translation.get_language()}"'
    if wants_fragment(request) and request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    found = {"addenda": rows, "owners": _owners(request.member) if any(r.content["kind"] == "offer" for r in rows) else []}
    response = page(request, "handover/digest/addenda.html", found, block="addenda")
    if wants_fragment(request):
        response["ETag"] = etag
    return response


@door(POST="digest.answer")
def answer_addendum(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Addendum.objects.select_related("duty"), pk=pk, duty__member=request.member)
    actions.answer_addendum(found, by=request.member, given=request.POST)
    if not request.headers.get("HX-Request"):
        return see_other(request, reverse("digest:addenda"))
    return addenda_again(request)


def addenda_again(request: HttpRequest) -> HttpResponse:
    _duty, _read, rows = queries.addenda_state(request.member)
    return page(request, "handover/digest/addenda.html", {"addenda": rows, "owners": _owners(request.member)}, block="addenda")


def _owners(member: Member) -> list[Member]:
    people = Member.objects.filter(team_id=member.team_id).active().on_or_coming(timezone.now()).exclude(pk=member.pk)
    return [m for m in people.select_related("user") if m.can_hold]


@door(GET="digest.read", gated=False)
def questions(request: HttpRequest) -> HttpResponse:
    """What colleagues ask about the matters I handed over."""
    return page(request, "handover/digest/questions.html", {"questions": queries.questions_for(request.member)}, block="questions")


@door(POST="digest.answer", gated=False)
def answer_question(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Question, pk=pk, team_id=request.member.team_id)
    actions.answer_question(found, by=request.member, text=request.POST.get("text", ""))
    return see_other(request, reverse("digest:questions"))


@door(GET="digest.overview")
def team(request: HttpRequest) -> HttpResponse:
    """Who has read what and when, and what nobody has taken."""
    found = queries.overview(request.member.team, at=timezone.now())
    return as_file(request, "readers", READERS, found["readers"]) or page(request, "handover/digest/team.html", found, block="overview")


@door(POST="me.edit", gated=False)
def revoke(request: HttpRequest) -> HttpResponse:
    """Make my own personal links worthless."""
    count = actions.revoke_links(request.member, by=request.member)
    messages.success(request, ngettext("%(count)s link ended.", "%(count)s links ended.", count) % {"count": count})
    return see_other(request, reverse("digest:read"))


@door(POST="duty.on_behalf")
def revoke_for(request: HttpRequest, pk: int) -> HttpResponse:
    """A manager ends somebody's links: a lost phone."""
    actions.revoke_links(get_object_or_404(Member.objects.visible_to(request.member), pk=pk), by=request.member)
    return see_other(request, reverse("digest:team"))


@require_GET
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The personal link: the digest to read, nothing to press, no way further in. Whatever is wrong with a token: the same answer."""
    member = actions.open_link(token)
    request.member = None  # whoever is signed in here: this page belongs to the link's person alone
    if member is None:
        response = refusal(request, Refused("not_found", _("This link has ended, or never was. Sign in to read your digest.")))
    else:
        with translation.override(member.user.language or translation.get_language()), timezone.override(member.team.zone):
            reading = queries.read(member)
            tell_words(reading.asked, reading.people)
            found = {"reading": reading, "reader": member, "answers": {}, "words": words()}
            response = page(request, "handover/digest/link.html", found)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response


link.gated = False


def context(request: HttpRequest, reading: Reading, **more: Any) -> dict[str, Any]:
    """What the page of a reading shows."""
    answers = reading.answers
    left = [m.item for m in reading.asked if m.item not in answers]
    reach = in_reach(left, more.get("focus"), [*request.POST.getlist("open"), more.get("wrong", "")])
    tell_words([m for m in reading.asked if m.item in reach], reading.people)
    return {
        "reading": reading,
        "words": words(),
        "answers": answers,
        "left": left,
        "in_reach": reach,
        "on_duty": queries.is_on(request.member, reading.at),
        "can_answer": may(request.member, "digest.answer") and reading.receipt is None,
        **more,
    }


def in_reach(left: list[str], focus: str | None, opened: list[str]) -> set[str]:
    """The matters shown whole: those to answer next, and those the reader has open, perhaps with something typed in.

    All others are a line each, which opens where it stands.
    """
    start = left.index(focus) if focus in left else 0
    return {*left[start : start + REACH], *opened}


def page_or_back(request: HttpRequest, reading: Reading, **more: Any) -> HttpResponse:
    """The digest again as a fragment, or, without JavaScript, back to the page."""
    if not request.headers.get("HX-Request"):
        return see_other(request, reverse("digest:read"))
    focus = more.pop("focus", None) or _after(reading, more.get("answered")) or "start"
    return page(request, TEMPLATE, context(request, reading, focus=focus, **more), block="digest")


def _after(reading: Reading, answered: str | None) -> str | None:
    """The next unanswered matter below the one just answered, or the first one above."""
    order = [m.item for m in reading.asked]
    given = reading.answers
    here = order.index(answered) if answered in order else -1
    return next((item for item in (*order[here + 1 :], *order) if item not in given), None)


def refused_answer(request: HttpRequest, refused: Refused, item: str) -> HttpResponse:
    """The digest with the sentence beside the matter it is about; what was typed is still in its field."""
    if refused.code not in ("invalid", "not_found", "wrong_state"):
        raise refused
    reading = actions.open_digest(request.member)
    found = context(request, reading, wrong=item, wrong_errors=refused.errors or {}, typed=request.POST, refused=refused, focus=item)
    return page(request, TEMPLATE, found, block="digest", status=422)
