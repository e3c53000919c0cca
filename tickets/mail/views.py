"""The page on which a manager sets up the team's mailbox and sees what came."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.mail import actions, queries
from tickets.mail.forms import MailboxForm
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other
from tickets.web.sheets import Column, as_file, cell

NEWEST = 50
COLUMNS: tuple[Column, ...] = (
    (gettext_lazy("When"), cell("at")),
    (gettext_lazy("From"), cell("sender")),
    (gettext_lazy("Subject"), cell("subject")),
    (gettext_lazy("What became of it"), cell("get_outcome_display")),
    (gettext_lazy("Ticket"), lambda row: row.ticket_id or ""),
    (gettext_lazy("Not kept"), lambda row: ", ".join(row.left_out)),
)
FIELDS = ("address", "host", "port", "security", "username", "folder", "is_on")


@door(GET="mail.edit", POST="mail.edit")
def index(request: HttpRequest) -> HttpResponse:
    """The mailbox, and the newest letters with what became of each."""
    member = member_of(request)
    if request.method == "GET" and (file := as_file(request, "letters", COLUMNS, queries.letters_of(member))):
        return file
    box = queries.mailbox_of(member)
    initial = {name: getattr(box, name) for name in FIELDS} if box else None
    form = MailboxForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_mailbox(by=member, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return see_other(request, reverse("mail:index"))
        except Refused as refused:
            if refused.code != "invalid":
                raise
            for name, texts in (refused.errors or {}).items():
                form.add_error(name if name in form.fields else None, [str(text) for text in texts])
    context = {"form": form, "box": box, "letters": queries.letters_of(member)[:NEWEST]}
    return page(request, "tickets/mail/index.html", context, block="mail", status=422 if form.errors else 200)


@door(POST="mail.edit")
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a letter after all that was kept away from the matters."""
    member = member_of(request)
    row = actions.take_after_all(get_object_or_404(queries.letters_of(member), pk=pk), by=member)
    messages.success(request, _("Taken: it is in #%(number)s.") % {"number": row.ticket_id})
    return see_other(request, reverse("mail:index"))
