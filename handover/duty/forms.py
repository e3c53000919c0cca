"""What people type about duty."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.people.fields import MemberField
from tickets.people.models import Team


class LetInForm(forms.Form):
    """Whom a manager lets in, and why."""

    reason = forms.CharField(label=_("why without the digest"), max_length=300)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"] = MemberField(team=team, label=_("who"))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("why"), max_length=300)


class ExtendForm(forms.Form):
    """Until when, in the team's time (the zone that is active during a request)."""

    until = forms.DateTimeField(label=_("until"))
