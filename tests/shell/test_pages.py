"""The shell as the server draws it: bar, language, colours, refusals, error pages, manifest."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.template import engines
from django.test import Client, RequestFactory, override_settings
from django.utils import translation
from jinja2_fragments import render_block

from handover.shell.places import PLACES, bar_load, places
from tests.cast import PASSWORD, make_member, make_team
from tickets.people.models import Member, Role, User
from tickets.web.refusals import Refused
from tickets.web.replies import refusal


def test_at_most_six_places_each_with_a_key_of_its_own() -> None:
    assert len(PLACES) <= 6
    assert len({place.key for place in PLACES}) == len(PLACES)


def test_the_page_names_language_direction_and_landmarks() -> None:
    html = Client().get("/styleguide/", headers={"accept-language": "zh-CN"}).content.decode()
    assert '<html lang="zh-Hans" dir="ltr"' in html
    for piece in ('<main id="main"', "<header", 'class="skip" href="#main"', "<nav", "<aside"):
        assert piece in html


def test_the_chosen_colours_come_with_the_first_byte() -> None:
    client = Client()
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/styleguide/").content.decode()
    client.cookies["theme"] = '"><script>'
    assert 'data-theme="auto"' in client.get("/styleguide/").content.decode()


def test_the_styleguide_is_for_local_mode_only() -> None:
    with override_settings(LOCAL=False):
        assert Client().get("/styleguide/").status_code == 404


def test_the_styleguide_has_no_content_that_the_csp_would_stop() -> None:
    response = Client().get("/styleguide/")
    assert "unsafe-inline" not in response["Content-Security-Policy"]
    assert not re.search(r"\sstyle=|<script(?![^>]*src=)", response.content.decode())


def test_the_manifest_lets_a_phone_install_it() -> None:
    response = Client().get("/manifest.webmanifest", headers={"accept-language": "en"})
    assert response["Content-Type"] == "application/manifest+json"
    found = response.json()
    assert found["display"] == "standalone" and found["start_url"] == "/"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in found["icons"]}
    assert any(icon.get("purpose") == "maskable" for icon in found["icons"])


@pytest.mark.django_db
def test_the_language_is_kept_with_the_account() -> None:
    member = make_member(make_team(), "Bob", Role.AGENT)
    client = Client()
    client.force_login(member.user)
    response = client.post("/language/", {"language": "zh-hans", "next": "/styleguide/"})
    assert response.status_code == 302 and response["Location"] == "/styleguide/"
    assert User.objects.get(pk=member.user_id).language == "zh-hans"
    assert '<html lang="zh-Hans"' in client.get("/styleguide/").content.decode()


@pytest.mark.django_db
def test_a_language_that_does_not_exist_changes_nothing() -> None:
    member = make_member(make_team(), "Bob", Role.AGENT)
    client = Client()
    client.force_login(member.user)
    client.post("/language/", {"language": "tlh", "next": "https://elsewhere.example/"})
    assert User.objects.get(pk=member.user_id).language == ""


def test_a_stranger_sees_no_places() -> None:
    html = Client().get("/styleguide/?signed=out").content.decode()
    assert 'class="places"' not in html
    assert "data-member" not in html


def _request(**headers: str):
    request = RequestFactory().get("/x/", headers=headers)
    request.member = None
    return request


def test_a_refusal_is_a_page() -> None:
    response = refusal(_request(), Refused("taken", "小周 has it since 15:02."))
    html = response.content.decode()
    assert response.status_code == 409
    assert "<!doctype html>" in html and "小周 has it since 15:02." in html


def test_a_refusal_to_htmx_is_a_toast_that_touches_nothing_else() -> None:
    request = _request(**{"HX-Request": "true"})
    request.htmx = type("Htmx", (), {"boosted": False, "__bool__": lambda self: True})()
    html = refusal(request, Refused("taken", "小周 <b>has</b> it.")).content.decode().strip()
    assert html.startswith('<hx-partial hx-target="#toasts"') and html.endswith("</hx-partial>")
    assert "小周 &lt;b&gt;has&lt;/b&gt; it." in html


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 500])
def test_every_error_has_its_page(status: int) -> None:
    problem = {"title": "Not found", "status": status, "detail": "It may have been moved.", "code": "x"}
    html = engines["jinja2"].get_template(f"{status}.html").render({"problem": problem}, _request())
    assert "It may have been moved." in html and "data-problem" in html


def test_the_digest_that_must_be_read_is_one_press_away() -> None:
    problem = {"title": "Read the digest first", "status": 403, "detail": "…", "code": "digest_unread"}
    context = {"problem": problem, "first_url": lambda names: "/digest/"}
    assert 'href="/digest/"' in engines["jinja2"].get_template("403.html").render(context, _request())


def test_a_fragment_finds_the_parts_without_importing_them() -> None:
    env = engines["jinja2"].env
    source = '{% extends "_base.html" %}{% block main %}{% block piece %}{{ ui.severity("watch") }}{% endblock %}{% endblock %}'
    template = env.from_string(source)
    html = "".join(template.blocks["piece"](template.new_context({})))
    assert "▲" in html and "<html" not in html
    assert render_block(env, "refusal.html", "refusal", problem={"detail": "no"}).strip().startswith("<hx-partial")


def test_an_unknown_part_or_icon_is_an_error_not_a_hole() -> None:
    env = engines["jinja2"].env
    with pytest.raises(Exception, match="nosuchpart"):
        env.from_string("{{ ui.nosuchpart() }}").render()
    with pytest.raises(FileNotFoundError):
        env.from_string('{{ icon("nosuchicon") }}').render()


def test_what_people_wrote_is_escaped_in_every_part() -> None:
    env = engines["jinja2"].env
    nasty = "<script>alert(1)</script>\" onclick='x'"
    source = """{{ ui.button(x) }}{{ ui.input("a", x, x) }}{{ ui.textarea("b", x, x) }}{{ ui.select("c", x, [(x, x)], x) }}{{ ui.badge(x) }}
    {{ ui.note(x) }}{{ ui.head(x, x) }}{{ ui.facts([(x, x)]) }}{{ ui.handlers([(x, x)]) }}{{ ui.empty(x, x) }}{{ ui.toast(x) }}
    {{ ui.sparkline([1, 2], x) }}{{ ui.line([(x, 1, x)], x) }}{{ ui.bars([{"label": x, "value": 1, "text": x}], x, x) }}
    {{ ui.stepper("d", x) }}{{ _("by %(time)s", time=x) }}{% trans time=x %}by {{ time }}{% endtrans %}"""
    html = env.from_string(source).render(x=nasty)
    assert "<script" not in html
    assert not re.search(r"\"\s+onclick=", html)


def test_words_are_of_the_readers_language_whatever_was_asked_before() -> None:
    """Texts are looked up once for each language; a lone percent sign is written twice, with and without values."""
    template = engines["jinja2"].env.from_string('{{ _("Desk") }} {{ _("by %(time)s", time="9") }} {{ _("100 %%") }}')
    assert template.render() == "Desk by 9 100 %"
    with translation.override("zh-hans"):
        assert template.render() == "工作台 9 前 100 %"
    assert template.render() == "Desk by 9 100 %"


@pytest.mark.django_db
def test_the_look_is_open_before_the_digest_is_read() -> None:
    member = make_member(make_team(), "Bob", Role.AGENT, on=False)
    client = Client()
    client.force_login(member.user)
    assert client.get("/manifest.webmanifest").status_code == 200
    assert client.post("/language/", {"language": "zh-hant", "next": "/styleguide/"})["Location"] == "/styleguide/"
    assert '<html lang="zh-Hant"' in client.get("/styleguide/").content.decode()


@pytest.mark.django_db
def test_the_bar_counts_what_one_holds_in_one_query(django_assert_num_queries: Any) -> None:
    member = make_member(make_team(), "Bob", Role.AGENT)
    with django_assert_num_queries(1):
        found = bar_load(member)
    assert found and (found["open"], found["due"]) == (0, 0)
    reader = make_member(member.team, "Olga", Role.OPERATIONS)
    with django_assert_num_queries(0):
        assert bar_load(reader) is None


@pytest.mark.django_db
def test_messages_of_the_framework_become_toasts() -> None:
    member = make_member(make_team(), "Bob", Role.AGENT)
    client = Client()
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    html = client.get("/styleguide/").content.decode()
    toasts = html[html.index('<div id="toasts"') :]
    assert member.user.username in toasts[: toasts.index("</div>\n<dialog")]


def test_the_page_for_a_failure_asks_the_database_nothing() -> None:
    """It is not marked django_db, so that any query fails it: the database may be what is broken."""
    request = _request()
    request.member = Member(pk=1, team_id=1, user=User(username="bob"), display_name="Bob", roles=["agent"])
    problem = {"title": "Something went wrong", "status": 500, "detail": "Nothing was changed.", "code": "failed"}
    html = engines["jinja2"].get_template("500.html").render({"problem": problem}, request)
    assert "Nothing was changed." in html


@pytest.mark.django_db
def test_a_place_leads_where_its_reader_may_go() -> None:
    team = make_team()
    for role in Role:
        member = make_member(team, role.value.title(), role)
        client = Client()
        client.force_login(member.user)
        request = _request()
        request.member = member
        for item in places(request):
            response = client.get(item["url"])
            assert response.status_code != 403, f"{role} is sent to {item['url']}"


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "logs"), [(Role.AGENT, True), (Role.MANAGER, True), (Role.WAREHOUSE, False), (Role.OPERATIONS, False)])
def test_only_who_may_log_is_offered_a_new_entry(role: str, logs: bool) -> None:
    client = Client()
    client.force_login(make_member(make_team(), "Somebody", role).user)
    bar = client.get("/tour/").content.decode().partition("</header>")[0]
    assert ('href="/tickets/new/"' in bar) == logs
