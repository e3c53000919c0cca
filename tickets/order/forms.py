"""What people type about orders: logging one in ten seconds, filtering the list, bringing a file."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.order.actions import Line
from tickets.order.models import OrderStatus
from tickets.people.models import Member, Shop
from tickets.web.when import DayField

_ITEM = re.compile(r"^(?P<title>.+?)(?:\s*[x×*]\s*(?P<quantity>\d{1,4}))?(?:\s*[@¥￥$]\s*(?P<price>\d+(?:\.\d{1,2})?))?$")
ONE_PER_LINE = _("One product a line: name, then ×2 for the quantity and ¥59.90 for the price of one, where they matter.")
NOT_READ = _("This line cannot be read: %(line)s")


class LogForm(forms.Form):
    """An order as an agent types it beside the chat. `items`: one product a line, `name ×2 ¥59.90`."""

    shop = forms.ModelChoiceField(label=_("Shop"), queryset=Shop.objects.none(), empty_label=None)
    number = forms.CharField(label=_("Order number"), max_length=64, widget=forms.TextInput(attrs={"autofocus": True}))
    handle = forms.CharField(label=_("Customer's handle or phone"), max_length=160, required=False)
    items = forms.CharField(
        label=_("Items"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}), help_text=ONE_PER_LINE
    )
    total = forms.DecimalField(label=_("Amount"), min_value=0, max_digits=12, decimal_places=2, required=False)
    request = forms.CharField(label=_("Special request"), max_length=2000, required=False)
    sold_by = forms.ModelChoiceField(label=_("Sold by"), queryset=Member.objects.none(), required=False, empty_label=None)

    def __init__(self, member: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = Shop.objects.filter(team=member.team_id, is_active=True)
        sellers = Member.objects.visible_to(member).active()
        self.fields["sold_by"].queryset = sellers
        self.fields["sold_by"].initial = member.pk

    def clean_items(self) -> list[Line]:
        return [line_of(text) for text in self.cleaned_data["items"].splitlines() if text.strip()]


def line_of(text: str) -> Line:
    """`保温杯 ×2 ¥59.90` as a line; quantity 1 and price 0 where they are not given. Raises ValidationError."""
    match = _ITEM.match(text.strip())
    if match is None:
        raise forms.ValidationError(NOT_READ, params={"line": text})
    try:
        return Line(match["title"].strip(), int(match["quantity"] or 1), Decimal(match["price"] or 0))
    except InvalidOperation as wrong:
        raise forms.ValidationError(NOT_READ, params={"line": text}) from wrong


class FilterForm(forms.Form):
    """What of the orders is listed; every field is a parameter of the address."""

    q = forms.CharField(label=_("Number, phone or words"), required=False, max_length=160)
    shop = forms.ModelChoiceField(label=_("Shop"), queryset=Shop.objects.none(), required=False, empty_label=_("all shops"))
    status = forms.ChoiceField(label=_("Status"), choices=[("", _("any status")), *OrderStatus.choices], required=False)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)
    customer = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, member: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = Shop.objects.filter(team=member.team_id)


class UploadForm(forms.Form):
    shop = forms.ModelChoiceField(label=_("Shop"), queryset=Shop.objects.none(), empty_label=None)
    file = forms.FileField(label=_("The export, unopened: csv, xlsx or xls"))

    def __init__(self, member: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = Shop.objects.filter(team=member.team_id, is_active=True)


class PushDoorForm(forms.Form):
    """How Shopify sends a shop's orders. The key is never shown again; left empty, the one there is stays."""

    domain = forms.CharField(label=_("The shop's address at Shopify"), max_length=255, help_text="lotus.myshopify.com")
    secret = forms.CharField(
        label=_("Key that the messages are signed with"),
        max_length=200,
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Left empty, the key stays as it is."),
    )
    new_address = forms.BooleanField(label=_("Make a new address; the old one stops working"), required=False)
