"""The admin site is for setting up, and it cannot break a rule.

Every table of ours is shown; only the few named in `SET_UP` can be written, and those through the same actions as everywhere
else. A table that is added tomorrow is read-only without anybody thinking of it. Nothing is deleted here.
"""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst
from knox.models import AuthToken

from tickets.people.actions import change_team, set_lead
from tickets.people.models import Member, Role, Shop, Team, User

# The admin's own sign-in knows no rate limit and no second factor; ours does.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Handover"


class ReadOnly(admin.ModelAdmin):
    """Shows rows, changes none."""

    show_full_result_count = False  # a count of millions for every page of a list
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NothingDeleted(admin.ModelAdmin):
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class People(NothingDeleted, UserAdmin):
    """Accounts. Who leaves is deactivated as a member, so that what they hold moves on in the same moment."""

    list_display = ["username", "email", "is_active", "is_staff", "last_login"]
    fieldsets = [
        (None, {"fields": ["username", "password", "email", "first_name", "last_name", "language"]}),
        (None, {"fields": ["is_active", "is_staff", "is_superuser", "last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """An account with memberships is not switched off here; flags of power are a superuser's to give."""
        fixed = list(self.readonly_fields)
        if obj is not None and obj.memberships.exists():
            fixed.append("is_active")
        if not request.user.is_superuser:
            fixed += ["is_staff", "is_superuser"]
        return fixed


class Teams(NothingDeleted):
    list_display = ["name", "slug", "time_zone", "lead"]
    readonly_fields = ["lead"]  # the first manager becomes it; after that the team's own page names another
    prepopulated_fields = {"slug": ["name"]}

    def save_model(self, request: HttpRequest, obj: Team, form: Any, change: bool) -> None:
        if not change:
            obj.save()
        elif form.changed_data:
            stored = Team.objects.get(pk=obj.pk)
            change_team(stored, by=None, **{name: form.cleaned_data[name] for name in form.changed_data})


class Members(NothingDeleted):
    """Members are added here; roles and leaving are changed on the team's page, where what they hold is taken care of."""

    list_display = ["display_name", "team", "user", "roles", "is_active"]
    list_filter = ["team", "is_active"]
    search_fields = ["display_name", "user__username"]
    list_select_related = ["team", "user"]
    autocomplete_fields = ["user"]

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if db_field.name == "roles":  # ticked, not typed as codes between commas
            label = capfirst(db_field.verbose_name)
            return forms.MultipleChoiceField(choices=Role.choices, label=label, widget=forms.CheckboxSelectMultiple)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Member | None = None) -> list[str]:
        return ["team", "user", "roles", "is_active"] if obj else ["is_active"]

    def save_model(self, request: HttpRequest, obj: Member, form: Any, change: bool) -> None:
        obj.save()
        if not change and Role.MANAGER in obj.roles and obj.team.lead_id is None:
            set_lead(obj.team, obj, by=None)


class Shops(NothingDeleted):
    list_display = ["name", "platform", "team", "is_active"]
    list_filter = ["team", "platform"]

    def get_readonly_fields(self, request: HttpRequest, obj: Shop | None = None) -> list[str]:
        return ["team", "platform"] if obj else []  # its orders stay where they are


class SecondFactors(ReadOnly):
    """Shows that a person has one, never its secret. Deleting it is how somebody who lost the phone gets in again."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    fields = ["user", "type", "created_at", "last_used_at"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


class Tokens(ReadOnly):
    """API tokens: whose, until when. Deleting one ends it."""

    list_display = ["user", "created", "expiry"]
    fields = ["user", "created", "expiry"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


SET_UP: dict[type[models.Model], type[admin.ModelAdmin]] = {User: People, Team: Teams, Member: Members, Shop: Shops}


def register_all() -> None:
    """Ours by the rule above; of the libraries' tables only what setting up needs. Runs after every app registered its own."""
    for app in ("tickets", "handover"):
        for model in apps.get_app_config(app).get_models():
            admin.site.register(model, SET_UP.get(model, ReadOnly))
    for model, shown in ((Authenticator, SecondFactors), (AuthToken, Tokens)):
        if admin.site.is_registered(model):
            admin.site.unregister(model)
        admin.site.register(model, shown)
    for model in (Group, EmailAddress, SocialAccount, SocialApp, SocialToken):  # unused, or set by the environment
        if admin.site.is_registered(model):
            admin.site.unregister(model)
