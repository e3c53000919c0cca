"""The API of people: `auth/login/`, `auth/logout/`, `me/`, `members/`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from tickets.people.models import Member, Role, User
from tickets.people.scopes import Scope
from tickets.people.tokens import make_token
from tickets.web.api import DeedPermission, Door
from tickets.web.filters import refuse_unknown
from tickets.web.refusals import Refused
from tickets.web.schema import describe

WRONG = _("Name or password is wrong.")
CODE = _("This account needs the code of its authenticator app as well.")
NO_TOKEN = _("Only a token can be given back here; a browser signs out on its page.")

me_parts: list[Callable[[Member, datetime], dict[str, Any]]] = []
"""Called as part(member, at); what they return is added to `me/`. Higher rooms register what they know of a person, such as the
state of the digest."""


class LoginIn(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=254, help_text="user name or e-mail")
    password = serializers.CharField(max_length=512, trim_whitespace=False)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(Scope.choices), required=False, allow_empty=False, help_text="what the token is for; all by default"
    )
    code = serializers.CharField(max_length=32, required=False, allow_blank=True, help_text="of the authenticator app, or a recovery code")


class LoginOut(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="send it as `Authorization: Token …`")
    expiry = serializers.DateTimeField(allow_null=True)
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))


class Login(APIView):
    """Sign in a program."""

    gated = False
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_scope = "login"

    @describe(LoginOut, "not_authenticated", request=LoginIn, auth=[])
    def post(self, request: Request) -> Response:
        """A token for name and password, and for the code of the authenticator app where the account has one."""
        said = LoginIn(data=request.data)
        said.is_valid(raise_exception=True)
        scopes = said.validated_data.pop("scopes", Scope.values)
        grant, token = make_token(self.known(request, **said.validated_data), scopes=scopes)
        return Response({"token": token, "expiry": grant.token.expiry, "scopes": grant.scopes})

    def known(self, request: Request, username: str, password: str, code: str = "") -> User:
        """The account, or `not_authenticated`: wrong name, wrong password and inactive look alike. allauth counts the failures."""
        field = "email" if "@" in username else "username"
        try:
            user = get_adapter(request._request).authenticate(request._request, **{field: username, "password": password})
        except ValidationError as failure:
            raise Refused("throttled", " ".join(failure.messages)) from failure
        if user is None or not user.is_active:
            raise Refused("not_authenticated", WRONG)
        second = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN)
        if second and not any(factor.wrap().validate_code(code.strip()) for factor in second if code.strip()):
            raise Refused("not_authenticated", CODE, needs_code=True)
        return user


class Logout(APIView):
    """Give a token back."""

    gated = False
    permission_classes = [DeedPermission]
    deeds = {"post": "me.read"}

    @describe(None, status=204, request=None)
    def post(self, request: Request) -> Response:
        """The token that asks works no longer."""
        if not isinstance(request.auth, AuthToken):
            raise Refused("invalid", NO_TOKEN)
        request.auth.delete()
        return Response(status=204)


class PresenceOut(serializers.Serializer[Any]):
    """`on`: at work now. Instants UTC."""

    on = serializers.BooleanField()
    since = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True)
    next_on = serializers.DateTimeField(allow_null=True)
    next_until = serializers.DateTimeField(allow_null=True)


class TeamOut(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    time_zone = serializers.CharField()
    currency = serializers.CharField()
    max_handlers = serializers.IntegerField()
    lead = serializers.IntegerField(allow_null=True)


class MembershipOut(serializers.Serializer[Any]):
    team = serializers.CharField(help_text="short name, for `?team=` or `X-Team`")
    name = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices))


class MeOut(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="of the membership: the one that tickets name as holder")
    username = serializers.CharField()
    name = serializers.CharField()
    language = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices))
    team = TeamOut()
    teams = MembershipOut(many=True)
    duty = PresenceOut()
    digest = serializers.DictField(help_text="`needed`: whether the workspace waits until the digest is acknowledged; and its version")


def presence_of(member: Member, at: datetime) -> dict[str, Any]:
    """When a member is at work, for an answer."""
    found = getattr(member, "presence", None)
    if found is None:
        return {"on": False, "since": None, "until": None, "next_on": None, "next_until": None}
    on = found.is_on(at)
    since, until = (found.on_since, found.on_until) if on else (None, None)
    return {"on": on, "since": since, "until": until, "next_on": found.next_on, "next_until": found.next_until}


class Me(APIView):
    """Who am I?"""

    gated = False
    permission_classes = [DeedPermission]
    deeds = {"get": "me.read"}

    @describe(MeOut, "not_found")
    def get(self, request: Request) -> Response:
        """Teams, roles, duty and the digest's state."""
        member: Member = request._request.member
        members: list[Member] = request._request.members
        at = timezone.now()
        duty, team = presence_of(member, at), member.team
        found: dict[str, Any] = {
            "id": member.pk,
            "username": member.user.username,
            "name": member.display_name,
            "language": member.user.language,
            "roles": sorted(member.roles),
            "team": {
                "slug": team.slug,
                "name": team.name,
                "time_zone": team.time_zone,
                "currency": team.currency,
                "max_handlers": team.max_handlers,
                "lead": team.lead_id,
            },
            "teams": [{"team": m.team.slug, "name": m.team.name, "roles": sorted(m.roles)} for m in members],
            "duty": duty,
            "digest": {"needed": member.works_in_shifts and not duty["on"]},
        }
        for part in me_parts:
            found |= part(member, at)
        return Response(found)


class MemberOut(serializers.Serializer[Member]):
    id = serializers.IntegerField()
    username = serializers.CharField(source="user.username")
    name = serializers.CharField(source="display_name")
    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices))
    duty = serializers.SerializerMethodField()

    def get_duty(self, member: Member) -> PresenceOut:
        return presence_of(member, self.context["at"])  # type: ignore[return-value]


class Members(ListModelMixin, Door):
    """Colleagues."""

    deeds = {"list": "team.read"}
    queryset = Member.objects.none()
    serializer_class = MemberOut
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Member]:
        return Member.objects.visible_to(self.member).active().select_related("user", "presence")

    def get_serializer_context(self) -> dict[str, Any]:
        return super().get_serializer_context() | {"at": timezone.now()}

    @describe(MemberOut(many=True), "not_found")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The team's active members, and when each is at work."""
        refuse_unknown(request.query_params, ())
        return super().list(request, *args, **kwargs)


router = SimpleRouter()
router.register("members", Members, basename="api-member")

urlpatterns = [
    path("auth/login/", Login.as_view(), name="api-login"),
    path("auth/logout/", Logout.as_view(), name="api-logout"),
    path("me/", Me.as_view(), name="api-me"),
    *router.urls,
]
