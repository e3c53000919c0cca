"""Who had a ticket, who touched it, and who asked to be one more."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Team
from tickets.ticket.models.ticket import Ticket


class Assignment(models.Model):
    """One change of holder; never changed, never deleted. Empty `from_member`/`to_member` is the pool."""

    class Cause(models.TextChoices):
        OPENED = "opened", _("opened")
        CLAIM = "claim", _("claimed")
        TRANSFER = "transfer", _("passed on")
        RELEASE = "release", _("put into the pool")
        TAKEOVER = "takeover", _("taken over at shift change")
        MERGE = "merge", _("merged")
        DEPARTURE = "departure", _("holder left")
        ABSENCE = "absence", _("holder absent")
        REOPEN = "reopen", _("reopened")
        IMPORT = "import", _("imported")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="assignments", db_index=False)
    from_member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    to_member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    cause = models.CharField(max_length=9, choices=Cause)
    reason = models.TextField(blank=True)
    next_step = models.CharField(max_length=300, blank=True)
    actor = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["ticket", "id"], name="assignment_of_ticket")]
        constraints = [
            models.CheckConstraint(
                condition=Q(cause="opened")
                | Q(from_member__isnull=True, to_member__isnull=False)
                | Q(from_member__isnull=False, to_member__isnull=True)
                | Q(from_member__isnull=False, to_member__isnull=False) & ~Q(from_member=F("to_member")),
                name="assignment_changes_the_holder",
            ),
            models.CheckConstraint(
                condition=~Q(cause="transfer") | ~Q(reason="") & ~Q(next_step=""), name="assignment_by_transfer_says_why_and_what_next"
            ),
        ]
        triggers = [pgtrigger.Protect(name="assignment_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.from_member_id} → {self.to_member_id}"


class HandlerRequest(models.Model):
    """Somebody beyond the limit wants to handle a ticket. Approved (or let through, where no manager is on duty), the touch may follow."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for a manager")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        LET_THROUGH = "let_through", _("Let through: no manager on duty")

    PASSES = (State.APPROVED.value, State.LET_THROUGH.value)

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="handler_requests")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=11, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(_("decision"), blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "member"], condition=Q(state="waiting"), name="handler_request_waits_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="handler_request_says_why"),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "refused"]) | Q(decided_by__isnull=False) & ~Q(decision=""),
                name="handler_request_is_decided_by_somebody_with_a_reason",
            ),
            models.CheckConstraint(condition=~Q(decided_by=F("member")), name="handler_request_is_not_decided_by_its_asker"),
        ]
        indexes = [models.Index(fields=["team", "id"], condition=Q(state="waiting"), name="handler_request_waiting")]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.member_id} {self.state}"


class Touch(models.Model):
    """A distinct person who answered the customer about the ticket, or took it by claim or transfer. `place` counts from 1."""

    class How(models.TextChoices):
        OPENED = "opened", _("logged it")
        ANSWERED = "answered", _("answered")
        CLAIM = "claim", _("claimed")
        TRANSFER = "transfer", _("passed on to")
        MERGE = "merge", _("came with a merged ticket")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="touched", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    place = models.PositiveSmallIntegerField()
    how = models.CharField(max_length=8, choices=How)
    request = models.ForeignKey(HandlerRequest, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "member"], name="touch_is_one_per_person"),
            models.UniqueConstraint(fields=["ticket", "place"], name="touch_places_do_not_repeat"),
            models.CheckConstraint(condition=Q(place__gte=1), name="touch_counts_from_one"),
        ]
        indexes = [models.Index(fields=["member", "-id"], name="touch_by_member")]
        triggers = [
            pgtrigger.Protect(name="touch_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="touch_beyond_the_limit_is_approved",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__how="merge"),
                declare=[("most", "integer"), ("have", "integer")],
                func="""
                    PERFORM 1 FROM tickets_ticket t WHERE t.id = NEW.ticket_id FOR NO KEY UPDATE;
                    SELECT team.max_handlers INTO most
                        FROM tickets_ticket t JOIN tickets_team team ON team.id = t.team_id WHERE t.id = NEW.ticket_id;
                    SELECT count(*) INTO have FROM tickets_touch x WHERE x.ticket_id = NEW.ticket_id AND x.member_id <> NEW.member_id;
                    IF have >= most AND NOT EXISTS (
                        SELECT 1 FROM tickets_handlerrequest r WHERE r.id = NEW.request_id AND r.ticket_id = NEW.ticket_id
                            AND r.member_id = NEW.member_id AND r.state IN ('approved', 'let_through')
                    ) THEN
                        RAISE EXCEPTION 'touch_beyond_the_limit_is_approved' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.place}. {self.member_id}"
