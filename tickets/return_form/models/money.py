"""What must be paid, shipped or compensated and whether it was; the team's policy; the platform's own lists of what it paid."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.order.models import Order
from tickets.people.models import Member, Shop, Team
from tickets.return_form.models import guards
from tickets.return_form.models.form import ReturnForm
from tickets.return_form.models.words import Resolution


class Settlement(models.Model):
    """One thing a decided form owes. `due` → `pending` or `succeeded` or `failed`; a failed one is tried again, a done one never changes.

    `amount` (order's currency) for refund, freight and compensation; `quantity` for what is shipped or sent back.
    """

    class Kind(models.TextChoices):
        REFUND = "refund", _("Refund")
        FREIGHT = "freight", _("Freight refund")
        COMPENSATION = "compensation", _("Compensation")
        SHIP = "ship", _("Ship the replacement")
        SEND_BACK = "send_back", _("Send the goods back")

    class State(models.TextChoices):
        DUE = "due", _("to be done")
        PENDING = "pending", _("under way")
        SUCCEEDED = "succeeded", _("done")
        FAILED = "failed", _("failed")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    form = models.ForeignKey(ReturnForm, models.PROTECT, related_name="settlements")
    kind = models.CharField(max_length=12, choices=Kind)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, default=0)
    quantity = models.PositiveIntegerField(_("quantity"), default=0)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DUE)
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    failure = models.CharField(_("why it failed"), max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["form", "kind"], name="settlement_is_one_of_its_kind"),
            models.UniqueConstraint(
                fields=["team", "kind", "reference"],
                condition=Q(kind__in=["refund", "freight", "compensation"], state__in=["pending", "succeeded"]),
                name="settlement_reference_pays_once",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0) & (Q(amount__gt=0) | Q(quantity__gt=0)), name="settlement_owes_something"),
            models.CheckConstraint(
                condition=~Q(state__in=["pending", "succeeded"]) | ~Q(reference=""), name="settlement_done_has_a_reference"
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(failure=""), name="settlement_failed_says_why"),
        ]
        indexes = [models.Index(fields=["team", "changed_at"], condition=Q(state="succeeded"), name="settlement_done_by_instant")]
        triggers = guards.SETTLEMENT

    def __str__(self) -> str:
        return f"R{self.form_id} {self.kind} {self.state}"


class ReturnPolicy(models.Model):
    """What a team's managers may let pass by rule, and how long each stage may take. Without a row (or `max_amount` 0): nothing."""

    team = models.OneToOneField(Team, models.CASCADE, primary_key=True, related_name="return_policy")
    max_amount = models.DecimalField(_("let pass by rule up to this amount"), max_digits=12, decimal_places=2, default=0)
    resolutions = ArrayField(models.CharField(max_length=17, choices=Resolution), default=list, blank=True)
    count_hours = models.PositiveSmallIntegerField(_("hours to count"), default=72)
    decide_hours = models.PositiveSmallIntegerField(_("hours to decide"), default=24)
    settle_hours = models.PositiveSmallIntegerField(_("hours to settle"), default=48)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(max_amount__gte=0), name="return_policy_amount_is_not_negative")]

    def __str__(self) -> str:
        return f"{self.team_id}: {self.max_amount}"


class ToldQuerySet(models.QuerySet[Any]):
    def visible_to(self, member: Member) -> ToldQuerySet:
        return self.filter(team_id=member.team_id)


class Told(models.Model):
    """What a platform's own sheet tells of money: it meets our order by number, and is kept where it meets none, too."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    order_number = models.CharField(_("order number"), max_length=64)
    status_text = models.CharField(_("status"), max_length=80, blank=True)
    reason_text = models.CharField(_("reason"), max_length=200, blank=True)
    asked_at = models.DateTimeField(null=True)

    objects = ToldQuerySet.as_manager()

    class Meta:
        abstract = True


class PlatformRefund(Told):
    """A refund as the platform's own list has it. It meets our order by number and our form by order; what does not match is listed."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    number = models.CharField(_("refund number"), max_length=64)
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="platform_refunds")
    form = models.ForeignKey(ReturnForm, models.PROTECT, null=True, related_name="platform_refunds")
    title = models.CharField(max_length=300, blank=True)
    amount = models.DecimalField(_("refunded"), max_digits=14, decimal_places=2, default=0)
    paid = models.DecimalField(_("paid"), max_digits=14, decimal_places=2, default=0)
    goods_return = models.BooleanField(_("goods come back"), default=False)
    tracking = models.CharField(_("tracking number"), max_length=120, blank=True)
    fault_text = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "number"], name="platform_refund_number_is_unique_in_its_shop"),
            models.CheckConstraint(condition=~Q(number="") & ~Q(order_number=""), name="platform_refund_has_its_numbers"),
        ]
        indexes = [
            models.Index(fields=["team", "order_number"], name="platform_refund_by_order"),
            models.Index(fields=["team", "-id"], condition=Q(form__isnull=True), name="platform_refund_unmatched"),
        ]
        triggers = guards.PLATFORM_REFUND

    def __str__(self) -> str:
        return self.number


class PlatformCompensation(Told):
    """A payment to a customer as the platform's own sheet has it. It meets our order by number, and a form of the order where there is one.

    `amount` in the shop's currency. `settlement` is the form's own compensation that this payment is: what both tell is counted once.
    `is_ours`: the shop bears it, not the platform or a courier. `told_at`: when the sheet that said so last was exported.
    """

    class State(models.TextChoices):
        OPEN = "open", _("not paid yet")
        PAID = "paid", _("paid")
        FAILED = "failed", _("not paid")

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(_("payment number"), max_length=64)
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="platform_compensations")
    form = models.ForeignKey(ReturnForm, models.PROTECT, null=True, related_name="platform_compensations")
    settlement = models.OneToOneField(Settlement, models.PROTECT, null=True, related_name="platform_compensation")
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    state = models.CharField(_("state"), max_length=6, choices=State)
    is_ours = models.BooleanField(_("borne by the shop"), default=True)
    kind_text = models.CharField(_("kind"), max_length=80, blank=True)
    bearer_text = models.CharField(max_length=80, blank=True)
    paid_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "number"], name="platform_compensation_number_is_unique_in_its_shop"),
            models.CheckConstraint(condition=~Q(number="") & ~Q(order_number=""), name="platform_compensation_has_its_numbers"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="platform_compensation_pays_something"),
            models.CheckConstraint(condition=~Q(state="paid") | Q(paid_at__isnull=False), name="platform_compensation_paid_says_when"),
            models.CheckConstraint(
                condition=Q(settlement__isnull=True) | Q(state="paid", form__isnull=False), name="platform_compensation_settles_its_form"
            ),
        ]
        indexes = [
            models.Index(fields=["team", "-id"], name="platform_compensation_newest"),
            models.Index(fields=["team", "-id"], condition=Q(order__isnull=True), name="platform_compensation_waits"),
            models.Index(fields=["team", "paid_at"], condition=Q(state="paid", is_ours=True), name="platform_compensation_paid"),
            models.Index(fields=["shop", "order_number"], name="platform_compensation_by_order"),
        ]
        triggers = guards.PLATFORM_COMPENSATION

    def __str__(self) -> str:
        return self.number
