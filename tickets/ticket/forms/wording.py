"""Forms of the team's own words."""

from __future__ import annotations

from typing import Any

from django import forms

from tickets.people.models import Member
from tickets.ticket.models import Reason, Resolution


class ReasonForm(forms.ModelForm):
    """A reason: in a group, or a group itself."""

    class Meta:
        model = Reason
        fields = ("name", "parent", "fault", "place", "is_active")

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = Reason.objects.visible_to(member).filter(parent__isnull=True).exclude(pk=self.instance.pk)
        self.fields["parent"].queryset = groups  # type: ignore[attr-defined]
        self.fields["parent"].required = False


class ResolutionForm(forms.ModelForm):
    class Meta:
        model = Resolution
        fields = ("name", "place", "is_active")
