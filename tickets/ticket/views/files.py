"""Pictures and PDFs of a ticket: in through one door, out through one door, never run."""

from __future__ import annotations

from dataclasses import replace

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tickets.ticket import actions
from tickets.ticket.deeds import DEEDS
from tickets.ticket.forms.deeds import FileForm
from tickets.ticket.models import Attachment
from tickets.ticket.views.deeds import answer, done, refused_answer
from tickets.ticket.views.show import ticket_or_404
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused

ADD = replace(DEEDS["edit"], name="files", label=_("Add files"), form=FileForm, right="ticket.attach", icon="upload", press="")


@door(GET="ticket.attach", POST="ticket.attach")
def files(request: HttpRequest, pk: int) -> HttpResponse:
    """Take files in, all or none. What each is is read from its first bytes (the action), never from its name."""
    member = member_of(request)
    ticket = ticket_or_404(pk, member)
    if request.method != "POST":
        return answer(request, ticket, ADD, FileForm(ticket=ticket, member=member), status=200)
    form = FileForm(request.POST, request.FILES, ticket=ticket, member=member)
    if not form.is_valid():
        return answer(request, ticket, ADD, form, status=422)
    try:
        kept = actions.attach_all(ticket, by=member, files=form.cleaned_data["file"])
    except Refused as refused:
        return refused_answer(request, ticket, ADD, form, refused)
    said = ngettext("The file is there.", "%(count)s files are there.", len(kept)) % {"count": len(kept)}
    return done(request, ticket.pk, said)


@door(GET="ticket.read")
def file(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Hand a file out: its type as recognised, no sniffing, sandboxed, and anything but a picture as a download."""
    member = member_of(request)
    found = Attachment.objects.filter(pk=file, ticket_id=pk, team_id=member.team_id).first()
    if found is None:
        raise Http404
    tag = f'"{found.sha256}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        return _guarded(HttpResponse(status=304), tag)
    try:
        content = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    picture = found.content_type.startswith("image/")
    response = FileResponse(content, content_type=found.content_type, as_attachment=not picture, filename=found.name)
    return _guarded(response, tag)


def _guarded(response: HttpResponse, tag: str) -> HttpResponse:
    """Nothing in the file may run or be guessed at; who may see it is asked each time, also where the browser kept a copy."""
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; img-src 'self'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
