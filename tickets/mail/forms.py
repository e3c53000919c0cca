"""Setting up the team's mailbox."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.mail.models import Mailbox


class MailboxForm(forms.Form):
    """Without a server letters are piped in; the password is never shown again."""

    address = forms.EmailField(label=_("Address that customers write to"), max_length=160)
    host = forms.CharField(
        label=_("IMAP server"),
        max_length=255,
        required=False,
        help_text=_("Left empty, your mail server pipes letters to manage.py receive_mail."),
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=993)
    security = forms.ChoiceField(label=_("Security"), choices=Mailbox.Security.choices)
    username = forms.CharField(label=_("User name"), max_length=255, required=False)
    password = forms.CharField(
        label=_("Password"),
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Left empty, the password stays as it is."),
    )
    folder = forms.CharField(label=_("Folder"), max_length=120, initial="INBOX")
    is_on = forms.BooleanField(label=_("Read it"), required=False, initial=True)
