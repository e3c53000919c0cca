"""One deed for many tickets: what it needs to be told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.ticket.forms.deeds import SHORT, WHEN_HELP, Resolving
from tickets.ticket.forms.fields import MemberField, TagsField, TeamForm
from tickets.ticket.models import Severity, Ticket
from tickets.web.when import WhenField


class BulkForm(TeamForm):
    """`arguments` are what the deed takes beside the tickets. A page of its own: typing goes into its first field at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for bound in self.visible_fields()[:1]:
            bound.field.widget.attrs["autofocus"] = True

    def arguments(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class TransferAll(BulkForm):
    to = MemberField(label=_("to"), max_length=150)
    reason = forms.CharField(label=_("why"), max_length=1000, widget=forms.Textarea(attrs=SHORT))
    next_step = forms.CharField(label=_("next step"), max_length=300)


class TagAll(BulkForm):
    add = TagsField(label=_("add tags"), max_length=320, required=False)
    remove = TagsField(label=_("remove tags"), max_length=320, required=False)


class SeverityAll(BulkForm):
    severity = forms.ChoiceField(label=_("severity"), choices=Severity.choices)


class WaitAll(BulkForm):
    on = forms.ChoiceField(label=_("waiting on"), choices=Ticket.Waiting.choices)
    next_at = WhenField(label=_("look again"), required=False, help_text=WHEN_HELP)


class ResolveAll(Resolving, BulkForm):
    pass


FORMS: dict[str, tuple[Any, type[BulkForm]]] = {
    "claim": (_("Take"), BulkForm),
    "transfer": (_("Pass on"), TransferAll),
    "wait": (_("Wait"), WaitAll),
    "resolve": (_("Resolve"), ResolveAll),
    "tag": (_("Tag"), TagAll),
    "severity": (_("Severity"), SeverityAll),
    "release": (_("To the pool"), BulkForm),
}
"""Deed of `actions.bulk` → its label and its form, in the order of the buttons."""
