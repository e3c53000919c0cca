"""The lead's board: what waits, who is on, what is due; fresh within seconds, and never more than eight queries of its own."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from handover.board import queries
from handover.board.views import FIRST
from handover.duty import actions as duty
from handover.note.models import Offer
from tests.cast import make_customer, make_member
from tests.handover.plans import local, make_pattern, make_shift, rostered
from tickets.activity.actions import record
from tickets.people.models import Role
from tickets.ticket import actions as tickets
from tickets.ticket.models import HandlerRequest, Promise

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
BASE = 3  # session, user, memberships


@pytest.fixture
def cast(plan):
    for member in (plan.cast.bob, plan.cast.carol, plan.cast.dan, plan.cast.eve, plan.cast.dora):
        duty.let_in(member, by=plan.cast.alice, reason="first day")
    return plan.cast


def opened(cast, by, subject, **more):
    return tickets.open_ticket(by=by, customer=make_customer(cast.team, handle=f"tb_{subject}"), subject=subject, **more)


def offered(ticket, sender, receiver, ago):
    return Offer.objects.create(
        team=ticket.team, ticket=ticket, from_member=sender, to_member=receiver, offered_at=timezone.now() - timedelta(minutes=ago)
    )


def fill(cast, mark):
    """One of everything that the board shows."""
    mine = opened(cast, cast.bob, f"{mark}-held")
    pooled = opened(cast, cast.bob, f"{mark}-pooled")
    tickets.release(pooled, by=cast.bob, reason="end of day")
    tickets.promise(mine, by=cast.bob, text=f"{mark}-call", due_at=timezone.now() + timedelta(minutes=40))
    offered(mine, cast.bob, cast.carol, ago=25)
    for member in (cast.carol, cast.dan):
        tickets.contact(mine, by=member, text="answered", outcome="answered")
    HandlerRequest.objects.create(team=cast.team, ticket=mine, member=cast.eve, reason=f"{mark}-knows her", asked_at=timezone.now())
    return mine


def board(client, member, **headers):
    client.force_login(member.user)
    return client.get("/board/", headers=headers)


def test_it_shows_who_is_on_and_what_waits(client, cast):
    fill(cast, "first")
    html = board(client, cast.alice).content.decode()
    for seen in ("first-held", "first-pooled", "first-knows her", "25 min", "Bob", "Dora"):
        assert seen in html
    assert 'data-live="/board/"' in html


def test_load_oldest_and_due_are_counted_for_whoever_is_on(cast):
    at = timezone.now()
    for number in range(3):
        opened(cast, cast.bob, f"old{number}")
    tickets.promise(opened(cast, cast.bob, "due"), by=cast.bob, text="call", due_at=at + timedelta(minutes=30))
    rows = {row["name"]: row for row in queries.on_duty(cast.team, at)}
    assert (rows["Bob"]["held"], rows["Bob"]["due"], rows["Carol"]["held"]) == (4, 1, 0)
    assert rows["Bob"]["oldest"] <= rows["Bob"]["started_at"] + timedelta(minutes=1)
    assert "Wen" not in rows


def test_a_promise_stands_in_its_quarter_of_an_hour_and_overdue_ones_are_counted(cast):
    at = timezone.now().replace(minute=5, second=0, microsecond=0) + timedelta(hours=1)
    mine = opened(cast, cast.bob, "promised")
    soon = tickets.promise(mine, by=cast.bob, text="call back", due_at=at + timedelta(minutes=40))
    tickets.promise(mine, by=cast.bob, text="much later", due_at=at + timedelta(hours=3))
    slots, late = queries.promises(cast.team, at)
    assert [[row["text"] for row in slot.promises] for slot in slots] == [[], [], [], ["call back"], [], [], [], [], []]
    assert late == 0
    slots, late = queries.promises(cast.team, at + timedelta(minutes=50))
    assert late == 1 and Promise.objects.count() == 2 and soon is not None


def test_unread_digests_are_of_people_rostered_and_not_there(plan):
    cast, at = plan.cast, local(plan.cast.team, "2026-11-21 16:30")
    for member in (cast.bob, cast.carol, cast.alice):
        rostered(plan.night, member)
    rostered(plan.day, cast.dan)
    duty.let_in(cast.carol, by=cast.alice, reason="x", at=at)
    assert [entry.member.display_name for entry in queries.unread(cast.team, at)] == ["Dan", "Bob"], "a manager reads no digest"
    assert [entry.member.display_name for entry in queries.unread(cast.team, at - timedelta(hours=2))] == ["Dan"]


def test_tomorrows_gaps(plan):
    cast, at = plan.cast, local(plan.cast.team, "2026-11-20 12:00")
    rostered(plan.day, cast.bob)
    rostered(plan.night, cast.wen)
    short = make_shift(make_pattern(cast.team, "Rush", "10:00", "12:00", min_people=2))
    rostered(short, cast.carol)
    make_shift(make_pattern(cast.team, "Small hours", "00:00", "08:00"))
    found = {lack.shift["name"]: (bool(lack.gap), bool(lack.empty), lack.fewest) for lack in queries.tomorrows_lacks(cast.team, at)}
    assert found == {"Small hours": (True, False, 0), "Night": (False, True, 0), "Rush": (False, False, 1)}


def test_only_its_own_team(client, cast):
    fill(cast, "lotus-only")
    html = board(client, cast.mallory).content.decode()
    assert "lotus-only" not in html and "Bob" not in html


@pytest.mark.parametrize(("who", "status"), [("alice", 200), ("olga", 200), ("bob", 403), ("wen", 403), ("dora", 403)])
def test_a1_managers_and_operations_see_it(client, cast, who, status):
    if who == "wen":
        duty.let_in(cast.wen, by=cast.alice, reason="first day")
    assert board(client, getattr(cast, who)).status_code == status


def test_a2_operations_decides_nothing(client, cast):
    asked = HandlerRequest.objects.get(ticket=fill(cast, "first"))
    html = board(client, cast.olga).content.decode()
    assert "Approve" not in html
    assert client.post(f"/board/requests/{asked.pk}/", {"decision": "approve", "reason": "x"}).status_code == 403
    asked.refresh_from_db()
    assert asked.state == "waiting"


@pytest.mark.parametrize(("decision", "state"), [("approve", "approved"), ("refuse", "refused")])
def test_c3_a_manager_decides_a_fourth_handler_on_the_board(client, cast, decision, state):
    asked = HandlerRequest.objects.get(ticket=fill(cast, "first"))
    board(client, cast.alice)
    response = client.post(f"/board/requests/{asked.pk}/", {"decision": decision, "reason": "she knows her"}, headers=HTMX)
    assert response.status_code == 200 and 'id="board"' in response.content.decode()
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by, asked.decision) == (state, cast.alice, "she knows her")
    assert board(client, cast.mallory).status_code == 200
    assert client.post(f"/board/requests/{asked.pk}/", {"decision": decision, "reason": "x"}).status_code == 404


def test_unchanged_is_304_for_one_query_and_any_change_is_seen(client, cast, django_assert_num_queries):
    with time_machine.travel(timezone.now().replace(second=10), tick=False):  # within one minute
        check_conditional(client, cast, django_assert_num_queries)


def check_conditional(client, cast, django_assert_num_queries):
    first = board(client, cast.alice, **HTMX)
    etag = first["ETag"]
    with django_assert_num_queries(BASE + 1):
        again = client.get("/board/", headers={"If-None-Match": f"W/{etag}", **HTMX})
    assert (again.status_code, again["ETag"]) == (304, etag)
    record("ticket.claimed", team=cast.team, actor=cast.bob)
    fresh = client.get("/board/", headers={"If-None-Match": etag, **HTMX})
    assert fresh.status_code == 200 and fresh["ETag"] != etag
    assert fresh.content.decode().lstrip().startswith('<div id="board"')


@pytest.mark.parametrize(("url", "own"), [("/board/", 6), ("/board/coming/", 4)])
def test_the_same_few_queries_when_the_rows_double(client, cast, plan, django_assert_num_queries, url, own):
    fill(cast, "first")
    board(client, cast.alice)
    with django_assert_num_queries(BASE + own):
        client.get(url, headers=HTMX)
    for number in range(6):
        fill(cast, f"more{number}")
        newcomer = make_member(cast.team, f"New{number}", Role.AGENT)
        duty.let_in(newcomer, by=cast.alice, reason="x")
        rostered(plan.night, newcomer)
    with django_assert_num_queries(BASE + own):
        client.get(url, headers=HTMX)


def test_a_later_id_that_commits_first_hides_nothing(cast):
    """The stamp covers the newest rows, not only the newest one: a row committed late with an earlier id changes it."""
    before = queries.stamp(cast.team)
    record("a.b", team=cast.team, actor=None)
    assert queries.stamp(cast.team) != before
    assert queries.stamp(cast.other_team) == "0-0"


def test_each_query_finds_its_rows_by_an_index(client, cast, django_assert_max_num_queries, monkeypatch):
    """With nothing cheaper on hand than an index, each query takes the one made for it; how many tickets there are is then no matter."""
    monkeypatch.setattr(queries, "prepared_cursor", connection.cursor)  # to see their arguments, too
    fill(cast, "first")
    client.force_login(cast.alice.user)
    with django_assert_max_num_queries(BASE + 8) as asked:
        client.get("/board/", headers=HTMX)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plans = []
        for query in asked.captured_queries[BASE:]:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    text = "\n".join(plans)
    # Which of two fitting indexes is taken is a matter of statistics; that none is read whole is not.
    growing = ("tickets_ticket", "tickets_promise", "tickets_handlerrequest", "handover_duty", "handover_offer")
    assert [table for table in growing if f"Seq Scan on {table} " in text] == []
    assert [table for table in growing if table not in text] == []


@pytest.fixture
def many(cast):
    """Three more people than the board shows at first: the last of them hold most, the rest nothing."""
    people = [make_member(cast.team, f"Extra{number:02d}", Role.AGENT) for number in range(FIRST - 2)]
    for person in people:
        duty.let_in(person, by=cast.alice, reason="x")
    for number in range(3):
        opened(cast, people[-1], f"much{number}")
    urgent = opened(cast, people[-2], "urgent")
    tickets.promise(urgent, by=people[-2], text="call", due_at=timezone.now() + timedelta(minutes=30))
    return people


def test_first_who_has_most_due_then_who_holds_most_the_others_behind_one_line(client, cast, many):
    html = board(client, cast.alice).content.decode()
    rows = re.findall(r'id="duty-\d+"><th scope="row">([^<]+?)\s*<', html)
    assert rows[:2] == [many[-2].display_name, many[-1].display_name]
    assert len(rows) == FIRST
    assert 'href="/board/?everybody=1#on-duty"' in html and '<span class="count">15</span>' in html


def test_everybody_is_one_line_away_and_stays_shown(client, cast, many):
    client.force_login(cast.alice.user)
    html = client.get("/board/?everybody=1", headers=HTMX).content.decode()
    assert html.count('id="duty-') == 15
    assert 'data-live="/board/?everybody=1"' in html and 'href="/board/?everybody=1' not in html


def test_who_holds_nothing_and_is_in_no_row_is_said_by_name(client, cast, many):
    for role in (Role.WAREHOUSE, Role.MANAGER):  # it is not a part of their work
        duty.let_in(make_member(cast.team, f"Late {role.label}", role), by=cast.alice, reason="x")
    html = board(client, cast.alice).content.decode()
    free = html[html.index(">nothing in hand</span>") :]
    assert re.search(r'class="grow">([^<]*)</span>', free)[1] == ", ".join(person.display_name for person in many[5:8])
    assert ">nothing in hand<" not in client.get("/board/?everybody=1").content.decode()


def test_the_longest_waiting_handovers_are_shown_and_all_are_counted(client, cast):
    for number in range(12):
        offered(opened(cast, cast.bob, f"o{number}"), cast.bob, cast.carol, ago=100 - number)
    shown, count = queries.unaccepted(cast.team)
    assert [row["subject"] for row in shown] == [f"o{number}" for number in range(10)]
    assert count == 12
    html = board(client, cast.alice).content.decode()
    assert 'href="/digest/team/#untaken"' in html and '<span class="count">12</span>' in html
