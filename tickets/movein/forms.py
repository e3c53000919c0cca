"""Bringing a file of another system."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.movein.models import System


class MoveForm(forms.Form):
    system = forms.ChoiceField(label=_("From"), choices=System.choices)
    file = forms.FileField(label=_("The export, unopened: JSON, one document a line, or csv"))
