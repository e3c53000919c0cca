"""Quick replies and campaigns as they are typed, and what narrows their lists."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Shop
from tickets.script.models import Campaign, Script
from tickets.ticket.models import Reason

MINUTES = "%Y-%m-%dT%H:%M"


class Typed(forms.ModelForm):
    """Reads what was typed; the action decides and saves. `version` is what the writer saw."""

    version = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # what was chosen once stays choosable: saving something else must not take it away
        mine = Shop.objects.filter(team_id=member.team_id)
        self.fields["shop"].queryset = mine.filter(Q(is_active=True) | Q(pk=self.instance.shop_id))
        self.fields["shop"].empty_label = _("all shops")
        if self.instance.pk:
            self.initial["version"] = self.instance.version

    def _post_clean(self) -> None:
        """No model is filled: the action checks the values as they are."""

    def values(self) -> dict[str, Any]:
        """What was typed, as the action takes it."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def accept(self, version: int) -> None:
        """The writer is shown what it says now: saving again is a decision, not an accident."""
        data = self.data.copy()
        data["version"] = str(version)
        self.data = data


def leaves(member: Member, chosen: int | None) -> QuerySet[Reason]:
    """The reasons that may be chosen, with the one that was."""
    mine = Reason.objects.visible_to(member).filter(children__isnull=True)
    return mine.filter(Q(is_active=True) | Q(pk=chosen)).select_related("parent")


class ScriptForm(Typed):
    class Meta:
        model = Script
        fields = ["shortcut", "title", "body", "shop", "reason"]
        widgets = {
            "shortcut": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            "body": forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        }
        help_texts = {
            "shortcut": _("One word. In an answer, type / and this word."),
            "body": _("{customer}, {order} and {agent} are filled in on the ticket."),
        }

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, member=member, **kwargs)
        self.fields["reason"].queryset = leaves(member, self.instance.reason_id)
        self.fields["reason"].empty_label = _("any reason")


class CampaignForm(Typed):
    class Meta:
        model = Campaign
        fields = ["name", "text", "shop", "starts_at", "ends_at"]
        widgets = {
            "text": forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
            "starts_at": forms.DateTimeInput(format=MINUTES, attrs={"type": "datetime-local"}),
            "ends_at": forms.DateTimeInput(format=MINUTES, attrs={"type": "datetime-local"}),
        }

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, member=member, **kwargs)
        for name in ("starts_at", "ends_at"):
            self.fields[name].input_formats = [MINUTES, "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]


class NarrowForm(forms.Form):
    """The search field and the shops above a list."""

    q = forms.CharField(label=_("search"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search", "dir": "auto"}))
    shop = forms.ModelChoiceField(label=_("shop"), queryset=Shop.objects.none(), required=False, empty_label=_("all shops"))

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = Shop.objects.filter(team_id=member.team_id)
