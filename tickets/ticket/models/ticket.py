"""One matter of one customer, its searchable text and its orders."""

from __future__ import annotations

from datetime import datetime

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tickets.customer.models import Customer
from tickets.order.models import Order
from tickets.people.models import Member, Shop, Team
from tickets.ticket.models.reasons import Reason, Resolution


class Severity(models.TextChoices):
    ACT_NOW = "act_now", _("Act now")
    WATCH = "watch", _("Watch")
    STABLE = "stable", _("Stable")


class Status(models.TextChoices):
    OPEN = "open", _("Open")
    WAITING = "waiting", _("Waiting")
    RESOLVED = "resolved", _("Resolved")
    MERGED = "merged", _("Merged")


UNRESOLVED = (Status.OPEN.value, Status.WAITING.value)


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, member: Member) -> TicketQuerySet:
        return self.filter(team_id=member.team_id)

    def unresolved(self) -> TicketQuerySet:
        return self.filter(status__in=UNRESOLVED)

    def in_pool(self) -> TicketQuerySet:
        return self.unresolved().filter(holder__isnull=True)

    def held_by(self, member: Member) -> TicketQuerySet:
        return self.unresolved().filter(holder=member)

    def due_before(self, at: datetime) -> TicketQuerySet:
        return self.unresolved().filter(due_at__lt=at)

    def complained(self, level: str) -> TicketQuerySet:
        """With a complaint of this level, or of `any`."""
        return self.exclude(complaint="") if level == "any" else self.filter(complaint=level)

    def tagged(self, tag: str) -> TicketQuerySet:
        return self.filter(tags__contains=[tag]).exclude(tags=[])  # the second half is what the partial index asks for


class Ticket(models.Model):
    """One matter of one customer. `holder` empty means: in the team's pool, where the lead answers for it.

    `due_at` is the earliest of the next action's time and the open promises; `version` counts every change of content or state;
    `touches` is how many different people handled it. All instants UTC. Changed only by `ticket.actions`.
    A reference that nothing is looked up by, or that an index below begins with, has no index: a change of holder writes each of them.
    """

    class Kind(models.TextChoices):
        QUESTION = "question", _("Question")
        ISSUE = "issue", _("Issue")
        RETURN = "return", _("Return or exchange")
        REQUEST = "request", _("Request")

    class Channel(models.TextChoices):
        CHAT = "chat", _("Chat")
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        REVIEW = "review", _("Review")
        PLATFORM = "platform", _("Platform")
        OTHER = "other", _("Other")

    class Waiting(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        WAREHOUSE = "warehouse", _("Warehouse")
        LOGISTICS = "logistics", _("Courier")
        MANAGER = "manager", _("Manager")

    class Complaint(models.TextChoices):
        BAD_REVIEW = "bad_review", _("Bad review")
        DISPUTE = "dispute", _("Dispute")
        PLATFORM = "platform", _("Platform intervention")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="tickets", db_index=False)
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.ISSUE)
    reason = models.ForeignKey(Reason, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reason"))
    subject = models.CharField(_("subject"), max_length=160)
    body = models.TextField(_("what happened"), blank=True)
    severity = models.CharField(_("severity"), max_length=7, choices=Severity, default=Severity.WATCH)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel, default=Channel.CHAT)
    tags = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    orders = models.ManyToManyField(Order, through="TicketOrder", related_name="tickets")

    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    waiting_on = models.CharField(_("waiting on"), max_length=9, choices=Waiting, blank=True)
    next_action = models.CharField(_("next action"), max_length=300, blank=True)
    next_at = models.DateTimeField(_("next action at"), null=True, blank=True)
    next_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("next action by"), db_index=False
    )
    due_at = models.DateTimeField(null=True, blank=True)

    holder = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="held", verbose_name=_("holder"))
    held_since = models.DateTimeField()
    touches = models.PositiveSmallIntegerField(default=0)

    complaint = models.CharField(_("complaint"), max_length=10, choices=Complaint, blank=True)
    complained_at = models.DateTimeField(null=True, blank=True)
    resolution = models.ForeignKey(
        Resolution, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("resolution"), db_index=False
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_from", db_index=False)

    opened_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    last_contact_at = models.DateTimeField(null=True, blank=True)
    last_answered_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = TicketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status="waiting") ^ Q(waiting_on=""), name="ticket_waits_on_somebody_exactly_while_waiting"),
            models.CheckConstraint(
                condition=~Q(status="resolved") | Q(resolution__isnull=False, resolved_at__isnull=False),
                name="ticket_resolved_says_how_and_when",
            ),
            models.CheckConstraint(condition=Q(status="merged") ^ Q(merged_into__isnull=True), name="ticket_merged_says_into_which"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="ticket_is_not_merged_into_itself"
            ),
            models.CheckConstraint(condition=Q(complaint="") ^ Q(complained_at__isnull=False), name="ticket_complaint_has_an_instant"),
            models.CheckConstraint(condition=~Q(subject=""), name="ticket_has_a_subject"),
        ]
        indexes = [
            models.Index(fields=["holder", "due_at", "id"], condition=Q(status__in=UNRESOLVED), name="ticket_held"),
            models.Index(fields=["holder", "opened_at"], condition=Q(status__in=UNRESOLVED), name="ticket_held_by_age"),
            models.Index(fields=["team", "due_at", "id"], condition=Q(status__in=UNRESOLVED), name="ticket_unresolved_by_due"),
            models.Index(fields=["team", "-id"], condition=Q(status__in=UNRESOLVED), name="ticket_unresolved_newest"),
            models.Index(fields=["team", "due_at", "id"], condition=Q(status__in=UNRESOLVED, holder__isnull=True), name="ticket_pool"),
            models.Index(fields=["team", "-id"], name="ticket_newest"),
            models.Index(fields=["customer", "-id"], name="ticket_of_customer"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="ticket_merged"),
            models.Index(fields=["team", "complained_at"], condition=~Q(complaint=""), name="ticket_complaints"),
            models.Index(fields=["team", "opened_at"], name="ticket_by_opening"),
            models.Index(fields=["team", "opened_at"], condition=Q(touches__gte=4), name="ticket_passed_around"),
            GinIndex(fields=["tags"], name="ticket_by_tag", condition=~Q(tags=[])),
        ]
        triggers = [
            pgtrigger.Protect(name="ticket_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="ticket_in_the_pool_has_a_lead",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("holder_id", "status", "team_id"),
                condition=pgtrigger.Q(new__holder__isnull=True, new__status__in=list(UNRESOLVED)),
                func="""
                    IF NOT EXISTS (SELECT 1 FROM tickets_team t WHERE t.id = NEW.team_id AND t.lead_id IS NOT NULL) THEN
                        RAISE EXCEPTION 'ticket_in_the_pool_has_a_lead' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="ticket_holder_is_able",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("holder_id", "status"),
                condition=pgtrigger.Q(new__holder__isnull=False, new__status__in=list(UNRESOLVED)),
                func="""
                    IF NOT EXISTS (SELECT 1 FROM tickets_member m WHERE m.id = NEW.holder_id AND m.team_id = NEW.team_id AND m.is_active
                                   AND m.roles && ARRAY['agent', 'after_sale', 'manager']::varchar[] FOR SHARE) THEN
                        RAISE EXCEPTION 'ticket_holder_is_able' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="ticket_reason_is_a_leaf",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("reason_id"),
                condition=pgtrigger.Q(new__reason__isnull=False),
                func="""
                    PERFORM 1 FROM tickets_reason r WHERE r.id = NEW.reason_id FOR KEY SHARE;  -- after whoever puts another below it
                    IF EXISTS (SELECT 1 FROM tickets_reason c WHERE c.parent_id = NEW.reason_id) THEN
                        RAISE EXCEPTION 'ticket_reason_is_a_leaf' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="ticket_merges_into_a_living_one_of_its_team",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("merged_into_id"),
                condition=pgtrigger.Q(new__merged_into__isnull=False),
                func="""
                    IF NOT EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.id = NEW.merged_into_id AND t.team_id = NEW.team_id
                                   AND t.status <> 'merged' FOR SHARE) THEN
                        RAISE EXCEPTION 'ticket_merges_into_a_living_one_of_its_team' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="ticket_holder_is_the_last_assignment",
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("holder_id"),
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM tickets_ticket t CROSS JOIN LATERAL (
                            SELECT a.to_member_id FROM tickets_assignment a WHERE a.ticket_id = t.id ORDER BY a.id DESC LIMIT 1
                        ) last WHERE t.id = NEW.id AND t.holder_id IS NOT DISTINCT FROM last.to_member_id
                    ) THEN
                        RAISE EXCEPTION 'ticket_holder_is_the_last_assignment' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.subject}"

    @property
    def is_unresolved(self) -> bool:
        return self.status in UNRESOLVED


class TicketText(models.Model):
    """What can be searched of a ticket, apart from the row itself so that moving a ticket never touches the text index."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, primary_key=True, related_name="text")
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_index=False)
    text = models.TextField()
    search = models.GeneratedField(
        expression=models.Func(F("text"), function="handover_bigrams"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        indexes = [
            GinIndex(fields=["search"], name="ticket_text_search", fastupdate=False),
            models.Index(fields=["team", "-ticket"], name="ticket_text_newest"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class TicketOrder(models.Model):
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="order_links", db_index=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="ticket_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "order"], name="ticket_order_is_linked_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id} – {self.order_id}"
