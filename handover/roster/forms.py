"""What people type about the roster. Times are the team's: its zone is active during a request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from handover.roster.models import ShiftPattern
from tickets.people.fields import MemberField
from tickets.people.models import Team

UNKNOWN = _("No shift is called “%(word)s” here.")
FREE = {"-", "/", "休", "off"}


@dataclass(frozen=True)
class Edit:
    """One cell of the week's grid that somebody changed."""

    member: int
    day: date
    was: frozenset[int]
    value: str


def edits(posted: Iterable[tuple[str, str]], week_values: dict[int, str]) -> list[Edit]:
    """The cells whose text is not what the editor saw. `week_values`: the letters by pattern id. Other fields are passed over."""
    found = []
    for name, value in posted:
        parts = name.split(":")
        if parts[0] != "c" or len(parts) != 4:
            continue
        try:
            was = frozenset(int(key) for key in parts[3].split("-") if key)
            edit = Edit(int(parts[1]), date.fromisoformat(parts[2]), was, value.strip())
        except ValueError:
            continue
        if sorted(edit.value.casefold().split()) != sorted(week_values.get(key, "").casefold() for key in was):
            found.append(edit)
    return found


def patterns_meant(text: str, patterns: list[ShiftPattern], letters: dict[int, str]) -> list[ShiftPattern]:
    """The patterns that a cell's text names by letter, name or the beginning of one only; nothing for an empty or crossed cell.

    Raises ValidationError for a word that means none of them, or several.
    """
    found = []
    for word in text.replace(",", " ").replace("，", " ").replace("+", " ").split():
        if word.casefold() in FREE:
            continue
        asked = word.casefold()
        exact = [p for p in patterns if asked in (letters[p.pk].casefold(), p.name.casefold())]
        meant = exact or [p for p in patterns if p.name.casefold().startswith(asked)]
        if len(meant) != 1:
            raise ValidationError(UNKNOWN, params={"word": word})
        found.append(meant[0])
    return found


class PatternForm(forms.ModelForm):
    class Meta:
        model = ShiftPattern
        fields = ["name", "letter", "starts", "ends", "min_people", "is_active"]
        widgets = {name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M") for name in ("starts", "ends")}


class RangeForm(forms.Form):
    """A person and a range of time."""

    start = forms.DateTimeField(label=_("from"))
    end = forms.DateTimeField(label=_("until"))
    reason = forms.CharField(label=_("why"), max_length=120, required=False)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"] = MemberField(team=team, label=_("who"))


class StandInForm(RangeForm):
    """Who stands in for which entry of a shift, and when."""

    entry = forms.IntegerField(widget=forms.HiddenInput)
