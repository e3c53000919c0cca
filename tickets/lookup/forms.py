"""What people type about customers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.customer.models import HandleKind
from tickets.lookup.actions import Line
from tickets.ticket import rules
from tickets.web.when import DayField, WhenField


class EditForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    note = forms.CharField(label=_("Note"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class HandleForm(forms.Form):
    kind = forms.ChoiceField(label=_("Where"), choices=HandleKind.choices)
    value = forms.CharField(label=_("Handle, phone or e-mail"), max_length=160)


class MergeForm(forms.Form):
    """`other` is the customer that becomes a part of this one: a number, or any of its handles."""

    other = forms.CharField(label=_("The other customer: number or any handle"), max_length=160)


class ListForm(forms.Form):
    """What of the customers is listed; every field is a parameter of the address."""

    q = forms.CharField(label=_("Name, handle, phone or words"), required=False, max_length=160)
    kind = forms.ChoiceField(label=_("Known from"), choices=[("", _("anywhere")), *HandleKind.choices], required=False)
    matters = forms.ChoiceField(
        label=_("Matters"), choices=[("", _("any")), ("open", _("something is open")), ("none", _("nothing is open"))], required=False
    )
    since = DayField(label=_("First met from"), required=False)
    until = DayField(label=_("First met to"), required=False)

    def shown(self, name: str) -> str:
        """What was chosen, in words."""
        said = str(self.data.get(name, ""))
        return str(dict(getattr(self.fields[name], "choices", ())).get(said, said))


class PanelForm(forms.Form):
    """The entry of the side panel: whose it is says the address; a line, a promise, or both. `add_to` empty: a new matter."""

    what = forms.CharField(label=_("What happened"), max_length=8000, required=False)
    promise = forms.CharField(label=_("What was promised"), max_length=300, required=False)
    due_at = WhenField(label=_("Promised by"), required=False)
    add_to = forms.IntegerField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        missing = rules.missing_of_promise(data.get("promise", ""), data.get("due_at"))
        if missing and missing[0] not in self.errors:
            self.add_error(*missing)
        if not (data.get("what") or data.get("promise") or self.errors):
            self.add_error("what", _("Say what happened, or what was promised."))
        return data

    def line(self) -> Line:
        """What was typed. The open ones were shown and none was chosen: a new matter is meant."""
        return Line(**self.cleaned_data, anyway="add_to" in self.data)
