"""What people type about their destinations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handover.message.models import Topic
from handover.message.rules import CHANNEL_TOPICS

CLOCK = {"type": "time"}


class ChoiceForm(forms.Form):
    """What goes to a destination, and when not."""

    name = forms.CharField(label=_("Name"), max_length=60, required=False, help_text=_("So that you know it again: the group, the phone."))
    topics = forms.MultipleChoiceField(
        label=_("What goes there"), choices=Topic.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    quiet_from = forms.TimeField(label=_("Quiet from"), required=False, widget=forms.TimeInput(attrs=CLOCK, format="%H:%M"))
    quiet_until = forms.TimeField(
        label=_("Quiet until"),
        required=False,
        widget=forms.TimeInput(attrs=CLOCK, format="%H:%M"),
        help_text=_("What falls in between is sent afterwards, in one message."),
    )
    is_active = forms.BooleanField(label=_("in use"), required=False)

    def __init__(self, *args: Any, channel: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if channel:
            self.fields["topics"].choices = [(code, label) for code, label in Topic.choices if code in CHANNEL_TOPICS]


class NewForm(ChoiceForm):
    """A new destination: its address is typed once and shown never again."""

    address = forms.CharField(
        label=_("Address of the robot"),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("What DingTalk, Feishu, WeCom or Slack show as the robot’s webhook, or an apprise URL. It is not shown again."),
    )
    secret = forms.CharField(
        label=_("Signing secret"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("DingTalk and Feishu: where the robot’s security setting is a signature."),
    )
    field_order = ("address", "secret", "name", "topics", "quiet_from", "quiet_until")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        del self.fields["is_active"]
