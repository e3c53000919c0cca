"""The entry panel: one line pasted, what happened, why, what was promised."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.customer.models import HandleKind
from tickets.people.models import Shop
from tickets.ticket import rules
from tickets.ticket.forms.deeds import WHEN_HELP
from tickets.ticket.forms.fields import ReasonField, TagsField, TeamField, TeamForm
from tickets.ticket.models import Severity, Ticket
from tickets.web.when import WhenField

HANDLES = [(code, name) for code, name in HandleKind.choices if code not in ("phone", "email")]


class ShopField(TeamField):
    """A shop of the team by name; cleans to the Shop or None."""

    def clean(self, value: Any) -> Shop | None:
        name = super().clean(value).strip()
        if not name:
            return None
        own = Shop.objects.filter(team_id=self.member.team_id, is_active=True)
        found = own.filter(name__iexact=name).first() or own.filter(name__icontains=name).first()
        if found is None:
            raise forms.ValidationError(_("No shop is called “%(name)s”."), params={"name": name})
        return found


class EntryForm(TeamForm):
    """A matter in one go. `promise` needs `by` and the other way round; an unknown order is logged along when its shop is named."""

    who = forms.CharField(label=_("order number, handle or phone"), max_length=160)
    customer = forms.IntegerField(required=False, widget=forms.HiddenInput)
    platform = forms.ChoiceField(label=_("platform"), choices=HANDLES, required=False)
    shop = ShopField(label=_("shop"), max_length=80, required=False)
    buyer = forms.CharField(label=_("buyer's handle"), max_length=160, required=False)
    item = forms.CharField(label=_("what was bought"), max_length=300, required=False)
    amount = forms.DecimalField(label=_("amount"), min_value=0, max_digits=14, decimal_places=2, required=False)
    what = forms.CharField(label=_("what happened"), max_length=8000)
    reason = ReasonField(label=_("reason"), max_length=130, required=False)
    due_at = WhenField(label=_("promised by"), required=False, help_text=WHEN_HELP)
    promise = forms.CharField(label=_("what was promised"), max_length=300, required=False)
    severity = forms.ChoiceField(label=_("severity"), choices=Severity.choices, required=False)
    kind = forms.ChoiceField(label=_("kind"), choices=Ticket.Kind.choices, required=False)
    channel = forms.ChoiceField(label=_("channel"), choices=Ticket.Channel.choices, required=False)
    next_action = forms.CharField(label=_("next action"), max_length=300, required=False)
    next_at = WhenField(label=_("when"), required=False, help_text=WHEN_HELP)
    tags = TagsField(label=_("tags"), max_length=320, required=False)
    complaint = forms.ChoiceField(label=_("complaint"), choices=[("", "—"), *Ticket.Complaint.choices], required=False)
    to_pool = forms.BooleanField(label=_("leave it in the pool"), required=False)
    anyway = forms.BooleanField(required=False)
    add_to = forms.IntegerField(required=False)
    how = forms.ChoiceField(choices=[("answered", ""), ("routed", ""), ("note", "")], required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        missing = rules.missing_of_promise(data.get("promise", ""), data.get("due_at"))
        if missing and missing[0] not in self.errors:
            self.add_error(*missing)
        return data

    def texts(self) -> tuple[str, str]:
        """Subject and body: the first line is the subject; what does not fit is in the body, whole."""
        what = self.cleaned_data["what"].strip()
        first = what.partition("\n")[0].strip()
        if first == what and len(first) <= 160:
            return first, ""
        return (first if len(first) <= 160 else first[:159] + "…"), what
