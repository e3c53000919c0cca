"""Views of the list that people keep under a name, for themselves or for the team."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from tickets.people.models import Member
from tickets.ticket import actions, listing, promising
from tickets.ticket.models import SavedView
from tickets.web.doors import door, member_of
from tickets.web.replies import see_other
from tickets.web.undo import offer, said, taken_back


@door(POST="view.save")
def save(request: HttpRequest) -> HttpResponse:
    """Keep the list's address under a name. Refuses `invalid` for an address that the list would not know."""
    member = member_of(request)
    query = _checked(QueryDict(request.POST.get("query", "").lstrip("?")))
    view = actions.save_view(by=member, name=request.POST.get("name", ""), query=query, shared=bool(request.POST.get("shared")))
    if request.POST.get("opens"):
        actions.open_with(view, by=member)
    messages.success(request, _("Kept as “%(name)s”.") % {"name": view.name})
    return see_other(request, f"{reverse('ticket:list')}?{view.query}")


def _checked(address: QueryDict) -> str:
    """The address as its list writes it, without a cursor."""
    read = promising.read_query if address.get("view") == "promises" else listing.read_query
    return read(address).address().lstrip("?")


def _view_or_404(pk: int, member: Member) -> SavedView:
    view = SavedView.objects.visible_to(member).filter(pk=pk).first()
    if view is None:
        raise Http404
    return view


@door(POST="view.save")
def open_with(request: HttpRequest, pk: int) -> HttpResponse:
    """Open one's list with this view from now on."""
    member = member_of(request)
    view = _view_or_404(pk, member)
    actions.open_with(view, by=member)
    messages.success(request, _("Your list opens with “%(name)s” from now on.") % {"name": view.name})
    return see_other(request, f"{reverse('ticket:list')}?{view.query}")


@door(POST="view.save")
def open_plainly(request: HttpRequest) -> HttpResponse:
    """Open one's list as everybody's opens."""
    actions.open_plainly(by=member_of(request))
    messages.success(request, _("Your list opens as usual again."))
    return see_other(request, reverse("ticket:list"))


@door(POST="view.save")
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a kept view: one's own, or a shared one as a manager."""
    member = member_of(request)
    view = _view_or_404(pk, member)
    was = {"owner": view.owner_id, "page": view.page, "name": view.name, "query": view.query, "shared": view.shared}
    was["opens_for"] = list(view.opens_for.values_list("member", flat=True))
    actions.delete_view(view, by=member)
    said(request, _("“%(name)s” is gone.") % {"name": view.name}, offer("ticket:restore_view", **was))
    return see_other(request, reverse("ticket:list"))


@door(POST="view.save")
def restore(request: HttpRequest) -> HttpResponse:
    """A view was removed by mistake."""
    view = actions.restore_view(taken_back(request), by=request.member)
    said(request, _("Kept as “%(name)s”.") % {"name": view.name})
    return see_other(request, f"{reverse('ticket:list')}?{view.query}")
