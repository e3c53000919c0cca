"""A customer and the names it goes by."""

from __future__ import annotations

import unicodedata

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Team
from tickets.web.phones import e164


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, member: Member) -> CustomerQuerySet:
        return self.filter(team_id=member.team_id)

    def unmerged(self) -> CustomerQuerySet:
        return self.filter(merged_into__isnull=True)


class Customer(models.Model):
    """A person who buys. Merged customers stay as rows that point to the one they became."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(_("name"), max_length=120, blank=True)
    note = models.TextField(_("note"), blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_from", db_index=False)
    search = models.GeneratedField(
        expression=models.Func(F("name"), F("note"), function="handover_bigrams", arg_joiner=" || ' ' || "),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    created_at = models.DateTimeField()

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="customer_is_not_merged_into_itself"
            )
        ]
        indexes = [
            models.Index(fields=["team", "-id"], name="customer_by_team"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="customer_merged"),
            GinIndex(fields=["search"], name="customer_search"),
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"


class HandleKind(models.TextChoices):
    TAOBAO = "taobao", _("Taobao")  # Tmall buyers sign in with their Taobao name
    JD = "jd", _("JD")
    PDD = "pdd", _("Pinduoduo")
    DOUYIN = "douyin", _("Douyin")
    SHOPIFY = "shopify", _("Shopify")
    WECHAT = "wechat", _("WeChat")
    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    OTHER = "other", _("Other")


def handle_key(kind: str, value: str, region: str = "CN") -> str:
    """What two writings of one identity have in common: a phone's E.164 form ("" if it is none), else NFKC, case-folded, trimmed."""
    if kind == HandleKind.PHONE:
        return e164(value, region)
    key = value.strip().casefold() if value.isascii() else unicodedata.normalize("NFKC", value).strip().casefold()
    return key[:160]


KIND_OF_PLATFORM = {"tmall": "taobao"}
"""The handle kind of a platform's buyers where it is not called like the platform."""


class HandleQuerySet(models.QuerySet["Handle"]):
    def visible_to(self, member: Member) -> HandleQuerySet:
        return self.filter(team_id=member.team_id)


class Handle(models.Model):
    """An identity of a customer: a platform's name, a phone, an e-mail. `value` as written, `key` as compared
    (phones E.164, the rest case-folded NFKC). A foreign key over two columns (`one_team.py` of the migrations) keeps it in its
    customer's team."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="handles", db_constraint=False)
    kind = models.CharField(_("kind"), max_length=10, choices=HandleKind)
    value = models.CharField(_("handle"), max_length=160)
    key = models.CharField(max_length=160)
    created_at = models.DateTimeField()

    objects = HandleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "kind", "key"], name="handle_belongs_to_one_customer"),
            models.CheckConstraint(condition=~Q(key=""), name="handle_is_not_empty"),
        ]
        indexes = [models.Index("team", OpClass("key", name="varchar_pattern_ops"), name="handle_by_key")]  # equality and prefixes

    def __str__(self) -> str:
        return self.value
