"""The pages beside other systems in Chromium, empty, filled and refusing, light and dark: axe finds nothing, nothing scrolls sideways,
and the Tab key reaches all that can be pressed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import Page, expect

from handover.message import actions as messages
from handover.message.models import Destination, Parcel
from handover.roster.models import ShiftPattern
from handover.webhook import actions as webhooks
from handover.webhook.models import WebhookDelivery
from tests.cast import Cast, make_cast
from tests.conftest import Visits
from tickets.mail import actions as mail
from tickets.mail.models import Letter
from tickets.movein.models import Move, MoveProblem
from tickets.people.tokens import make_token
from tickets.return_form.models import PlatformCompensation
from ux import checks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Visit = Callable[..., Page]

LISTS = [
    *("/me/messages/", "/team/messages/", "/team/webhooks/", "/team/move-in/", "/team/mail/", "/roster/grid/", "/me/tokens/"),
    *("/imports/", "/returns/compensations/"),
]
FORMS = ["/me/messages/add/", "/team/messages/add/", "/team/webhooks/add/"]
DEVICES: list[dict[str, Any]] = [{}, {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}]
ROUND = """() => [...document.querySelectorAll("main a[href], main button, main input, main select, main textarea, main summary")]
    .filter((one) => one.type !== "hidden" && !one.disabled && one.checkVisibility() && one.tabIndex >= 0 && one.type !== "radio")"""


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def go(page: Page, address: str) -> None:
    page.goto(address)
    Visits.ready(page)


def faults(page: Page) -> list[str]:
    return checks.axe(page) + checks.sideways(page)


def fill(cast: Cast) -> list[str]:
    """A row of everything, in every state; the addresses of single ones."""
    now, alice = timezone.now(), cast.alice
    messages.use_email([alice])
    robot = "https://oapi.dingtalk.com/robot/send?access_token=" + 64 * "a"
    place = messages.add(by=alice, address=robot, secret="SEC" + 64 * "b", for_team=True)
    Destination.objects.filter(pk=place.pk).update(broken_at=now, broken_why="invalid sign", name="客服群")
    for state in ("sent", "failed", "waiting"):
        Parcel.objects.create(destination=place, state=state, made_at=now, next_at=now, ended_at=now, error="timeout", uncertain=True)
    hook, _secret = webhooks.add(by=alice, url="https://erp.example.com/hook?a=rather-long-address-that-has-no-blank-in-it-anywhere")
    for state in WebhookDelivery.State.values:
        ended = None if state in ("waiting", "sending") else now
        lease = now if state == "sending" else None
        WebhookDelivery.objects.create(
            endpoint=hook, state=state, begun_at=now, next_at=now, ended_at=ended, lease_until=lease, status=500, error="timeout"
        )
    told: dict[str, Any] = {"team": cast.team, "by": alice, "created_at": now}
    move = Move.objects.create(system="zendesk", name="users.json", state="done", dry_run=True, problems=1, **told)
    Move.objects.create(system="csv", name="old.csv", state="failed", error="broken", **told)
    MoveProblem.objects.create(move=move, place=3, external_id="77", code="id_missing", where="tickets[3]")
    mail.set_mailbox(by=alice, address="help@lotus.example", host="imap.example.com", username="help", password="hush")
    for number, outcome in enumerate(Letter.Outcome.values):
        taken = outcome in ("opened", "added")
        if not taken:
            row = Letter(team=cast.team, message_id=f"{number}@x", sender="liu@example.com", outcome=outcome, text="I am away", at=now)
            row.raw.save("letter.eml", ContentFile(b"From: liu@example.com\n\nI am away"))
    make_token(alice.user, name="ERP, every night", per_minute=30, by=alice)
    told = {"team": cast.team, "shop": cast.shop, "order_number": "4021188000123456789", "amount": 12, "told_at": now}
    PlatformCompensation.objects.create(number="PF1", state="paid", paid_at=now, reason_text="延迟发货", **told)
    PlatformCompensation.objects.create(number="PF2", state="failed", is_ours=False, bearer_text="平台", **told)
    return [f"/team/webhooks/{hook.pk}/", f"/me/messages/{place.pk}/", f"/team/move-in/{move.pk}/", "/team/messages/?state=failed"]


@pytest.mark.parametrize("device", DEVICES, ids=["light", "dark phone"])
def test_axe_finds_nothing_empty_and_filled(visit: Visit, cast: Cast, device: dict[str, Any]) -> None:
    page = visit(cast.alice, LISTS[0], **device)
    for address in [*LISTS, *FORMS]:
        go(page, address)
        assert faults(page) == [], f"{address}, empty"
    more = fill(cast)
    for address in [*LISTS, *more]:
        go(page, address)
        assert faults(page) == [], f"{address}, filled"


WRONG: list[tuple[str, dict[str, str], str]] = [
    ("/me/messages/add/", {"address": "nonsense"}, ".error"),
    ("/team/messages/add/", {"address": "https://example.com/"}, ".error"),
    ("/team/webhooks/add/", {"url": "http://10.0.0.1/"}, ".error"),
    ("/team/move-in/", {"file": "x"}, ".error"),
    ("/team/mail/", {"address": "nobody"}, ".error"),
    ("/roster/grid/", {"file": "x"}, ".note.bad, .error"),
    ("/me/tokens/", {"name": ""}, ".error"),
    ("/returns/compensations/", {"file": "x"}, ".note.bad, .error"),
]


@pytest.mark.parametrize("device", DEVICES, ids=["light", "dark phone"])
def test_axe_finds_nothing_where_something_was_refused(visit: Visit, cast: Cast, tmp_path: Path, device: dict[str, Any]) -> None:
    ShiftPattern.objects.create(team=cast.team, name="Day", letter="D", starts="09:00", ends="17:00", min_people=1)
    nonsense = tmp_path / "x.csv"
    nonsense.write_text("a,b\n1,2\n")
    page = visit(cast.alice, "/me/", **device)
    for address, typed, said in WRONG:
        go(page, address)
        form = page.locator("main form[method=post]:has(button[type=submit])").filter(has=page.locator(f"[name={next(iter(typed))}]")).first
        for name, value in typed.items():
            field = form.locator(f"[name={name}]")
            if name == "file":
                field.set_input_files(nonsense)
            else:
                field.fill(value)
        form.evaluate("(form) => { form.noValidate = true; form.requestSubmit(); }")
        expect(page.locator("main").locator(said).first).to_be_visible()
        assert faults(page) == [], f"{address}, refused"


def test_the_tab_key_reaches_all_that_can_be_pressed(visit: Visit, cast: Cast) -> None:
    more = fill(cast)
    page = visit(cast.alice, LISTS[0])
    for address in [*LISTS, *FORMS, *more]:
        go(page, address)
        wanted = page.evaluate(f"() => {{ window.wanted = ({ROUND})(); window.met = new Set(); return window.wanted.length; }}")
        page.evaluate("document.querySelector('main').focus()")
        for _press in range(wanted + 40):
            page.keyboard.press("Tab")
            page.evaluate("window.met.add(document.activeElement)")
        missed = page.evaluate("window.wanted.filter((one) => !window.met.has(one)).map((one) => one.outerHTML.slice(0, 90))")
        assert missed == [], address
