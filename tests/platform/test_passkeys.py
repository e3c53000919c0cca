"""A passkey, in a real browser with an authenticator of its own: added, then signed in with, under our CSP."""

import pytest
from playwright.sync_api import Page

from tests.cast import PASSWORD, make_cast

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

    page.goto(f"{url}/accounts/logout/")
    page.click("main button")
    page.goto(f"{url}/accounts/login/?next=/accounts/2fa/")
    page.click("#passkey_login")
    page.wait_for_url("**/accounts/2fa/")
    return said
