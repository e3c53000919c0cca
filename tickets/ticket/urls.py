"""/ and /tickets/: the desk, the lists, one ticket, the deeds on it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from tickets.ticket.deeds import DEEDS
from tickets.ticket.views import bulk, deeds, desk, entry, files, handlers, lists, promises, saved, show, wording
from tickets.web.doors import door
from tickets.web.replies import page, see_other, wants_fragment

app_name = "ticket"


@door(GET="ticket.read")
def nothing(request: HttpRequest, pk: int) -> HttpResponse:
    """The place of a deed's form, empty again; as a page of its own it is the ticket's."""
    if not wants_fragment(request):
        return see_other(request, reverse("ticket:show", args=[pk]))
    return page(request, "tickets/ticket/nothing.html", block="deed")


urlpatterns = [
    path("", desk.root, name="home"),
    # /desk/
    path("desk/", desk.show, name="desk"),
    path("desk/live/", desk.show_live, name="desk_live"),
    # /tickets/
    path("tickets/", lists.index, name="list"),
    path("tickets/filters/", lists.filters, name="filters"),
    path("tickets/export.<str:kind>", lists.download, name="export"),
    path("tickets/bulk/", bulk.bulk, name="bulk"),
    path("tickets/views/", saved.save, name="save_view"),
    path("tickets/views/<int:pk>/open/", saved.open_with, name="open_with"),
    path("tickets/views/plainly/", saved.open_plainly, name="open_plainly"),
    path("tickets/views/<int:pk>/forget/", saved.forget, name="forget_view"),
    path("tickets/views/restore/", saved.restore, name="restore_view"),
    path("tickets/new/", entry.new, name="new"),
    path("tickets/new/look/", entry.look, name="look"),
    # /tickets/<number>/
    path("tickets/<int:pk>/", show.show, name="show"),
    path("tickets/<int:pk>/live/", show.show_live, name="live"),
    path("tickets/<int:pk>/typing/", show.typing, name="typing"),
    path("tickets/<int:pk>/nothing/", nothing, name="nothing"),
    path("tickets/<int:pk>/contact/", deeds.contact, name="contact"),
    path("tickets/<int:pk>/files/", files.files, name="files"),
    path("tickets/<int:pk>/files/<int:file>/", files.file, name="file"),
    path("tickets/<int:pk>/handlers/<int:asked>/", handlers.handler, name="handler"),
    *[path(f"tickets/<int:pk>/{deed.name}/", deeds.deed_view(deed), name=deed.name) for deed in DEEDS.values()],
    # /team/: the words that a team may edit
    path("team/reasons/", wording.reasons, name="reasons"),
    path("team/reasons/add/", wording.reason, name="add_reason"),
    path("team/reasons/<int:pk>/", wording.reason, name="reason"),
    path("team/resolutions/", wording.resolutions, name="resolutions"),
    path("team/resolutions/add/", wording.resolution, name="add_resolution"),
    path("team/resolutions/<int:pk>/", wording.resolution, name="resolution"),
    # /promises/
    path("promises/<int:pk>/keep/", promises.keep, name="keep"),
    path("promises/<int:pk>/stand/", promises.stand, name="stand"),
    path("promises/<int:pk>/withdraw/", promises.withdraw, name="withdraw"),
]
