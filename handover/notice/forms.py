"""A notice as it is typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handover.notice.models import Notice
from tickets.people.models import Member, Shop


class NoticeForm(forms.ModelForm):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Notice
        fields = ["text", "kind", "shop", "valid_from", "valid_until"]
        labels = {"valid_from": _("From")}
        widgets = {
            "text": forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            "valid_from": forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
            "valid_until": forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        }

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = Shop.objects.filter(team_id=member.team_id, is_active=True)
        self.fields["shop"].empty_label = _("all")
        self.fields["valid_from"].required = False
        for name in ("valid_from", "valid_until"):
            self.fields[name].input_formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
        if self.instance.pk:
            self.initial |= {"version": self.instance.version, "text": self.instance.said}

    def _post_clean(self) -> None:
        """The action decides and saves; the form only reads what was typed."""

    def values(self) -> dict[str, Any]:
        """What was typed, as the action takes it."""
        values = {name: self.cleaned_data[name] for name in self.Meta.fields}
        if self.instance.pk and values["text"] == self.instance.said:
            values["text"] = self.instance.text  # left as it was shown
        return values
