"""Teams, their shops, their people, and who is at work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

import pgtrigger
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tickets.people.scopes import Scope

if TYPE_CHECKING:
    pass


def check_time_zone(name: str) -> None:
    """Refuse a name that is not in the IANA data base."""
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone, such as Asia/Shanghai."), params={"name": name})


class User(AbstractUser):
    """An account that signs in. What it may do is decided by its memberships."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    language = models.CharField(_("language"), max_length=10, blank=True, help_text=_("Empty: the browser's."))
    theme = models.CharField(_("appearance"), max_length=5, choices=Theme, default=Theme.AUTO)


class Platform(models.TextChoices):
    """Where a shop stands."""

    TAOBAO = "taobao", _("Taobao")
    TMALL = "tmall", _("Tmall")
    JD = "jd", _("JD")
    PDD = "pdd", _("Pinduoduo")
    DOUYIN = "douyin", _("Douyin")
    SHOPIFY = "shopify", _("Shopify")
    OTHER = "other", _("Other")


class Team(models.Model):
    """The tenant: people, roster, shifts, shops. Its lead answers for whatever lies in the pool."""

    class NoManager(models.TextChoices):
        REFUSE = "refuse", _("Refuse")
        LET_THROUGH = "let_through", _("Let through with a reason, and alarm")

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("short name"), unique=True)
    time_zone = models.CharField(_("time zone"), max_length=50, default="Asia/Shanghai", validators=[check_time_zone])
    region = models.CharField(_("region of phone numbers"), max_length=2, default="CN")
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    lead = models.ForeignKey("Member", models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("lead"))
    max_handlers = models.PositiveSmallIntegerField(_("people one matter may pass through"), default=3)
    no_manager = models.CharField(
        _("fourth handler while no manager is on duty"), max_length=12, choices=NoManager, default=NoManager.LET_THROUGH
    )
    remind_before = models.DurationField(_("remind of a promise this long before"), default=timedelta(minutes=15))
    escalate_after = models.DurationField(_("a handed-over matter that nobody took alarms after"), default=timedelta(minutes=15))
    duty_grace = models.DurationField(_("a duty may run past its shift by"), default=timedelta(hours=2))
    compensation_cap = models.DecimalField(_("compensation per form at most"), max_digits=12, decimal_places=2, default=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(max_handlers__gte=1), name="team_lets_at_least_one_person_handle"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="team_with_a_pool_has_a_lead",
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                operation=pgtrigger.UpdateOf("lead_id"),
                condition=pgtrigger.Q(new__lead__isnull=True),
                func="""
                    IF EXISTS (SELECT 1 FROM tickets_team t JOIN tickets_ticket x ON x.team_id = t.id AND x.holder_id IS NULL
                               AND x.status IN ('open', 'waiting') WHERE t.id = NEW.id AND t.lead_id IS NULL) THEN
                        RAISE EXCEPTION 'team_with_a_pool_has_a_lead' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="team_is_led_by_its_manager",
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("lead_id"),
                condition=pgtrigger.Q(new__lead__isnull=False),
                func="""
                    PERFORM 1 FROM tickets_member m JOIN tickets_team t ON t.lead_id = m.id WHERE t.id = NEW.id FOR SHARE OF m;
                    IF EXISTS (SELECT 1 FROM tickets_team t JOIN tickets_member m ON m.id = t.lead_id
                               WHERE t.id = NEW.id AND NOT (m.is_active AND 'manager' = ANY(m.roles) AND m.team_id = t.id)) THEN
                        RAISE EXCEPTION 'team_is_led_by_its_manager' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Shop(models.Model):
    """A storefront on a platform; belongs to one team."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="shops")
    platform = models.CharField(_("platform"), max_length=10, choices=Platform)
    name = models.CharField(_("name"), max_length=80)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    time_zone = models.CharField(_("time zone of its exports"), max_length=50, default="Asia/Shanghai", validators=[check_time_zone])
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["team", "platform", "name"], name="shop_name_is_unique_on_its_platform")]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    AGENT = "agent", _("Chat agent")
    AFTER_SALE = "after_sale", _("After-sale")
    WAREHOUSE = "warehouse", _("Warehouse")
    MANAGER = "manager", _("Manager")
    OPERATIONS = "operations", _("Operations")


SHIFT_ROLES = frozenset({Role.AGENT, Role.AFTER_SALE, Role.WAREHOUSE})
"""Whoever has one of these works in shifts: the gate stands before them."""

HOLDER_ROLES = frozenset({Role.AGENT, Role.AFTER_SALE, Role.MANAGER})
"""Whoever has one of these can be accountable for a ticket."""

DESK_ROLES = HOLDER_ROLES - {Role.MANAGER}
"""Whoever has one of these holds tickets as a part of the daily work: a manager only answers for what comes up."""


class MemberQuerySet(models.QuerySet["Member"]):
    def visible_to(self, member: Member) -> MemberQuerySet:
        return self.filter(team_id=member.team_id)

    def active(self) -> MemberQuerySet:
        return self.filter(is_active=True, user__is_active=True)

    def with_role(self, *roles: str) -> MemberQuerySet:
        return self.filter(roles__overlap=list(roles))

    def on_duty(self, at: datetime) -> MemberQuerySet:
        """At work at the instant `at`."""
        return self.filter(presence__on_since__lte=at).filter(Q(presence__admitted_until__isnull=True) | Q(presence__admitted_until__gt=at))

    def on_or_coming(self, at: datetime, within: timedelta = timedelta(hours=16)) -> MemberQuerySet:
        """At work at `at`, or rostered to come within the given time."""
        on = Q(presence__on_since__lte=at) & (Q(presence__admitted_until__isnull=True) | Q(presence__admitted_until__gt=at))
        coming = Q(presence__next_on__lte=at + within, presence__next_until__gt=at)
        return self.filter(on | coming)


class Member(models.Model):
    """A person in a team, with roles. Deactivated, never deleted: history keeps pointing here."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="members")
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    display_name = models.CharField(_("name"), max_length=60)
    roles = ArrayField(models.CharField(max_length=12, choices=Role), verbose_name=_("roles"))
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        ordering = ["display_name"]
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="member_is_once_in_a_team"),
            models.CheckConstraint(condition=Q(roles__len__gt=0), name="member_has_a_role"),
            models.CheckConstraint(condition=Q(roles__contained_by=[r.value for r in Role]), name="member_roles_are_known"),
        ]
        triggers = [
            # Deferred: the tickets and promises of somebody who leaves move on in the same transaction.
            pgtrigger.Trigger(
                name="member_who_leaves_holds_nothing",
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                operation=pgtrigger.UpdateOf("is_active", "roles", "team_id"),
                func="""
                    IF EXISTS (SELECT 1 FROM tickets_member m WHERE m.id = NEW.id AND NOT (m.is_active
                               AND m.roles && ARRAY['agent', 'after_sale', 'manager']::varchar[] AND m.team_id = OLD.team_id))
                       AND (EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.holder_id = NEW.id AND t.status IN ('open', 'waiting'))
                            OR EXISTS (SELECT 1 FROM tickets_promise p WHERE p.owner_id = NEW.id AND p.status IN ('open', 'broken')))
                    THEN
                        RAISE EXCEPTION 'member_who_leaves_holds_nothing' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="member_who_leads_manages",
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                operation=pgtrigger.UpdateOf("is_active", "roles", "team_id"),
                func="""
                    IF EXISTS (SELECT 1 FROM tickets_team t JOIN tickets_member m ON m.id = t.lead_id
                               WHERE m.id = NEW.id AND NOT (m.is_active AND 'manager' = ANY(m.roles) AND m.team_id = t.id)) THEN
                        RAISE EXCEPTION 'member_who_leads_manages' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def works_in_shifts(self) -> bool:
        """Whether the gate stands before this person."""
        return not SHIFT_ROLES.isdisjoint(self.roles)

    @property
    def can_hold(self) -> bool:
        """Whether this person may be accountable for a ticket."""
        return self.is_active and not HOLDER_ROLES.isdisjoint(self.roles)

    def has_role(self, *roles: str) -> bool:
        return not set(roles).isdisjoint(self.roles)


class Presence(models.Model):
    """When a member is at work, as roster and duty know it; written only by `people.actions.set_presence`.

    `on_since` and `on_until` are the running duty (until: the shift's end); `admitted_until` is when the workspace closes again
    by itself; `next_on`/`next_until` are the next rostered shift.
    """

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="presence")
    on_since = models.DateTimeField(null=True, blank=True)
    on_until = models.DateTimeField(null=True, blank=True)
    admitted_until = models.DateTimeField(null=True, blank=True)
    next_on = models.DateTimeField(null=True, blank=True)
    next_until = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(on_since__isnull=False) | Q(on_until__isnull=True, admitted_until__isnull=True),
                name="presence_ends_only_if_it_began",
            ),
            models.CheckConstraint(
                condition=Q(next_on__isnull=True) | Q(next_until__gt=F("next_on")), name="presence_next_shift_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.on_since}–{self.on_until}"

    def is_on(self, at: datetime) -> bool:
        """At work at the instant `at`: on since then, and not lapsed."""
        return self.on_since is not None and self.on_since <= at and (self.admitted_until is None or at < self.admitted_until)

    def is_over(self, at: datetime) -> bool:
        """The shift has ended; whoever is still on works on in the time that a duty may run past it."""
        return self.on_until is not None and self.on_until <= at

    def is_coming(self, at: datetime, within: timedelta = timedelta(hours=16)) -> bool:
        """Rostered now or within the given time."""
        return self.next_on is not None and self.next_until is not None and self.next_on <= at + within and self.next_until > at


class TokenGrant(models.Model):
    """What an API token is for. knox's row has its hash, account and expiry; a token without a grant may do nothing."""

    token = models.OneToOneField("knox.AuthToken", models.CASCADE, related_name="grant")
    name = models.CharField(_("what it is for"), max_length=60, blank=True)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), verbose_name=_("scopes"))
    per_minute = models.PositiveIntegerField(_("calls a minute"), null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scopes__len__gt=0) & Q(scopes__contained_by=Scope.values), name="token_has_known_scopes"),
            models.CheckConstraint(condition=Q(per_minute__isnull=True) | Q(per_minute__gt=0), name="token_rate_is_positive"),
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"


class TokenCalls(models.Model):
    """How many calls a token made in a minute (since 1970) and in the one `before`. Unlogged; written by `people.calls` alone."""

    grant = models.OneToOneField(TokenGrant, models.CASCADE, primary_key=True, related_name="+")
    minute = models.BigIntegerField()
    calls = models.PositiveIntegerField()
    before = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.grant_id}: {self.calls}"
