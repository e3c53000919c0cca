"""A manager's answer to somebody who would be one handler too many."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from tickets.ticket import actions
from tickets.ticket.models import HandlerRequest
from tickets.ticket.views.deeds import done
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused

DECIDE = {"approve": actions.approve_handler, "refuse": actions.refuse_handler}


@door(POST="ticket.approve_handler")
def handler(request: HttpRequest, pk: int, asked: int) -> HttpResponse:
    """Approve or refuse, with a reason. Refuses `invalid` without one, `same_hand` for one's own request."""
    member = member_of(request)
    found = HandlerRequest.objects.filter(pk=asked, ticket_id=pk, team_id=member.team_id).select_related("ticket", "member").first()
    if found is None:
        raise Http404
    decide = DECIDE.get(request.POST.get("answer", ""))
    if decide is None:
        raise Refused("invalid", errors={"answer": [_("Approve or refuse.")]})
    decide(found, by=member, reason=request.POST.get("reason", "")[:1000])
    return done(request, pk, str(_("The answer is given; %(name)s has been told.") % {"name": found.member.display_name}))
