"""A form's field for one colleague, named by account or by name: what `ui.member_picker` sends."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Team
from tickets.people.queries import named

NOBODY = _("Nobody here, or more than one person, is called “%(name)s”.")


class MemberField(forms.CharField):
    """Cleans to the active member of `team` with this account, or, if only one is called so, this name."""

    def __init__(self, *, team: Team, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 150, **kwargs})
        self.team = team

    def clean(self, value: Any) -> Member | None:
        text = super().clean(value)
        if not text:
            return None
        found = named(self.team, {text})
        accounts = [member for member in found if member.user.username == text]
        if len(accounts or found) != 1:
            raise forms.ValidationError(NOBODY, params={"name": text})
        return (accounts or found)[0]
