"""The pulse: cheap, signed, and never missing what happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from handover.shell import pulse
from tests.cast import make_team
from tickets.activity.actions import record
from tickets.people.models import Team

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    pulse._read.clear()
    yield
    pulse._read.clear()


@pytest.fixture
def team() -> Team:
    return make_team()


def ask(team: Team, etag: str = "") -> Any:
    pulse._read.clear()
    return Client().get(pulse.pulse_url(team.pk), headers={"if-none-match": etag} if etag else {})


def test_nothing_new_is_a_304_without_a_body(team: Team) -> None:
    first = ask(team)
    assert first.status_code == 200 and first.json() == []
    again = ask(team, first["ETag"])
    assert again.status_code == 304 and again.content == b""


def test_what_happened_is_named_by_room(team: Team) -> None:
    before = ask(team)["ETag"]
    record("note.signed", team=team, actor=None, at=timezone.now())
    found = ask(team, before)
    assert found.status_code == 200
    assert [(topics, age < 60) for _number, topics, age in found.json()] == [(["note"], True)]


def test_another_team_hears_nothing(team: Team) -> None:
    other = make_team("orchid")
    before = ask(other)["ETag"]
    record("note.signed", team=team, actor=None, at=timezone.now())
    assert ask(other, before).status_code == 304


@pytest.mark.parametrize("token", ["", "1", "1:abc:def", "../etc/passwd"])
def test_a_made_up_token_is_refused(token: str) -> None:
    assert Client().get(pulse.PATH + token).status_code == 403


def test_a_token_ends_with_the_longest_shift(team: Team) -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=17)):
        url = pulse.pulse_url(team.pk)
    assert Client().get(url).status_code == 403


def test_it_costs_one_query_and_none_while_it_is_fresh(team: Team, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "FRESH", 60)  # however long the two take here
    url = pulse.pulse_url(team.pk)
    client = Client()
    with django_assert_num_queries(1):
        client.get(url)
    with django_assert_num_queries(0):
        client.get(url)
