"""One small form per deed on a ticket."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.people.access import may
from tickets.ticket.forms.fields import MemberField, ReasonField, ResolutionField, TagsField, TeamForm
from tickets.ticket.models import Severity, Ticket
from tickets.web.numbers import whole_number
from tickets.web.when import WhenField

WHEN_HELP = _("19:30, +2h, tomorrow 10:00")
SHORT = {"rows": 2}


class DeedForm(TeamForm):
    """A deed on one ticket; `initial_of` is what the ticket already knows, so that nobody types it again."""

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        self.ticket = ticket
        kwargs["initial"] = self.initial_of(ticket) | (kwargs.get("initial") or {})
        kwargs.setdefault("auto_id", f"{type(self).__name__.lower()}-%s")
        super().__init__(*args, **kwargs)

    def initial_of(self, ticket: Ticket) -> dict[str, Any]:
        return {}


class NothingForm(DeedForm):
    """A deed that needs no words; `override_reason` is asked for only where the handler limit lets through with a reason."""

    override_reason = forms.CharField(max_length=1000, required=False, widget=forms.HiddenInput)


class OverrideForm(DeedForm):
    override_reason = forms.CharField(max_length=1000, required=False, widget=forms.HiddenInput)


class TransferForm(OverrideForm):
    to = MemberField(label=_("to"), max_length=150, help_text=_("First who had it before and is on duty, then who sold or answered last."))
    reason = forms.CharField(label=_("why"), max_length=1000, widget=forms.Textarea(attrs=SHORT))
    next_step = forms.CharField(label=_("next step"), max_length=300)

    def initial_of(self, ticket: Ticket) -> dict[str, Any]:
        return {"next_step": ticket.next_action}


class ContactForm(OverrideForm):
    text = forms.CharField(label=_("what was said"), max_length=8000, widget=forms.Textarea(attrs=SHORT))
    outcome = forms.ChoiceField(choices=[("answered", _("answered")), ("routed", _("routed")), ("note", _("note"))], required=False)
    channel = forms.ChoiceField(label=_("channel"), choices=Ticket.Channel.choices, required=False)

    def clean_outcome(self) -> str:
        """Sent from the keyboard no button is pressed: then the first one is meant, as the page says."""
        outcome: str = self.cleaned_data["outcome"]
        return outcome or ("answered" if may(self.member, "ticket.contact") else "note")


class ReleaseForm(DeedForm):
    reason = forms.CharField(label=_("why"), max_length=1000, required=False)


class PromiseForm(DeedForm):
    due_at = WhenField(label=_("by"), help_text=WHEN_HELP)
    text = forms.CharField(label=_("what the customer was told"), max_length=300)


class WaitForm(DeedForm):
    on = forms.ChoiceField(label=_("waiting on"), choices=Ticket.Waiting.choices, widget=forms.RadioSelect)
    next_action = forms.CharField(label=_("then do"), max_length=300, required=False)
    next_at = WhenField(label=_("look again"), required=False, help_text=WHEN_HELP)

    def initial_of(self, ticket: Ticket) -> dict[str, Any]:
        return {"on": ticket.waiting_on or Ticket.Waiting.CUSTOMER, "next_action": ticket.next_action}


class Resolving(TeamForm):
    """What every resolving is told, of one matter or of many."""

    resolution = ResolutionField(label=_("how it ended"), empty_label=None)
    text = forms.CharField(label=_("in a line"), max_length=1000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["resolution"]
        assert isinstance(field, ResolutionField)  # noqa: S101 - for the type checker
        field.of(self.member)


class ResolveForm(Resolving, DeedForm):
    pass


class ReopenForm(DeedForm):
    reason = forms.CharField(label=_("why"), max_length=1000)


class ComplainForm(DeedForm):
    level = forms.ChoiceField(label=_("what kind"), choices=Ticket.Complaint.choices, widget=forms.RadioSelect)
    text = forms.CharField(label=_("what they say"), max_length=1000, required=False)

    def initial_of(self, ticket: Ticket) -> dict[str, Any]:
        return {"level": ticket.complaint or Ticket.Complaint.BAD_REVIEW}


class MergeForm(DeedForm):
    into = forms.CharField(
        label=_("into ticket"), max_length=20, help_text=_("Its number. What is open moves there; the story stays readable.")
    )

    def clean_into(self) -> Ticket:
        number = whole_number(self.cleaned_data["into"].strip().removeprefix("#")) or 0
        found = Ticket.objects.visible_to(self.member).filter(pk=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no ticket of this number."))
        return found


class AskForm(DeedForm):
    reason = forms.CharField(label=_("why you should handle it"), max_length=1000, widget=forms.Textarea(attrs=SHORT))


class EditForm(DeedForm):
    """The ticket's own content. `version` is the one the writer saw: an older one is refused with the difference."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    subject = forms.CharField(label=_("subject"), max_length=160)
    body = forms.CharField(label=_("what happened"), required=False, max_length=20000, widget=forms.Textarea(attrs={"rows": 4}))
    severity = forms.ChoiceField(label=_("severity"), choices=Severity.choices, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=_("kind"), choices=Ticket.Kind.choices)
    reason = ReasonField(label=_("reason"), max_length=130, required=False)
    channel = forms.ChoiceField(label=_("channel"), choices=Ticket.Channel.choices)
    next_action = forms.CharField(label=_("next action"), max_length=300, required=False)
    next_at = WhenField(label=_("when"), required=False, help_text=WHEN_HELP, past_allowed=True)
    next_by = MemberField(label=_("by whom"), max_length=150, required=False)
    tags = TagsField(label=_("tags"), max_length=320, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.show_hidden_initial = name != "version"  # what the writer saw travels along, so that only their own changes are sent

    def initial_of(self, ticket: Ticket) -> dict[str, Any]:
        return content_of(ticket)


def content_of(ticket: Ticket) -> dict[str, Any]:
    """The ticket's content as the edit form writes it."""
    return {
        "version": ticket.version,
        "subject": ticket.subject,
        "body": ticket.body,
        "severity": ticket.severity,
        "kind": ticket.kind,
        "reason": ticket.reason.name if ticket.reason else "",
        "channel": ticket.channel,
        "next_action": ticket.next_action,
        "next_at": timezone.localtime(ticket.next_at).strftime("%Y-%m-%d %H:%M") if ticket.next_at else "",
        "next_by": ticket.next_by.display_name if ticket.next_by else "",
        "tags": " ".join(ticket.tags),
    }


class WithdrawForm(TeamForm):
    reason = forms.CharField(label=_("why"), max_length=1000)


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several; whether each can be taken decides the action, which reads it."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(FilesField, self).clean(file, initial) for file in data or [None]]


class FileForm(DeedForm):
    file = FilesField(
        label=_("pictures or PDF"),
        allow_empty_file=True,
        help_text=_("Several at once, too. On this page they can also be dropped, or pasted."),
        widget=FilesInput(
            attrs={
                "accept": "image/png,image/jpeg,image/gif,image/webp,application/pdf",
                "data-most": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
            }
        ),
    )
