"""The page on which a manager sets up the team's mailbox and sees what came."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tickets.mail import actions, queries
from tickets.mail.forms import MailboxForm
from tickets.people.models import Member
from tickets.web.doors import door
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other

FIELDS = ("address", "host", "port", "security", "username", "folder", "is_on")


@door(GET="mail.edit", POST="mail.edit")
def index(request: HttpRequest) -> HttpResponse:
    """The mailbox, and the newest letters with what became of each."""
    member: Member = request.member  # type: ignore[attr-defined]
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
    context = {"form": form, "box": box, "letters": queries.letters_of(member)}
    return page(request, "tickets/mail/index.html", context, block="mail", status=422 if form.errors else 200)
