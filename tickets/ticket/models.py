"""A ticket: one matter of one customer, who has it, who had it, what was promised."""

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


class ReasonQuerySet(models.QuerySet["Reason"]):
    def visible_to(self, member: Member) -> ReasonQuerySet:
        return self.filter(team_id=member.team_id)

    def leaves(self) -> ReasonQuerySet:
        """What may be chosen: active, and nothing below it."""
        return self.filter(is_active=True, children__isnull=True)


class Reason(models.Model):
    """Why customers turn to us: a list of two levels that the team edits. Only a leaf may be chosen."""

    class Fault(models.TextChoices):
        CUSTOMER = "customer", _("Customer's choice")
        OURS = "ours", _("Our fault")
        NOBODY = "nobody", _("Nobody's fault")

    team = models.ForeignKey(Team, models.CASCADE, related_name="reasons")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField(_("name"), max_length=60)
    fault = models.CharField(_("fault"), max_length=8, choices=Fault, default=Fault.NOBODY)
    is_active = models.BooleanField(_("in use"), default=True)
    place = models.PositiveSmallIntegerField(default=0)

    objects = ReasonQuerySet.as_manager()

    class Meta:
        ordering = ["place", "name"]
        constraints = [
            models.UniqueConstraint(fields=["team", "parent", "name"], nulls_distinct=False, name="reason_name_is_unique_under_its_parent"),
            models.CheckConstraint(condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="reason_is_not_its_own_parent"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="reason_has_two_levels_at_most",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id"),
                condition=pgtrigger.Q(new__parent__isnull=False),
                func="""
                    IF EXISTS (SELECT 1 FROM tickets_reason p WHERE p.id = NEW.parent_id
                               AND (p.parent_id IS NOT NULL OR p.team_id <> NEW.team_id))
                       OR EXISTS (SELECT 1 FROM tickets_reason c WHERE c.parent_id = NEW.id) THEN
                        RAISE EXCEPTION 'reason_has_two_levels_at_most' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.name


class Resolution(models.Model):
    """How a matter ended, as the team words it."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="resolutions")
    name = models.CharField(_("name"), max_length=60)
    is_active = models.BooleanField(_("in use"), default=True)
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["place", "name"]
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="resolution_name_is_unique")]

    def __str__(self) -> str:
        return self.name


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


class Ticket(models.Model):
    """One matter of one customer. `holder` empty means: in the team's pool, where the lead answers for it.

    `due_at` is the earliest of the next action's time and the open promises; `version` counts every change of content or state;
    `touches` is how many different people handled it. All instants UTC. Changed only by `ticket.actions`.
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

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="tickets")
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
    next_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("next action by"))
    due_at = models.DateTimeField(null=True, blank=True)

    holder = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="held", verbose_name=_("holder"))
    held_since = models.DateTimeField()
    touches = models.PositiveSmallIntegerField(default=0)

    complaint = models.CharField(_("complaint"), max_length=10, choices=Complaint, blank=True)
    complained_at = models.DateTimeField(null=True, blank=True)
    resolution = models.ForeignKey(Resolution, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("resolution"))
    resolved_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_from")

    opened_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    last_contact_at = models.DateTimeField(null=True, blank=True)
    last_answered_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
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
            models.Index(fields=["team", "due_at", "id"], condition=Q(status__in=UNRESOLVED), name="ticket_unresolved_by_due"),
            models.Index(fields=["team", "-id"], condition=Q(status__in=UNRESOLVED), name="ticket_unresolved_newest"),
            models.Index(fields=["team", "due_at", "id"], condition=Q(status__in=UNRESOLVED, holder__isnull=True), name="ticket_pool"),
            models.Index(fields=["team", "-id"], name="ticket_newest"),
            models.Index(fields=["customer", "-id"], name="ticket_of_customer"),
            models.Index(fields=["team", "complained_at"], condition=~Q(complaint=""), name="ticket_complaints"),
            models.Index(fields=["team", "opened_at"], name="ticket_by_opening"),
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
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("holder_id"),
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
                    IF EXISTS (SELECT 1 FROM tickets_reason c WHERE c.parent_id = NEW.reason_id) THEN
                        RAISE EXCEPTION 'ticket_reason_is_a_leaf' USING ERRCODE = 'check_violation';
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
                    IF EXISTS (
                        SELECT 1 FROM tickets_ticket t WHERE t.id = NEW.id AND t.holder_id IS DISTINCT FROM
                            (SELECT a.to_member_id FROM tickets_assignment a WHERE a.ticket_id = t.id ORDER BY a.id DESC LIMIT 1)
                    ) OR NOT EXISTS (SELECT 1 FROM tickets_assignment a WHERE a.ticket_id = NEW.id) THEN
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
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="order_links")
    order = models.ForeignKey(Order, models.PROTECT, related_name="ticket_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "order"], name="ticket_order_is_linked_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id} – {self.order_id}"


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

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="assignments")
    from_member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    to_member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    cause = models.CharField(max_length=9, choices=Cause)
    reason = models.TextField(blank=True)
    next_step = models.CharField(max_length=300, blank=True)
    actor = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
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

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="touched")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
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
                    PERFORM 1 FROM tickets_ticket t WHERE t.id = NEW.ticket_id FOR UPDATE;
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


class PromiseQuerySet(models.QuerySet["Promise"]):
    def visible_to(self, member: Member) -> PromiseQuerySet:
        return self.filter(team_id=member.team_id)

    def unkept(self) -> PromiseQuerySet:
        """Still to be kept: open, or broken and not yet made good."""
        return self.filter(status__in=["open", "broken"])

    def due_before(self, at: datetime) -> PromiseQuerySet:
        return self.filter(due_at__lt=at)


class Promise(models.Model):
    """What a customer was told would happen, by when, and who sees to it (`owner` empty: the pool and its lead).

    `broken` is set by the clock after `due_at`; a broken promise can still be kept, late (`closed_at` after `due_at`).
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        KEPT = "kept", _("Kept")
        BROKEN = "broken", _("Broken")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="promises")
    text = models.CharField(_("promise"), max_length=300)
    due_at = models.DateTimeField(_("due"))
    owner = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="promises")
    made_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    status = models.CharField(max_length=9, choices=State, default=State.OPEN)
    broken_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="promise_says_what"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "broken"]) ^ Q(closed_at__isnull=False), name="promise_closed_has_an_instant"
            ),
            models.CheckConstraint(condition=~Q(status="withdrawn") | ~Q(reason=""), name="promise_withdrawn_says_why"),
            models.CheckConstraint(condition=~Q(status="broken") | Q(broken_at__gte=F("due_at")), name="promise_breaks_after_its_due_time"),
        ]
        indexes = [
            models.Index(fields=["team", "due_at", "id"], condition=Q(status__in=["open", "broken"]), name="promise_unkept_by_due"),
            models.Index(fields=["owner", "due_at", "id"], condition=Q(status__in=["open", "broken"]), name="promise_unkept_of_owner"),
            models.Index(fields=["due_at"], condition=Q(status="open"), name="promise_open_by_due"),
        ]
        triggers = [pgtrigger.Protect(name="promise_is_never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.text


class Watcher(models.Model):
    """Somebody who wants to hear of a ticket, or was mentioned in it."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="watchers")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    mentioned = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "member"], name="watcher_watches_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.member_id}"


class Attachment(models.Model):
    """A picture or a PDF of a ticket. Served only through the door, never run."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="attachments")
    file = models.FileField(upload_to="attachments/%Y/%m/")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=60)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class SavedView(models.Model):
    """A list's filters under a name, one's own or the team's."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    owner = models.ForeignKey(Member, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    page = models.CharField(max_length=30, default="tickets")
    query = models.CharField(max_length=500)
    shared = models.BooleanField(_("for the whole team"), default=False)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "page", "name"], name="saved_view_name_is_unique")]

    def __str__(self) -> str:
        return self.name
