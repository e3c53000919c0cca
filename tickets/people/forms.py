"""Forms of the team's settings and of one's own."""

from __future__ import annotations

from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Role, Shop, Team, User
from tickets.people.scopes import Scope


class MemberForm(forms.Form):
    """Somebody who is here already."""

    display_name = forms.CharField(label=_("name"), max_length=60)
    roles = forms.MultipleChoiceField(label=_("roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple)


class NewMemberForm(MemberForm):
    username = forms.RegexField(r"^[\w.@+-]+$", label=_("sign-in name"), max_length=150)
    email = forms.EmailField(label=_("e-mail"), required=False)
    field_order = ("username", "display_name", "email", "roles")


class TeamSettingsForm(forms.ModelForm):
    """Name, clock and limits of a team."""

    class Meta:
        model = Team
        fields = (
            "name", "time_zone", "region", "currency", "max_handlers", "no_manager", "remind_before", "escalate_after", "duty_grace",
            "compensation_cap",
        )  # fmt: skip

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        if zone not in available_timezones():
            raise forms.ValidationError(_("There is no such time zone."))
        return zone


class LeadForm(forms.Form):
    lead = forms.ModelChoiceField(label=_("lead"), queryset=Member.objects.none(), empty_label=None)

    def __init__(self, *args: object, team: Team, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["lead"]
        field.queryset = Member.objects.filter(team=team).active().with_role(Role.MANAGER)


class ShopForm(forms.ModelForm):
    class Meta:
        model = Shop
        fields = ("name", "platform", "currency", "time_zone", "is_active")


class OwnForm(forms.ModelForm):
    """Language and appearance; an empty language is the browser's."""

    language = forms.ChoiceField(label=_("language"), required=False, choices=[("", _("as the browser")), *settings.LANGUAGES])

    class Meta:
        model = User
        fields = ("language", "theme")


class TokenForm(forms.Form):
    """A token for one purpose: as little as it needs, as long as it needs it."""

    name = forms.CharField(label=_("what it is for"), max_length=60)
    scopes = forms.MultipleChoiceField(label=_("scopes"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple)
    days = forms.ChoiceField(
        label=_("works for"), choices=[("30", _("30 days")), ("90", _("90 days")), ("365", _("one year"))], initial="90"
    )
    per_minute = forms.IntegerField(
        label=_("calls a minute"), min_value=1, max_value=6000, required=False, help_text=_("Empty: as the server sets it.")
    )
