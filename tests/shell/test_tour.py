"""The five-minute tours: every role has one, every step leads somewhere, ticks stay, and the offer goes away for good."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import expect

from handover.shell.tours import TOURS, cookie_of, is_own, tours_for
from tests.cast import make_member, make_team
from tests.conftest import PHONE, Visits, until
from tickets.people.models import Member, Role
from ux import checks

HOLDERS = {
    "agent": "agent",
    "night": "night",
    "after_sale": "aftersale",
    "warehouse": "warehouse",
    "manager": "manager",
    "operations": "operations",
}
"""Who of the demo team takes which tour."""
OFFER = 'class="tour-offer"'


def signed_in(member: Member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def test_every_role_has_a_tour_of_five_to_seven_steps() -> None:
    assert {role for tour in TOURS for role in tour.roles} == set(Role)
    assert all(5 <= len(tour.steps) <= 7 for tour in TOURS)
    assert {tour.code for tour in TOURS} == set(HOLDERS)
    keys = [(tour.code, step.code) for tour in TOURS for step in tour.steps]
    assert len(keys) == len(set(keys))


@pytest.mark.django_db
def test_every_step_opens_the_thing_to_look_at_on_the_demo_team() -> None:
    """For who takes the tour: the page answers 200, not with the gate, and holds the part that the step points to."""
    call_command("demo", verbosity=0)
    wrong = []
    for tour in TOURS:
        member = Member.objects.select_related("team", "presence", "user").get(user__username=HOLDERS[tour.code], team__slug="demo")
        assert is_own(tour, member)
        client = signed_in(member)
        for step in tour.steps:
            url = step.url_for(member)
            assert url, (tour.code, step.code)
            path, _, part = url.partition("#")
            response = client.get(path)
            if response.status_code != 200 or (part and f'id="{part}"' not in response.content.decode()):
                wrong.append(f"{tour.code}: {url}: {response.status_code}")
    assert wrong == []
    offered_where_each_begins()


def offered_where_each_begins() -> None:
    for name in HOLDERS.values():
        client = signed_in(Member.objects.select_related("user").get(user__username=name, team__slug="demo"))
        assert OFFER in client.get("/", follow=True).content.decode(), name


@pytest.mark.django_db
def test_the_readers_own_come_first_and_before_the_digest_that_of_the_digest() -> None:
    team = make_team()
    wen = make_member(team, "Wen", Role.WAREHOUSE)
    assert [given["tour"].code for given in tours_for(wen) if given["own"]] == ["warehouse", "night"]
    unread = make_member(team, "Unread", Role.AGENT, on=False)
    assert [given["tour"].code for given in tours_for(unread) if given["own"]] == ["night", "agent"]
    html = signed_in(unread).get("/tour/").content.decode()
    assert html.index('id="tour-night"') < html.index('id="tour-agent"') < html.index('id="tour-manager"')


@pytest.mark.django_db
def test_a_step_that_is_not_for_the_reader_is_told_without_a_link() -> None:
    bob = make_member(make_team(), "Bob", Role.AGENT)
    manager = next(given for given in tours_for(bob) if given["tour"].code == "manager")
    assert {row["step"].code: row["url"] for row in manager["steps"]}["offers"] is None
    assert 'href="/board/' not in signed_in(bob).get("/tour/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["post", "get"])
def test_the_offer_is_made_until_it_is_declined_or_taken(how: str) -> None:
    olga = make_member(make_team("demo"), "Olga", Role.OPERATIONS)
    client = signed_in(olga)
    assert OFFER in client.get("/tickets/").content.decode()
    assert OFFER not in client.get("/orders/").content.decode(), "on the home only"
    getattr(client, how)("/tour/")
    assert client.cookies[cookie_of(olga)].value == "seen"
    assert OFFER not in client.get("/tickets/").content.decode()
    other = make_member(olga.team, "Oscar", Role.OPERATIONS)
    client.force_login(other.user)
    assert OFFER in client.get("/tickets/").content.decode(), "a browser of a shared desk is met by several"


@pytest.mark.django_db
def test_other_teams_are_not_asked() -> None:
    client = signed_in(make_member(make_team(), "Olga", Role.OPERATIONS))
    html = client.get("/tickets/").content.decode()
    assert OFFER not in html and 'href="/tour/"' in html


@pytest.mark.django_db
def test_the_tour_costs_no_query_of_its_own(django_assert_max_num_queries) -> None:
    client = signed_in(make_member(make_team(), "Bob", Role.AGENT))
    client.get("/tour/")
    with django_assert_max_num_queries(5):
        client.get("/tour/")


@pytest.fixture
def olga(transactional_db: None) -> Member:
    return make_member(make_team("demo"), "Olga", Role.OPERATIONS)


@pytest.mark.browser
def test_by_keyboard_from_the_offer_to_a_ticked_step(olga: Member, visit: Visits) -> None:
    page = visit(olga, "/tickets/")
    page.get_by_role("link", name="Show me").press("Enter")
    expect(page.get_by_role("heading", name="Five-minute tour")).to_be_visible()
    visit.ready(page)
    expect(page.locator("[data-tour-step]:checked")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#step-operations-tickets")).to_be_checked()
    until(page, "document.querySelector('#tour-operations progress').value === 1")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/board/#on-duty"))
    expect(page.locator("#gaps")).to_be_visible()  # what the board asks for after itself has come
    page.goto("/tour/")
    expect(page.locator("#step-operations-tickets")).to_be_checked()
    expect(page.locator("[data-tour-step]:checked")).to_have_count(1)
    page.goto("/tickets/")
    expect(page.locator(".tour-offer")).to_have_count(0)


@pytest.mark.browser
def test_declined_it_is_gone_and_found_again_by_the_question_mark(olga: Member, visit: Visits) -> None:
    page = visit(olga, "/tickets/")
    page.get_by_role("button", name="No, thank you").press("Enter")
    expect(page.locator(".tour-offer")).to_have_count(0)
    visit.ready(page)
    page.keyboard.press("?")
    page.locator("#keys-help").get_by_role("link", name="Five-minute tour").click()
    expect(page.get_by_role("heading", name="Five-minute tour")).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize("device", [{}, {"color_scheme": "dark"}, PHONE | {"locale": "zh-CN"}])
def test_axe_finds_nothing_on_the_tour_and_its_offer(olga: Member, visit: Visits, device: dict) -> None:
    page = visit(olga, "/tickets/", **device)
    for path in ("/tickets/", "/tour/"):
        page.goto(path)
        visit.ready(page)
        page.evaluate("document.querySelectorAll('#main details').forEach((one) => (one.open = true))")
        assert checks.axe(page) + checks.sideways(page) == [], path
        page.context.clear_cookies(name=cookie_of(olga))
