"""The handover note: what one person leaves to the next shift, item by item."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handover.duty.models import Duty
from handover.roster.models import Shift
from tickets.people.models import Member, Team
from tickets.ticket.models import Severity, Ticket

REFUSE_SIGNED = """
    IF EXISTS (SELECT 1 FROM handover_note n WHERE n.id = OLD.note_id AND n.signed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'note_item_of_a_signed_note_does_not_change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
"""


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, member: Member) -> NoteQuerySet:
        return self.filter(team_id=member.team_id)


class Note(models.Model):
    """One person's note for one duty. A draft until signed, then it does not change. `built_by_system`: nobody wrote it."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, related_name="notes")
    duty = models.OneToOneField(Duty, models.PROTECT, related_name="note")
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, blank=True, related_name="notes")
    next_shift = models.ForeignKey(Shift, models.PROTECT, null=True, blank=True, related_name="+")
    unmet_wish = models.TextField(_("what customers asked for that we could not give"), blank=True)
    stock_outs = models.TextField(_("stock-outs"), blank=True)
    news = models.TextField(_("news for the shops"), blank=True)
    built_by_system = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    content_hash = models.CharField(max_length=64, blank=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(signed_at__isnull=True) ^ ~Q(content_hash=""), name="note_signed_has_a_hash"),
        ]
        indexes = [models.Index(fields=["team", "-signed_at"], condition=Q(signed_at__isnull=False), name="note_signed_newest")]
        triggers = [
            pgtrigger.Trigger(
                name="note_signed_does_not_change",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__signed_at__isnull=False),
                func="RAISE EXCEPTION 'note_signed_does_not_change' USING ERRCODE = 'check_violation';",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.started_at}"


class NoteItem(models.Model):
    """One matter in a note. `to_member` empty: the pool."""

    note = models.ForeignKey(Note, models.PROTECT, related_name="items")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="note_items")
    severity = models.CharField(_("severity"), max_length=7, choices=Severity)
    state = models.CharField(_("state"), max_length=300, blank=True)
    promise = models.CharField(_("last promise"), max_length=400, blank=True)
    next_action = models.CharField(_("next action"), max_length=300, blank=True)
    to_member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("to"))
    due_at = models.DateTimeField(_("by"), null=True, blank=True)
    if_then = models.CharField(_("if …, then …"), max_length=300, blank=True)
    typed = models.JSONField(default=list, help_text=_("The fields a person has typed; the system no longer fills these."))
    version = models.PositiveIntegerField(
        default=1, help_text=_("Counts what a person typed, so that two windows do not overwrite each other.")
    )

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["note", "ticket"], name="note_covers_a_ticket_once")]
        triggers = [
            pgtrigger.Trigger(
                name="note_item_of_a_signed_note_does_not_change",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=REFUSE_SIGNED,
            )
        ]

    def __str__(self) -> str:
        return f"{self.note_id}: {self.ticket_id}"


class NoteAddendum(models.Model):
    """A correction to a signed note, numbered from 1; it never changes itself."""

    note = models.ForeignKey(Note, models.PROTECT, related_name="addenda")
    number = models.PositiveSmallIntegerField()
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField(_("addendum"))
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["note", "number"], name="note_addenda_are_numbered"),
            models.CheckConstraint(condition=~Q(text=""), name="note_addendum_says_something"),
        ]
        triggers = [pgtrigger.Protect(name="note_addendum_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.note_id}.{self.number}"


class Offer(models.Model):
    """Custody offered by a signed note (or by a reader who names an owner). It passes when the receiver acknowledges.

    Until then the ticket stays with the signer and is shown to the lead; `escalated_at` says when the lead was told.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Not taken over yet")
        TAKEN = "taken", _("Taken over")
        POOLED = "pooled", _("Put into the pool")
        CLOSED = "closed", _("No longer needed")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="offers")
    item = models.ForeignKey(NoteItem, models.PROTECT, null=True, related_name="offers")
    from_member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    to_member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    offered_at = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(state="open"), name="offer_is_open_once_per_ticket"),
            models.CheckConstraint(condition=Q(state="open") ^ Q(closed_at__isnull=False), name="offer_closed_has_an_instant"),
        ]
        indexes = [
            models.Index(fields=["team", "offered_at"], condition=Q(state="open"), name="offer_open"),
            models.Index(fields=["to_member"], condition=Q(state="open"), name="offer_open_to_member"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} → {self.to_member_id} ({self.state})"
