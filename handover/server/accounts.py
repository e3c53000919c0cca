"""Signing in: accounts are made by a manager, never by signing up."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """DingTalk, Feishu and OIDC sign in people who have an account; they connect it once from their account page."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: object) -> bool:
        return False
