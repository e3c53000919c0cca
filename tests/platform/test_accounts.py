"""Signing in: by name or address, never by signing up, slowed down when guessed, with a second factor when set up."""

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.test import Client

from tests.cast import PASSWORD, Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def sign_in(client: Client, name: str, password: str = PASSWORD):
    return client.post("/accounts/login/", {"login": name, "password": password})


@pytest.mark.parametrize("name", ["alice", "alice@example.com"])
def test_a_member_signs_in_by_name_or_address(client: Client, cast: Cast, name: str) -> None:
    assert sign_in(client, name).status_code == 302
    assert client.session["_auth_user_id"] == str(cast.alice.user_id)


def test_a_wrong_password_says_nothing_about_the_account(client: Client, cast: Cast) -> None:
    wrong, unknown = sign_in(client, "alice", "not-hers-at-all"), sign_in(client, "nobody", "not-hers-at-all")
    assert b"not correct" in wrong.content and b"not correct" in unknown.content
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up(client: Client) -> None:
    before = client.get("/accounts/signup/")
    client.post("/accounts/signup/", {"username": "intruder", "password1": PASSWORD, "password2": PASSWORD, "email": "i@example.com"})
    assert b"made by your team" in before.content
    assert not sign_in(client, "intruder").wsgi_request.user.is_authenticated


def test_a_deactivated_person_is_out_at_once(client: Client, cast: Cast) -> None:
    sign_in(client, "bob")
    assert client.get("/accounts/2fa/").status_code == 200
    cast.bob.user.is_active = False
    cast.bob.user.save()
    assert client.get("/accounts/2fa/").status_code == 302


def test_signing_out_ends_the_session_on_the_server(client: Client, cast: Cast) -> None:
    sign_in(client, "bob")
    stolen = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/accounts/logout/")
    client.cookies[settings.SESSION_COOKIE_NAME] = stolen
    assert client.get("/accounts/2fa/").status_code == 302


def test_guessing_is_slowed_down(client: Client, cast: Cast, settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,5/5m/key"}
    for _ in range(5):
        sign_in(client, "carol", "guess-guess-guess")
    refused = sign_in(client, "carol")  # now right, and yet refused
    assert b"Too many failed login attempts" in refused.content
    assert "_auth_user_id" not in client.session
    assert sign_in(client, "dora").status_code == 302, "one person's bad luck does not lock out the team"


def test_a_second_factor_is_asked_for(client: Client, cast: Cast) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(cast.alice.user, secret)
    assert sign_in(client, "alice").url == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in client.session
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert client.session["_auth_user_id"] == str(cast.alice.user_id)
    stored = Authenticator.objects.get(user=cast.alice.user, type="totp").data["secret"]
    assert secret not in stored and get_adapter().decrypt(stored) == secret


def test_a_replaced_key_still_opens_what_it_closed(settings) -> None:
    closed = get_adapter().encrypt("JBSWY3DPEHPK3PXP")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert get_adapter().decrypt(closed) == "JBSWY3DPEHPK3PXP"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        get_adapter().decrypt(closed)


@pytest.mark.parametrize("path", ["login/", "password/reset/", "signup/"])
def test_the_doors_wear_our_shell(client: Client, path: str) -> None:
    page = client.get(f"/accounts/{path}").content.decode()
    assert 'class="bar"' in page and 'id="main"' in page
    assert "&lt;" not in page.split('id="main"')[1].split("</main>")[0]


@pytest.mark.parametrize("path", ["2fa/", "2fa/webauthn/add/", "password/change/", "email/", "3rdparty/", "logout/"])
def test_the_account_pages_wear_our_shell(client: Client, cast: Cast, path: str) -> None:
    sign_in(client, "alice")
    page = client.get(f"/accounts/{path}", follow=True).content.decode()
    assert 'class="bar"' in page
    assert "&lt;" not in page.split('id="main"')[1].split("</main>")[0]


def test_a_reset_mail_goes_to_the_known_address_only(client: Client, cast: Cast, mailoutbox) -> None:
    for address in ("alice@example.com", "stranger@example.com"):
        answer = client.post("/accounts/password/reset/", {"email": address})
        assert answer.url == "/accounts/password/reset/done/"
    assert [mail.to for mail in mailoutbox] == [["alice@example.com"]]
    assert "/accounts/password/reset/key/" in mailoutbox[0].body
