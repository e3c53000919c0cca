"""What people type about customers."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.customer.models import HandleKind


class EditForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    note = forms.CharField(label=_("Note"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class HandleForm(forms.Form):
    kind = forms.ChoiceField(label=_("Where"), choices=HandleKind.choices)
    value = forms.CharField(label=_("Handle, phone or e-mail"), max_length=160)


class MergeForm(forms.Form):
    """`other` is the customer that becomes a part of this one: a number, or any of its handles."""

    other = forms.CharField(label=_("The other customer: number or any handle"), max_length=160)
