"""Fields that read names as people type them: a colleague, a reason, tags. They know the team they look in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member
from tickets.ticket import queries
from tickets.ticket.models import Reason, Resolution

NO_MEMBER = _("Nobody in the team is called “%(name)s”.")
NO_REASON = _("No reason is called “%(name)s”. Choose one from the list.")
MANY_REASONS = _("“%(name)s” fits several reasons: %(some)s.")
ARROW = " › "
FITS: tuple[Callable[[str, str, str], bool], ...] = (
    lambda wanted, path, leaf: wanted in (path, leaf),
    lambda wanted, path, leaf: leaf.startswith(wanted),
    lambda wanted, path, leaf: wanted in path,
)
"""How a typed word may name a reason, the surest way first."""


class TeamForm(forms.Form):
    """A form of one member: its fields find their rows in that member's team only."""

    required_css_class = "required"

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        self.member = member
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, TeamField):
                field.member = member
        first = next((field for field in self.fields.values() if not field.widget.is_hidden), None)
        if first is not None:
            first.widget.attrs.setdefault("data-focus", "")


class TeamField(forms.CharField):
    """Text that names a row of the team."""

    member: Member


class MemberField(TeamField):
    """A colleague by user name or display name; cleans to the Member or None."""

    widget = forms.TextInput(attrs={"list": "members", "autocomplete": "off", "spellcheck": "false"})

    def clean(self, value: Any) -> Member | None:
        name = super().clean(value).strip().removeprefix("@")
        if not name:
            return None
        own = Member.objects.visible_to(self.member).active().select_related("user", "presence", "team")
        found = own.filter(Q(user__username__iexact=name) | Q(display_name__iexact=name)).first()
        if found is None:
            raise forms.ValidationError(NO_MEMBER, params={"name": name})
        return found


class ReasonField(TeamField):
    """A leaf of the team's reasons, by its name or `Group › Name`, or by any part that fits only one; cleans to the Reason or None."""

    widget = forms.TextInput(attrs={"list": "reasons", "autocomplete": "off", "spellcheck": "false"})

    def clean(self, value: Any) -> Reason | None:
        name = super().clean(value).strip()
        if not name:
            return None
        wanted = name.casefold()
        leaves = reason_leaves(self.member)
        for fits in FITS:
            found = [reason for path, reason in leaves if fits(wanted, path.casefold(), reason.name.casefold())]
            if len(found) == 1:
                return found[0]
            if found:
                some = _(", ").join(reason.name for reason in found[:4])
                raise forms.ValidationError(MANY_REASONS, params={"name": name, "some": some})
        raise forms.ValidationError(NO_REASON, params={"name": name})


def reason_leaves(member: Member) -> list[tuple[str, Reason]]:
    """The reasons that may be chosen, each with its path `Group › Name`, in the team's order."""
    found = queries.leaves(member)
    return [(f"{reason.parent.name}{ARROW}{reason.name}" if reason.parent else reason.name, reason) for reason in found]


class ResolutionField(forms.ModelChoiceField):
    """How a matter ended, from the team's list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Resolution.objects.none(), **kwargs)

    def of(self, member: Member) -> None:
        self.queryset = Resolution.objects.filter(team_id=member.team_id, is_active=True)


class TagsField(forms.CharField):
    """Words apart by commas or blanks; cleans to a list, each once, at most ten of thirty characters."""

    def clean(self, value: Any) -> list[str]:
        words = super().clean(value).replace("，", ",").replace("、", ",").replace(",", " ").split()
        if len(words) > 10 or any(len(word) > 30 for word in words):
            raise forms.ValidationError(_("At most ten tags of at most thirty characters."))
        return list(dict.fromkeys(word.removeprefix("#") for word in words if word != "#"))
