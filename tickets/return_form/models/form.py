"""A return form: what is asked, what was counted, what was decided; and every revision of what was asked."""

from __future__ import annotations

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from tickets.customer.models import Customer
from tickets.order.models import Order, OrderLine
from tickets.people.models import Member, Shop, Team
from tickets.return_form.models import guards
from tickets.return_form.models.words import OPEN, Disposition, Fault, FreightPayer, Outcome, Resolution, State
from tickets.ticket.models import Promise, Reason, Ticket


class ReturnFormQuerySet(models.QuerySet["ReturnForm"]):
    def visible_to(self, member: Member) -> ReturnFormQuerySet:
        return self.filter(team_id=member.team_id)

    def open(self) -> ReturnFormQuerySet:
        return self.filter(state__in=OPEN)

    def live(self) -> ReturnFormQuerySet:
        """What claims units and money of its order: everything but the cancelled."""
        return self.exclude(state=State.CANCELLED)


class ReturnForm(models.Model):
    """One return or exchange of one order. Changed only by `return_form.actions`.

    `revision` counts every change of what is asked (header, lines, evidence), `version` every change at all. `count_by`,
    `decide_by` and `settle_by` are when each stage is due (UTC). Money is in the order's currency.
    """

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, models.PROTECT, related_name="return_forms")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="return_forms")
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, blank=True, related_name="return_forms")
    promise = models.ForeignKey(Promise, models.PROTECT, null=True, blank=True, related_name="+")
    predecessor = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="successor")
    state = models.CharField(_("state"), max_length=15, choices=State, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    version = models.PositiveIntegerField(default=1)

    words = models.TextField(_("the customer's words"), blank=True)
    note = models.TextField(_("note"), blank=True)
    freight_payer = models.CharField(_("who pays the way back"), max_length=8, choices=FreightPayer, default=FreightPayer.CUSTOMER)
    count_by = models.DateTimeField(_("count due"), null=True, blank=True)
    decide_by = models.DateTimeField(_("decision due"), null=True, blank=True)
    settle_by = models.DateTimeField(_("settlement due"), null=True, blank=True)
    question = models.TextField(_("question"), blank=True)
    sent_backs = models.PositiveSmallIntegerField(default=0)

    outcome = models.CharField(_("inspection"), max_length=17, choices=Outcome, blank=True)
    count_note = models.TextField(_("what was seen"), blank=True)
    excess = models.JSONField(_("more than asked"), default=list, blank=True)
    received_at = models.DateTimeField(_("goods came"), null=True, blank=True)

    decision = models.CharField(_("decision"), max_length=15, blank=True)
    rationale = models.TextField(_("why"), blank=True)
    by_rule = models.BooleanField(_("let pass by rule"), default=False)
    freight_amount = models.DecimalField(_("freight refunded"), max_digits=14, decimal_places=2, default=0)
    compensation = models.DecimalField(_("compensation"), max_digits=14, decimal_places=2, default=0)

    filed_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    inspected_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()

    objects = ReturnFormQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="return_form_state_is_known"),
            models.CheckConstraint(condition=Q(freight_amount__gte=0, compensation__gte=0), name="return_form_money_is_not_negative"),
            models.UniqueConstraint(fields=["order"], condition=Q(freight_amount__gt=0), name="return_form_freight_is_refunded_once"),
            models.CheckConstraint(
                condition=Q(predecessor__isnull=True) | ~Q(predecessor=F("id")), name="return_form_does_not_succeed_itself"
            ),
        ]
        indexes = [
            models.Index(fields=["team", "count_by", "id"], condition=Q(state="submitted"), name="return_form_to_count"),
            models.Index(fields=["team", "decide_by", "id"], condition=Q(state="inspected"), name="return_form_to_decide"),
            models.Index(
                fields=["team", "settle_by", "id"],
                condition=Q(state__in=["approved", "partly_approved", "rejected", "settling"]),
                name="return_form_to_settle",
            ),
            models.Index(fields=["team", "updated_at"], condition=Q(state__in=["draft", "sent_back"]), name="return_form_to_finish"),
            models.Index(fields=["team", "-id"], name="return_form_newest"),
            models.Index(fields=["team", "submitted_at"], condition=Q(submitted_at__isnull=False), name="return_form_by_submission"),
            models.Index(fields=["team", "state", "-id"], name="return_form_by_state"),
            models.Index(
                "team",
                "state",
                Coalesce("decided_at", "inspected_at", "submitted_at", "filed_at"),
                condition=Q(state__in=OPEN),
                name="return_form_by_stage",
            ),
            models.Index(fields=["customer", "-id"], condition=Q(customer__isnull=False), name="return_form_of_customer"),
        ]
        triggers = guards.FORM

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people say and scan: R and the row's number."""
        return f"R{self.pk}"


class ReturnLine(models.Model):
    """One position of a form: what is asked for some units of one order line, what was counted, what was granted.

    Counts are empty until counted (and stay so where no goods are expected); `granted` is empty until decided.
    """

    form = models.ForeignKey(ReturnForm, models.PROTECT, related_name="lines")
    place = models.PositiveSmallIntegerField()
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField(_("quantity"))
    resolution = models.CharField(_("wanted"), max_length=17, choices=Resolution)
    reason = models.ForeignKey(Reason, models.PROTECT, related_name="+", verbose_name=_("reason"))
    exchange_for = models.CharField(_("exchange for"), max_length=300, blank=True)
    asked_amount = models.DecimalField(_("amount asked"), max_digits=14, decimal_places=2, null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    ok = models.PositiveIntegerField(_("ok"), null=True, blank=True)
    opened = models.PositiveIntegerField(_("opened"), null=True, blank=True)
    damaged = models.PositiveIntegerField(_("damaged"), null=True, blank=True)
    wrong = models.PositiveIntegerField(_("wrong item"), null=True, blank=True)
    missing = models.PositiveIntegerField(_("missing"), null=True, blank=True)
    disposition = models.CharField(_("where it goes"), max_length=10, choices=Disposition, blank=True)
    count_note = models.CharField(_("what was seen"), max_length=300, blank=True)

    granted = models.CharField(_("granted"), max_length=17, choices=Resolution, blank=True)
    approved_quantity = models.PositiveIntegerField(_("approved"), null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True, blank=True)
    fault = models.CharField(_("fault"), max_length=9, choices=Fault, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["form", "place"], name="return_line_places_do_not_repeat"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="return_line_asks_for_something"),
            models.CheckConstraint(condition=~Q(resolution="reject"), name="return_line_does_not_ask_to_be_rejected"),
            models.CheckConstraint(
                condition=Q(ok__isnull=True, opened__isnull=True, damaged__isnull=True, wrong__isnull=True, missing__isnull=True)
                | Q(quantity=F("ok") + F("opened") + F("damaged") + F("wrong") + F("missing")),
                name="return_line_count_adds_up_to_what_was_asked",
            ),
            models.CheckConstraint(
                condition=Q(granted="", approved_quantity__isnull=True, amount__isnull=True)
                | ~Q(granted="") & Q(approved_quantity__isnull=False, amount__isnull=False, approved_quantity__lte=F("quantity")),
                name="return_line_grants_at_most_what_was_asked",
            ),
            models.CheckConstraint(
                condition=~Q(granted="reject") | Q(approved_quantity=0, amount=0), name="return_line_rejected_grants_nothing"
            ),
            models.CheckConstraint(condition=Q(amount__isnull=True) | Q(amount__gte=0), name="return_line_amount_is_not_negative"),
            models.CheckConstraint(
                condition=~Q(resolution__in=["return_and_refund", "exchange"])
                | Q(granted__in=["", "reject", "compensation"])
                | Q(missing__isnull=False, approved_quantity__lte=F("quantity") - F("missing")),
                name="return_line_grants_at_most_what_came",
            ),
        ]
        triggers = guards.LINE

    def __str__(self) -> str:
        return f"{self.form_id}/{self.place} × {self.quantity}"

    @property
    def is_counted(self) -> bool:
        return self.ok is not None

    @property
    def received(self) -> int:
        """Units that came, in whatever condition."""
        return (self.ok or 0) + (self.opened or 0) + (self.damaged or 0) + (self.wrong or 0)

    @property
    def restocked(self) -> int:
        """Units that go back to stock: only sound ones, and only where the warehouse said so."""
        return (self.ok or 0) if self.disposition == Disposition.RESTOCK else 0


class FormRevision(models.Model):
    """What was asked, as of one revision; never changed. `edited` by this person, or opened by sending back or reopening."""

    class Cause(models.TextChoices):
        FILED = "filed", _("filed")
        EDITED = "edited", _("edited")
        SENT_BACK = "sent_back", _("sent back")
        REOPENED = "reopened", _("reopened")

    form = models.ForeignKey(ReturnForm, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    cause = models.CharField(max_length=9, choices=Cause)
    content = models.JSONField(encoder=DjangoJSONEncoder)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["form", "number"], name="form_revision_number_is_unique")]
        triggers = [pgtrigger.Protect(name="form_revision_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"R{self.form_id} rev. {self.number}"
