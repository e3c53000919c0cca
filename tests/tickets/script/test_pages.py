"""The pages of quick replies and campaigns: found, written, changed, ended; who may, and what they cost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cast import Cast, make_shop
from tests.tickets.script.conftest import campaign, script
from tickets.script import actions
from tickets.script.models import Campaign, Script
from tickets.ticket.models import Ticket

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_REQUEST_TYPE": "partial"}
SCRIPT = {"shortcut": "refund", "title": "Refunds", "body": "Within three days, {customer}."}


def test_the_list_is_searched_and_narrowed_by_shop(as_, cast: Cast) -> None:
    other = make_shop(cast.team, "Other")
    script(cast.bob, "everywhere")
    script(cast.bob, "here", shop=cast.shop)
    script(cast.bob, "there", shop=other, body="a rare word")
    actions.end_script(script(cast.bob, "gone"), by=cast.bob)
    script(cast.mallory, "theirs")
    page = as_(cast.bob)

    def listed(query: str) -> list[str]:
        html = page.get(f"/scripts/{query}").content.decode()
        return [name for name in ("everywhere", "here", "there", "gone", "theirs") if f"<b>/{name}</b>" in html]

    assert listed("") == ["everywhere", "here", "there"]
    assert listed(f"?shop={cast.shop.pk}") == ["everywhere", "here"]
    assert listed("?q=RARE") == listed("?q=/there") == ["there"]
    assert listed("?ended") == ["gone"]
    assert listed("?q=nothing") == []
    part = page.get("/scripts/?q=rare", **HTMX).content.decode()
    assert part.lstrip().startswith('<div id="rows"') and "<html" not in part


def test_a_reply_is_written_changed_and_ended(as_, cast: Cast) -> None:
    page = as_(cast.bob)
    assert page.get("/scripts/new/").status_code == 200
    assert page.post("/scripts/new/", SCRIPT).headers["Location"] == "/scripts/"
    made = Script.objects.get()
    there = f"/scripts/{made.pk}/"
    assert "Within three days, {customer}." in page.get(there).content.decode()
    assert page.post(there, SCRIPT | {"title": "Refund", "version": 1, "shop": cast.shop.pk}).status_code == 303
    made.refresh_from_db()
    assert (made.title, made.shop, made.version) == ("Refund", cast.shop, 2)
    assert page.post(f"{there}end/").status_code == 303
    assert "This is over" in page.get(there).content.decode()


def test_what_is_wrong_stands_beside_its_field_as_typed(as_, cast: Cast) -> None:
    script(cast.carol)
    answer = as_(cast.bob).post("/scripts/new/", SCRIPT, **HTMX)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Another quick reply has this shortcut." in html and "Within three days, {customer}." in html
    assert as_(cast.bob).post("/scripts/new/", SCRIPT | {"shortcut": "new", "body": "{who}"}).status_code == 422
    assert Script.objects.count() == 1


def test_c6_a_stale_change_shows_both_and_the_second_save_decides(as_, cast: Cast) -> None:
    made = script(cast.bob)
    actions.change_script(made, by=cast.carol, version=1, body="What Carol wrote.")
    page, there = as_(cast.bob), f"/scripts/{made.pk}/"
    answer = page.post(there, SCRIPT | {"version": 1}, **HTMX)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "What Carol wrote." in html and "Within three days, {customer}." in html
    assert 'name="version" value="2"' in html
    made.refresh_from_db()
    assert made.body == "What Carol wrote."
    assert page.post(there, SCRIPT | {"version": 2}).status_code == 303
    made.refresh_from_db()
    assert made.body == SCRIPT["body"]


def test_campaigns_by_their_time(as_, cast: Cast) -> None:
    now = timezone.now()
    day = timedelta(days=1)
    campaign(cast.alice, "Running one", starts_at=now - day, ends_at=now + day)
    campaign(cast.alice, "Coming one", starts_at=now + day, ends_at=now + 2 * day)
    campaign(cast.alice, "Past one", starts_at=now - 2 * day, ends_at=now - day)
    actions.end_campaign(campaign(cast.alice, "Stopped one", starts_at=now - day, ends_at=now + day), by=cast.alice)
    campaign(cast.mallory, "Their one", starts_at=now - day, ends_at=now + day)
    page = as_(cast.bob)

    def listed(query: str) -> list[str]:
        html = page.get(f"/campaigns/{query}").content.decode()
        return [name for name in ("Running", "Coming", "Past", "Stopped", "Their") if f"{name} one</b>" in html]

    assert listed("") == ["Running"]
    assert listed("?state=coming") == ["Coming"]
    assert listed("?state=over") == ["Past", "Stopped"]
    assert listed("?q=nothing") == []
    assert page.get("/campaigns/?state=x").status_code == 404


def test_a_campaign_is_announced_in_the_teams_time_changed_and_ended(as_, cast: Cast) -> None:
    page = as_(cast.alice)
    typed = {"name": "Double 12", "text": "300 - 40", "starts_at": "2026-12-12T00:00", "ends_at": "2026-12-13T00:00"}
    assert page.post("/campaigns/new/", typed).headers["Location"] == "/campaigns/"
    made = Campaign.objects.get()
    assert made.starts_at.isoformat() == "2026-12-11T16:00:00+00:00"
    there = f"/campaigns/{made.pk}/"
    assert 'value="2026-12-12T00:00"' in page.get(there).content.decode()
    assert page.post(there, typed | {"ends_at": "2026-12-11T00:00", "version": 1}).status_code == 422
    assert page.post(there, typed | {"name": "Double Twelve", "version": 1}).status_code == 303
    assert page.post(there, typed | {"version": 1}).status_code == 409
    assert page.post(f"{there}end/").status_code == 303
    made.refresh_from_db()
    assert (made.name, made.ended_at is not None) == ("Double Twelve", True)


def test_who_may(as_, cast: Cast) -> None:
    reply, sale = script(cast.bob), campaign(cast.alice)
    for member, edits_scripts, edits_campaigns in ((cast.alice, True, True), (cast.dora, True, False), (cast.wen, False, False)):
        page = as_(member)
        assert page.get("/scripts/").status_code == page.get("/campaigns/").status_code == 200
        assert ("/scripts/new/" in page.get("/scripts/").content.decode()) is edits_scripts
        assert page.get(f"/scripts/{reply.pk}/").status_code == (200 if edits_scripts else 403)
        assert page.get(f"/campaigns/{sale.pk}/").status_code == (200 if edits_campaigns else 403)
    for path in (f"/scripts/{reply.pk}/end/", f"/campaigns/{sale.pk}/end/"):
        assert as_(cast.olga).post(path).status_code == 403
        assert as_(cast.mallory).post(path).status_code == 404
    for path in (f"/scripts/{reply.pk}/", f"/campaigns/{sale.pk}/", "/scripts/0/", "/campaigns/0/"):
        assert as_(cast.mallory).get(path).status_code == 404
        assert as_(cast.mallory).post(path, SCRIPT | {"version": 1}).status_code == 404
    reply.refresh_from_db(), sale.refresh_from_db()
    assert reply.ended_at is None and sale.ended_at is None and reply.version == 1


def test_the_picker_offers_a_ticket_its_replies(as_, cast: Cast, held: Ticket) -> None:
    script(cast.bob, body="{customer} & {order}: <{agent}>")
    there = f"/scripts/for/{held.pk}/"
    html = as_(cast.carol).get(there).content.decode()
    assert 'data-shortcut="refund"' in html
    assert 'data-text="刘女士 &amp; 4021188000123456789: &lt;Carol&gt;"' in html
    assert as_(cast.mallory).get(there).status_code == 404
    assert f'data-scripts="{there}"' in as_(cast.bob).get(f"/tickets/{held.pk}/").content.decode()
    assert 'href="/scripts/"' in as_(cast.bob).get(f"/tickets/{held.pk}/").content.decode()


@pytest.mark.parametrize("path", ["/scripts/", "/campaigns/?state=over"])
def test_a_list_costs_the_same_however_long_it_is(as_, cast: Cast, path: str) -> None:
    page = as_(cast.bob)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert page.get(path).status_code == 200
        return len(captured)

    def add(number: int) -> None:
        shop = make_shop(cast.team, f"Shop {number}")
        script(cast.bob, f"s{number}", shop=shop)
        actions.end_campaign(campaign(cast.alice, f"c{number}", shop=shop), by=cast.alice)

    add(0)
    cost()
    few = cost()
    for number in range(1, 9):
        add(number)
    assert cost() == few <= 8


def test_a_long_list_says_that_there_is_more(as_, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.script.views.SHOWN", 2)
    for number in range(3):
        script(cast.bob, f"s{number}")
    html = as_(cast.bob).get("/scripts/").content.decode()
    assert "There are more." in html and "<b>/s2</b>" not in html
