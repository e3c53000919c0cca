"""One ticket: its story, who has it, and the deeds on it."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.activity.telling import tell_all
from tickets.customer.models import HandleKind
from tickets.draft import queries as drafts
from tickets.order.models import OrderStatus
from tickets.people.access import may
from tickets.people.models import Member
from tickets.people.queries import lets_through
from tickets.ticket import case, queries
from tickets.ticket.deeds import offered
from tickets.ticket.forms.deeds import ContactForm
from tickets.ticket.models import Assignment, HandlerRequest, Ticket, Touch
from tickets.web.doors import door, member_of
from tickets.web.live import live, live_tag
from tickets.web.replies import page

TEMPLATE, TYPING = "tickets/ticket/show.html", "tickets/ticket/typing.html"
SHOWN, LONG = 150, 3000
"""How much of a story is shown at first, and when all of it is asked for."""
MARKS = {"contact": "comment", "order": "order", "promise": "promise", "transfer": "handover", "form": "returns", "system": "settings"}
SAY = _("What was said or found out. @name tells a colleague.")
HOW, CAUSES = dict(Touch.How.choices), dict(Assignment.Cause.choices)
HANDLES, ORDER_STATES = dict(HandleKind.choices), dict(OrderStatus.choices)


def ticket_or_404(pk: int, member: Member) -> Ticket:
    """The ticket with its head, or 404 also for another team's."""
    try:
        return case.find(pk, member)
    except Ticket.DoesNotExist as error:
        raise Http404 from error


@door(GET="ticket.read")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    ticket = ticket_or_404(pk, request.member)
    return page(request, TEMPLATE, context(request, ticket), block="case")


@door(GET="ticket.read")
def show_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The case again, if it changed since the asker last saw it: 304 costs one small query."""
    member = member_of(request)
    mark = case.mark(pk, member)
    if mark is None:
        raise Http404
    return live(request, mark, lambda: page(request, TEMPLATE, context(request, ticket_or_404(pk, member)), block="case"))


@door(GET="ticket.read")
def typing(request: HttpRequest, pk: int) -> HttpResponse:
    """Which colleagues are typing an answer or a note on this ticket; while somebody is, the part asks again by itself."""
    member = member_of(request)
    if not Ticket.objects.visible_to(member).filter(pk=pk).exists():
        raise Http404
    names = drafts.typing(f"ticket-{pk}-say", reader=member, at=timezone.now())
    return live(request, f"typing {pk} {names}", lambda: page(request, TYPING, {"pk": pk, "names": names}))


def context(request: HttpRequest, ticket: Ticket, **more: Any) -> dict[str, Any]:
    """Everything the page shows of a ticket."""
    member = member_of(request)
    facts = case.facts(ticket, member)
    now = timezone.now()
    limit = member.team.max_handlers
    limit_story = LONG if request.GET.get("whole") else SHOWN
    around, panels = case.beside(ticket, member)
    story = queries.ticket_story(ticket, member, limit=limit_story + 1)
    return {
        "ticket": ticket,
        "facts": facts,
        "story": tell_all(story[-limit_story:], member),
        "earlier": len(story) > limit_story,
        "dots": [(touch["name"], why_touched(touch)) for touch in facts.touches],
        "marks": MARKS,
        "causes": CAUSES,
        "handle_kinds": HANDLES,
        "order_states": ORDER_STATES,
        "deeds": offered(ticket, member),
        "mine": ticket.holder_id == member.pk,
        "send_to": None if ticket.holder_id == member.pk or not ticket.is_unresolved else queries.whom_to_send(ticket, now),
        "limit": limit,
        "beyond": beyond(ticket, facts, member, now),
        "sees_money": may(member, "see.money"),
        "may_contact": may(member, "ticket.contact") and ticket.status != "merged",
        "may_note": may(member, "ticket.note"),
        "may_attach": may(member, "ticket.attach"),
        "may_watch": may(member, "ticket.watch"),
        "may_promise": may(member, "ticket.promise"),
        "may_approve": may(member, "ticket.approve_handler"),
        "watching": any(watcher["member_id"] == member.pk for watcher in facts.watchers),
        "contact": ContactForm(ticket=ticket, member=member),
        "say_attrs": say_attrs(ticket, focus=bool(more)),
        "etag": live_tag(request, case.mark_of(ticket, story)),
        "panels": panels,
        "filing": f"ticket={ticket.pk}",
        **around,
        **more,
    }


def beyond(ticket: Ticket, facts: SimpleNamespace, member: Member, at: datetime) -> str:
    """What opens the ticket to a member who would be one handler too many: "ask" a manager, "asked" one, or a "reason". Empty where
    the limit does not stand in the way."""
    touched = {touch["member_id"] for touch in facts.touches}
    if not ticket.is_unresolved or len(touched) < member.team.max_handlers or member.pk in touched:
        return ""
    asked = {request["state"] for request in facts.requests if request["member_id"] == member.pk}
    if asked & set(HandlerRequest.PASSES):
        return ""
    if lets_through(member.team, member, at):
        return "reason"
    return "asked" if HandlerRequest.State.WAITING in asked else "ask"


def why_touched(touch: dict[str, Any]) -> str:
    """How somebody came to handle it, and the reason given where they went beyond the limit."""
    how = str(HOW.get(touch["how"], ""))
    return f"{how}: {touch['let_in']}" if touch["let_in"] else how


def say_attrs(ticket: Ticket, *, focus: bool) -> dict[str, str]:
    """What the entry box carries: where its quick replies are; after an answer of its own it takes the focus back."""
    attrs = {"data-key": "a", "placeholder": str(SAY), "maxlength": "8000", "data-scripts": reverse("script:offer", args=[ticket.pk])}
    return attrs | {"data-focus": ""} if focus else attrs
