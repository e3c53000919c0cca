"""The team, who works in it, and who is there."""

import datetime

from django.conf import settings
from django.contrib.auth.models import UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.utils import timezone
from pgtrigger.compiler import Trigger, UpsertTriggerSql
from pgtrigger.migrations import AddTrigger

import tickets.people.models

OPERATIONS = [
    migrations.CreateModel(
        name="Team",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=80, verbose_name="name")),
            ("slug", models.SlugField(unique=True, verbose_name="short name")),
            (
                "time_zone",
                models.CharField(
                    default="Asia/Shanghai", max_length=50, validators=[tickets.people.models.check_time_zone], verbose_name="time zone"
                ),
            ),
            ("region", models.CharField(default="CN", max_length=2, verbose_name="region of phone numbers")),
            ("currency", models.CharField(default="CNY", max_length=3, verbose_name="currency")),
            ("max_handlers", models.PositiveSmallIntegerField(default=3, verbose_name="people one matter may pass through")),
            (
                "no_manager",
                models.CharField(
                    choices=[("refuse", "Refuse"), ("let_through", "Let through with a reason, and alarm")],
                    default="let_through",
                    max_length=12,
                    verbose_name="fourth handler while no manager is on duty",
                ),
            ),
            (
                "remind_before",
                models.DurationField(default=datetime.timedelta(seconds=900), verbose_name="remind of a promise this long before"),
            ),
            (
                "escalate_after",
                models.DurationField(
                    default=datetime.timedelta(seconds=900), verbose_name="a handed-over matter that nobody took alarms after"
                ),
            ),
            ("duty_grace", models.DurationField(default=datetime.timedelta(seconds=7200), verbose_name="a duty may run past its shift by")),
            (
                "compensation_cap",
                models.DecimalField(decimal_places=2, default=200, max_digits=12, verbose_name="compensation per form at most"),
            ),
            ("created_at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "constraints": [
                models.CheckConstraint(condition=models.Q(("max_handlers__gte", 1)), name="team_lets_at_least_one_person_handle"),
            ],
        },
    ),
    migrations.CreateModel(
        name="User",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("password", models.CharField(max_length=128, verbose_name="password")),
            ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
            (
                "is_superuser",
                models.BooleanField(
                    default=False,
                    help_text="Designates that this user has all permissions without explicitly assigning them.",
                    verbose_name="superuser status",
                ),
            ),
            (
                "username",
                models.CharField(
                    error_messages={"unique": "A user with that username already exists."},
                    help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                    max_length=150,
                    unique=True,
                    validators=[UnicodeUsernameValidator()],
                    verbose_name="username",
                ),
            ),
            ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
            ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
            ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
            (
                "is_staff",
                models.BooleanField(
                    default=False, help_text="Designates whether the user can log into this admin site.", verbose_name="staff status"
                ),
            ),
            (
                "is_active",
                models.BooleanField(
                    default=True,
                    help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                    verbose_name="active",
                ),
            ),
            ("date_joined", models.DateTimeField(default=timezone.now, verbose_name="date joined")),
            ("language", models.CharField(blank=True, help_text="Empty: the browser's.", max_length=10, verbose_name="language")),
            (
                "theme",
                models.CharField(
                    choices=[("auto", "As the device"), ("light", "Light"), ("dark", "Dark")],
                    default="auto",
                    max_length=5,
                    verbose_name="appearance",
                ),
            ),
            (
                "groups",
                models.ManyToManyField(
                    blank=True,
                    help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                    related_name="user_set",
                    related_query_name="user",
                    to="auth.group",
                    verbose_name="groups",
                ),
            ),
            (
                "user_permissions",
                models.ManyToManyField(
                    blank=True,
                    help_text="Specific permissions for this user.",
                    related_name="user_set",
                    related_query_name="user",
                    to="auth.permission",
                    verbose_name="user permissions",
                ),
            ),
        ],
        options={
            "verbose_name": "user",
            "verbose_name_plural": "users",
            "abstract": False,
        },
        managers=[
            ("objects", UserManager()),
        ],
    ),
    migrations.CreateModel(
        name="Member",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("display_name", models.CharField(max_length=60, verbose_name="name")),
            (
                "roles",
                ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("agent", "Chat agent"),
                            ("after_sale", "After-sale"),
                            ("warehouse", "Warehouse"),
                            ("manager", "Manager"),
                            ("operations", "Operations"),
                        ],
                        max_length=12,
                    ),
                    size=None,
                    verbose_name="roles",
                ),
            ),
            ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            ("user", models.ForeignKey(on_delete=models.PROTECT, related_name="memberships", to=settings.AUTH_USER_MODEL)),
            ("team", models.ForeignKey(on_delete=models.PROTECT, related_name="members", to="tickets.team")),
        ],
        options={
            "ordering": ["display_name"],
            "constraints": [
                models.UniqueConstraint(fields=("team", "user"), name="member_is_once_in_a_team"),
                models.CheckConstraint(condition=models.Q(("roles__len__gt", 0)), name="member_has_a_role"),
                models.CheckConstraint(
                    condition=models.Q(("roles__contained_by", ["agent", "after_sale", "warehouse", "manager", "operations"])),
                    name="member_roles_are_known",
                ),
            ],
            "triggers": [
                Trigger(
                    name="member_who_leaves_holds_nothing",
                    sql=UpsertTriggerSql(
                        pgid="pgtrigger_member_who_leaves_holds_nothing_c6439",
                        table="tickets_member",
                        when="AFTER",
                        operation='UPDATE OF "is_active", "roles", "team_id"',
                        constraint="CONSTRAINT",
                        timing="DEFERRABLE INITIALLY DEFERRED",
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
                        hash="8a069677ab6cf60302b685dbed968541eb774ddb",
                    ),
                ),
            ],
        },
    ),
    migrations.AddField(
        model_name="team",
        name="lead",
        field=models.ForeignKey(
            blank=True, null=True, on_delete=models.PROTECT, related_name="leads", to="tickets.member", verbose_name="lead"
        ),
    ),
    AddTrigger(
        model_name="team",
        trigger=Trigger(
            name="team_with_a_pool_has_a_lead",
            sql=UpsertTriggerSql(
                pgid="pgtrigger_team_with_a_pool_has_a_lead_728d7",
                table="tickets_team",
                when="AFTER",
                operation='UPDATE OF "lead_id"',
                constraint="CONSTRAINT",
                timing="DEFERRABLE INITIALLY DEFERRED",
                condition='WHEN (NEW."lead_id" IS NULL)',
                func="""
                    IF EXISTS (SELECT 1 FROM tickets_team t JOIN tickets_ticket x ON x.team_id = t.id AND x.holder_id IS NULL
                               AND x.status IN ('open', 'waiting') WHERE t.id = NEW.id AND t.lead_id IS NULL) THEN
                        RAISE EXCEPTION 'team_with_a_pool_has_a_lead' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
                hash="d5fd91a6093e59e4d647bd6314adf2a784f4b477",
            ),
        ),
    ),
    migrations.CreateModel(
        name="Presence",
        fields=[
            (
                "member",
                models.OneToOneField(
                    on_delete=models.CASCADE, primary_key=True, related_name="presence", serialize=False, to="tickets.member"
                ),
            ),
            ("on_since", models.DateTimeField(blank=True, null=True)),
            ("on_until", models.DateTimeField(blank=True, null=True)),
            ("admitted_until", models.DateTimeField(blank=True, null=True)),
            ("next_on", models.DateTimeField(blank=True, null=True)),
            ("next_until", models.DateTimeField(blank=True, null=True)),
            ("seen_at", models.DateTimeField(blank=True, null=True)),
        ],
        options={
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("on_since__isnull", False), models.Q(("admitted_until__isnull", True), ("on_until__isnull", True)), _connector="OR"
                    ),
                    name="presence_ends_only_if_it_began",
                ),
                models.CheckConstraint(
                    condition=models.Q(("next_on__isnull", True), ("next_until__gt", models.F("next_on")), _connector="OR"),
                    name="presence_next_shift_ends_after_it_starts",
                ),
            ],
        },
    ),
]
