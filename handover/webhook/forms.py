"""What managers type about webhooks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handover.webhook.rules import FAMILIES


class EndpointForm(forms.Form):
    """Where events go, and which."""

    url = forms.CharField(
        label=_("Address"), max_length=500, widget=forms.URLInput(attrs={"placeholder": "https://"}), help_text=_("Public, and https.")
    )
    name = forms.CharField(label=_("Name"), max_length=60, required=False)
    kinds = forms.MultipleChoiceField(
        label=_("Which events; none ticked: all"),
        choices=[(family, family) for family in FAMILIES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    is_active = forms.BooleanField(label=_("in use"), required=False, initial=True)

    def __init__(self, *args: Any, kinds: list[str] | None = None, **more: Any) -> None:
        """`kinds`: what is chosen now; codes that a program chose one by one stay choosable."""
        super().__init__(*args, **more)
        extra = [kind for kind in kinds or [] if kind not in FAMILIES]
        self.fields["kinds"].choices = [(kind, kind) for kind in (*FAMILIES, *extra)]


class ReplayForm(forms.Form):
    """From where events are sent again."""

    after = forms.IntegerField(label=_("Everything after the sequence number"), min_value=0, max_value=2**62)
