"""“Undo” beside what was ended or removed: it brings back exactly that, once, soon, and never over what a colleague did meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from handover.notice import actions as notices
from handover.report import schedules
from handover.roster import actions as roster
from handover.roster.models import Absence
from tests.cast import Cast, make_cast
from tickets.activity.models import Activity
from tickets.script import actions as scripts
from tickets.ticket import actions as tickets
from tickets.web.undo import WITHIN

pytestmark = pytest.mark.django_db
Kind = Callable[[Cast], tuple[str, Callable[[], object]]]
"""What is ended at which address, and what says how it stands."""


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def page(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.alice.user)
    return client


def standing(row: Any, *names: str) -> Callable[[], object]:
    def read() -> object:
        found = type(row).objects.filter(pk=row.pk).first()
        return found and [getattr(found, name) for name in names]

    return read


def notice(cast: Cast) -> tuple[str, Callable[[], object]]:
    made = notices.publish(by=cast.bob, text="缺货")
    return f"/notices/{made.pk}/end/", standing(made, "ended_at", "version", "text")


def script(cast: Cast) -> tuple[str, Callable[[], object]]:
    made = scripts.create_script(by=cast.bob, shortcut="refund", title="Refunds", body="Within three days.")
    return f"/scripts/{made.pk}/end/", standing(made, "ended_at", "version", "shortcut")


def campaign(cast: Cast) -> tuple[str, Callable[[], object]]:
    span = {"starts_at": timezone.now(), "ends_at": timezone.now() + timedelta(days=1)}
    made = scripts.create_campaign(by=cast.bob, name="Double 12", text="300 - 40", **span)
    return f"/campaigns/{made.pk}/end/", standing(made, "ended_at", "version")


def schedule(cast: Cast) -> tuple[str, Callable[[], object]]:
    made = schedules.schedule(by=cast.alice, report="complaint-rate", query="", every="day", hour=8, members=[cast.alice])
    return f"/reports/schedules/{made.pk}/end/", standing(made, "ended_at", "hour")


def leave_to_come(cast: Cast) -> tuple[str, Callable[[], object]]:
    return leave(cast, timezone.now() + timedelta(days=3))


def leave_that_runs(cast: Cast) -> tuple[str, Callable[[], object]]:
    return leave(cast, timezone.now() - timedelta(hours=3))


def leave(cast: Cast, start: datetime) -> tuple[str, Callable[[], object]]:
    made = roster.add_absence(cast.bob, start, start + timedelta(days=2), by=cast.alice, reason="病假")
    return f"/roster/leave/{made.pk}/back/", lambda: list(Absence.objects.values_list("member", "during", "reason"))


def view(cast: Cast) -> tuple[str, Callable[[], object]]:
    made = tickets.save_view(by=cast.alice, name="Urgent", query="view=all&severity=act_now", shared=True)
    kept = type(made).objects
    for member in (cast.alice, cast.bob):
        tickets.open_with(made, by=member)
    told = ("owner", "page", "name", "query", "shared", "opens_for__member")
    return f"/tickets/views/{made.pk}/forget/", lambda: list(kept.values_list(*told).order_by("opens_for__member"))


ENDINGS: list[Kind] = [notice, script, campaign, schedule, leave_to_come, leave_that_runs, view]
RECORDED = [kind for kind in ENDINGS if kind is not view]
"""A view of the list is its owner's own bookmark: the ledger knows of none."""


def undo_in(html: str) -> tuple[str, dict[str, str]]:
    """The form of the toast's “Undo”."""
    toast = html.partition('id="toasts"')[2].partition("</form>")[0]
    action = re.search(r'action="([^"]+)"', toast)
    token = re.search(r'name="undo" value="([^"]+)"', toast)
    assert action and token, "no undo is offered"
    return action[1], {"undo": unescape(token[1])}


def end(page: Client, url: str) -> tuple[str, dict[str, str]]:
    return undo_in(page.post(url, follow=True).content.decode())


@pytest.mark.parametrize("kind", ENDINGS)
def test_undo_brings_back_exactly_what_was_ended(page: Client, cast: Cast, kind: Kind) -> None:
    url, state = kind(cast)
    before = state()
    undo = end(page, url)
    assert state() != before
    rows = Activity.objects.count()
    assert page.post(*undo).status_code == 303
    assert state() == before
    assert Activity.objects.count() == rows + (kind in RECORDED)


@pytest.mark.parametrize("kind", ENDINGS)
def test_the_second_press_and_a_late_one_are_refused_and_change_nothing(page: Client, cast: Cast, kind: Kind) -> None:
    url, state = kind(cast)
    undo = end(page, url)
    ended = state()
    with time_machine.travel(datetime.now(UTC) + WITHIN + timedelta(seconds=1), tick=False):
        late = page.post(*undo)
        assert (late.status_code, state()) == (409, ended)
        assert "too long ago" in late.content.decode()
    page.post(*undo)
    again, rows = state(), Activity.objects.count()
    assert page.post(*undo).status_code == 409
    assert (state(), Activity.objects.count()) == (again, rows)


@pytest.mark.parametrize("kind", ENDINGS)
def test_what_is_not_signed_or_is_anothers_brings_nothing_back(page: Client, cast: Cast, kind: Kind) -> None:
    url, state = kind(cast)
    action, token = end(page, url)
    ended = state()
    assert page.post(action, {"undo": token["undo"][:-1]}).status_code == page.post(action).status_code == 400
    stranger = Client()
    stranger.force_login(cast.mallory.user)
    assert stranger.post(action, token).status_code in (403, 404)
    assert state() == ended


def test_a_notice_ended_anew_by_a_colleague_stays_ended(page: Client, cast: Cast) -> None:
    url, state = notice(cast)
    undo = end(page, url)
    page.post(*undo)
    end(page, url)
    ended = state()
    assert page.post(*undo).status_code == 409 and state() == ended


def test_a_reply_whose_shortcut_is_anothers_by_now_stays_out_of_use(page: Client, cast: Cast) -> None:
    url, state = script(cast)
    undo = end(page, url)
    scripts.create_script(by=cast.carol, shortcut="refund", title="Newer", body="Two days.")
    ended = state()
    answer = page.post(*undo)
    assert answer.status_code == 409 and state() == ended
    assert "Another quick reply has this shortcut" in answer.content.decode()


@pytest.mark.parametrize("kind", [leave_to_come, leave_that_runs])
def test_leave_that_was_written_down_anew_meanwhile_is_not_doubled(page: Client, cast: Cast, kind: Kind) -> None:
    url, state = kind(cast)
    undo = end(page, url)
    start = timezone.now() + timedelta(hours=30 if kind is leave_that_runs else 80)
    roster.add_absence(cast.bob, start, start + timedelta(days=1), by=cast.alice)
    now = state()
    answer = page.post(*undo)
    assert answer.status_code == 409 and state() == now
    assert "already away" in answer.content.decode()


def test_a_view_kept_anew_under_the_same_name_is_not_written_over(page: Client, cast: Cast) -> None:
    url, state = view(cast)
    undo = end(page, url)
    tickets.save_view(by=cast.alice, name="Urgent", query="view=mine")
    now = state()
    assert page.post(*undo).status_code == 409 and state() == now
