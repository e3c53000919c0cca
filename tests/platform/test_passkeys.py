"""A passkey, in a real browser with an authenticator of its own: added, then signed in with, under our CSP."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from playwright.sync_api import Page

from tests.cast import PASSWORD, make_cast
from ux.checks import axe

TOUCH_ID = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_added_and_signs_in(live_server, chromium) -> None:
    make_cast()
    context = chromium.new_context()
    said = story(context.new_page(), live_server.url)
    context.close()
    assert [text for text in said if "Content Security Policy" in text] == []


def story(page: Page, url: str) -> list[str]:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": TOUCH_ID})

    page.goto(f"{url}/accounts/login/?next=/accounts/2fa/webauthn/add/")
    page.fill("[name=login]", "alice")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/accounts/reauthenticate/**")  # whoever changes a second factor shows the password again
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/2fa/webauthn/add/")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda now: not now.endswith("/add/"))

    page.goto(f"{url}/accounts/2fa/webauthn/reauthenticate/")
    assert axe(page) == []
    page.goto(f"{url}/accounts/logout/")
    page.click("main button")
    page.goto(f"{url}/accounts/login/?next=/accounts/2fa/")
    page.click("#passkey_login")
    page.wait_for_url("**/accounts/2fa/")
    return said


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_code_of_an_app_is_asked_for_after_the_password(live_server, chromium) -> None:
    TOTP.activate(make_cast().alice.user, generate_totp_secret())
    page = chromium.new_page()
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("[name=login]", "alice")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/accounts/2fa/authenticate/**")
    assert axe(page) == []
    page.fill("[name=code]", "000000")
    page.press("[name=code]", "Enter")
    page.locator("main .error, main [role=alert]").first.wait_for()
    assert axe(page) == []
    page.context.close()
