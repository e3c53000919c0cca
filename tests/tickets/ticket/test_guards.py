"""What the database itself refuses, by raw SQL: each named constraint and trigger of custody."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tests.cast import NOON, Cast, make_customer
from tickets.activity.models import Activity
from tickets.customer.models import Customer
from tickets.people.models import Member, Team
from tickets.ticket.actions import claim, contact, keep, open_ticket, promise, release, resolve
from tickets.ticket.models import Assignment, HandlerRequest, Promise, Reason, Resolution, Ticket, Touch


def refuses(name: str, sql: str, *params: object) -> None:
    """The statement, or the end of its transaction, is refused under that name."""
    with pytest.raises(DatabaseError) as found, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    assert name in str(found.value), found.value


APPEND_ONLY = "Cannot"


def test_c2_a3_history_is_append_only(cast: Cast, ticket: Ticket) -> None:
    """Also for the role that the application itself works as, which owns the tables."""
    for table in ("assignment", "touch", "activity"):
        refuses(APPEND_ONLY, f"UPDATE tickets_{table} SET at = now() WHERE ticket_id = %s", ticket.pk)
        refuses(APPEND_ONLY, f"DELETE FROM tickets_{table} WHERE ticket_id = %s", ticket.pk)
    assert Activity.objects.filter(ticket=ticket).count() == 1


def test_tickets_and_promises_are_never_deleted(cast: Cast, ticket: Ticket) -> None:
    promise(ticket, by=cast.bob, text="x", due_at=NOON.replace(year=2030))
    refuses(APPEND_ONLY, "DELETE FROM tickets_promise WHERE ticket_id = %s", ticket.pk)
    refuses(APPEND_ONLY, "DELETE FROM tickets_ticket WHERE id = %s", ticket.pk)


def test_c1_a_holder_is_able(cast: Cast, ticket: Ticket, refund: Resolution) -> None:
    for unable in (cast.wen, cast.olga, cast.mallory):
        refuses("ticket_holder_is_able", "UPDATE tickets_ticket SET holder_id = %s WHERE id = %s", unable.pk, ticket.pk)
    resolve(ticket, by=cast.bob, resolution=refund)
    Member.objects.filter(pk=cast.bob.pk).update(is_active=False)
    refuses("ticket_holder_is_able", "UPDATE tickets_ticket SET status = 'open' WHERE id = %s", ticket.pk)


def test_c1_nobody_leaves_while_holding(cast: Cast, ticket: Ticket) -> None:
    refuses("member_who_leaves_holds_nothing", "UPDATE tickets_member SET is_active = false WHERE id = %s", cast.bob.pk)
    refuses("member_who_leaves_holds_nothing", "UPDATE tickets_member SET roles = '{warehouse}' WHERE id = %s", cast.bob.pk)
    team = cast.other_team.pk
    refuses("member_who_leaves_holds_nothing", "UPDATE tickets_member SET team_id = %s WHERE id = %s", team, cast.bob.pk)


def test_c1_nobody_leaves_while_a_promise_is_theirs(cast: Cast, ticket: Ticket) -> None:
    promise(ticket, by=cast.bob, text="x", due_at=NOON.replace(year=2030), owner=cast.dora)
    refuses("member_who_leaves_holds_nothing", "UPDATE tickets_member SET is_active = false WHERE id = %s", cast.dora.pk)


def test_c1_whoever_owns_a_promise_is_able(cast: Cast, ticket: Ticket) -> None:
    made = promise(ticket, by=cast.bob, text="x", due_at=NOON.replace(year=2030), owner=cast.dora)
    for unable in (cast.wen, cast.olga, cast.mallory):
        refuses("promise_owner_is_able", "UPDATE tickets_promise SET owner_id = %s WHERE id = %s", unable.pk, made.pk)
    keep(made, by=cast.dora)
    Member.objects.filter(pk=cast.dora.pk).update(is_active=False)
    refuses("promise_owner_is_able", "UPDATE tickets_promise SET status = 'open', closed_at = NULL WHERE id = %s", made.pk)


def test_c1_a_lead_is_a_manager_of_the_team(cast: Cast) -> None:
    for unfit in (cast.bob, cast.wen, cast.mallory):
        refuses("team_is_led_by_its_manager", "UPDATE tickets_team SET lead_id = %s WHERE id = %s", unfit.pk, cast.team.pk)
    connection.check_constraints()  # what the cast itself owes
    for change in ("is_active = false", "roles = '{agent}'"):
        refuses("member_who_leads_manages", f"UPDATE tickets_member SET {change} WHERE id = %s", cast.alice.pk)


def test_r2_a_reason_that_was_chosen_stays_a_leaf(cast: Cast, liu: Customer) -> None:
    reason = Reason.objects.create(team=cast.team, name="broken")
    open_ticket(by=cast.bob, customer=liu, subject="x", reason=reason)
    below = "INSERT INTO tickets_reason (name, fault, is_active, place, parent_id, team_id) VALUES ('lid', 'ours', true, 0, %s, %s)"
    refuses("reason_that_was_chosen_stays_a_leaf", below, reason.pk, cast.team.pk)


def test_c1_a_pool_has_a_lead(cast: Cast, pooled: Ticket, liu: Customer) -> None:
    refuses("team_with_a_pool_has_a_lead", "UPDATE tickets_team SET lead_id = NULL WHERE id = %s", cast.team.pk)
    claim(pooled, by=cast.carol)
    Team.objects.filter(pk=cast.team.pk).update(lead=None)
    refuses("ticket_in_the_pool_has_a_lead", "UPDATE tickets_ticket SET holder_id = NULL WHERE id = %s", pooled.pk)


def test_c2_the_holder_is_the_last_assignment(cast: Cast, ticket: Ticket) -> None:
    refuses("ticket_holder_is_the_last_assignment", "UPDATE tickets_ticket SET holder_id = %s WHERE id = %s", cast.carol.pk, ticket.pk)


def test_c2_an_assignment_changes_the_holder(cast: Cast, ticket: Ticket) -> None:
    sql = (
        "INSERT INTO tickets_assignment (ticket_id, from_member_id, to_member_id, cause, reason, next_step, at)"
        " VALUES (%s, %s, %s, %s, '', '', now())"
    )
    refuses("assignment_changes_the_holder", sql, ticket.pk, cast.bob.pk, cast.bob.pk, "claim")
    refuses("assignment_changes_the_holder", sql, ticket.pk, None, None, "release")
    refuses("assignment_by_transfer_says_why_and_what_next", sql, ticket.pk, cast.bob.pk, cast.carol.pk, "transfer")
    assert Assignment.objects.filter(ticket=ticket).count() == 1


TOUCH = "INSERT INTO tickets_touch (ticket_id, member_id, place, how, request_id, at) VALUES (%s, %s, %s, 'answered', %s, now())"


def test_c3_the_fourth_touch_needs_an_approval_of_that_person_and_ticket(cast: Cast, ticket: Ticket, pooled: Ticket) -> None:
    contact(ticket, by=cast.carol)
    contact(ticket, by=cast.dan)
    refuses("touch_is_one_per_person", TOUCH, ticket.pk, cast.bob.pk, 4, None)
    refuses("touch_beyond_the_limit_is_approved", TOUCH, ticket.pk, cast.eve.pk, 4, None)

    def request(member: Member, on: Ticket, state: str) -> int:
        decided = {"decided_by": cast.alice, "decision": "ok"} if state in ("approved", "refused") else {}
        made = HandlerRequest.objects.create(team=cast.team, ticket=on, member=member, reason="r", asked_at=NOON, state=state, **decided)
        return made.pk

    for wrong in (request(cast.dora, ticket, "approved"), request(cast.eve, pooled, "approved"), request(cast.eve, ticket, "waiting")):
        refuses("touch_beyond_the_limit_is_approved", TOUCH, ticket.pk, cast.eve.pk, 4, wrong)
    with connection.cursor() as cursor:
        cursor.execute(TOUCH, [ticket.pk, cast.eve.pk, 4, request(cast.eve, ticket, "approved")])
    assert Touch.objects.filter(ticket=ticket).count() == 4


def test_c3_a_request_says_why_and_is_decided_by_another(cast: Cast, ticket: Ticket) -> None:
    sql = (
        "INSERT INTO tickets_handlerrequest (team_id, ticket_id, member_id, reason, asked_at, state, decided_by_id, decision)"
        " VALUES (%s, %s, %s, %s, now(), %s, %s, %s)"
    )
    own = (cast.team.pk, ticket.pk, cast.alice.pk)
    refuses("handler_request_says_why", sql, *own, "", "waiting", None, "")
    refuses("handler_request_is_not_decided_by_its_asker", sql, *own, "r", "approved", cast.alice.pk, "ok")
    refuses("handler_request_is_decided_by_somebody_with_a_reason", sql, *own, "r", "approved", cast.bob.pk, "")
    refuses("handler_request_is_decided_by_somebody_with_a_reason", sql, *own, "r", "approved", None, "ok")
    HandlerRequest.objects.create(team=cast.team, ticket=ticket, member=cast.alice, reason="r", asked_at=NOON)
    refuses("handler_request_waits_once", sql, *own, "r", "waiting", None, "")


def test_c8_merges_stay_in_the_team_and_make_no_cycle(cast: Cast, ticket: Ticket, pooled: Ticket) -> None:
    theirs = open_ticket(by=cast.mallory, customer=make_customer(cast.other_team), subject="x")
    sql = "UPDATE tickets_ticket SET status = 'merged', merged_into_id = %s WHERE id = %s"
    refuses("ticket_is_not_merged_into_itself", sql, ticket.pk, ticket.pk)
    refuses("ticket_merges_into_a_living_one_of_its_team", sql, theirs.pk, ticket.pk)
    with connection.cursor() as cursor:
        cursor.execute(sql, [ticket.pk, pooled.pk])
    refuses("ticket_merges_into_a_living_one_of_its_team", sql, pooled.pk, ticket.pk)
    refuses("ticket_merged_says_into_which", "UPDATE tickets_ticket SET status = 'open' WHERE id = %s", pooled.pk)


def test_states_say_what_they_must(cast: Cast, ticket: Ticket, leak: Reason) -> None:
    change = "UPDATE tickets_ticket SET {} WHERE id = %s"
    refuses("ticket_waits_on_somebody_exactly_while_waiting", change.format("status = 'waiting'"), ticket.pk)
    refuses("ticket_waits_on_somebody_exactly_while_waiting", change.format("waiting_on = 'customer'"), ticket.pk)
    refuses("ticket_resolved_says_how_and_when", change.format("status = 'resolved'"), ticket.pk)
    refuses("ticket_complaint_has_an_instant", change.format("complaint = 'dispute'"), ticket.pk)
    refuses("ticket_has_a_subject", change.format("subject = ''"), ticket.pk)
    refuses("ticket_reason_is_a_leaf", change.format(f"reason_id = {leak.parent_id}"), ticket.pk)


def test_reasons_have_two_levels(cast: Cast, leak: Reason) -> None:
    sql = "INSERT INTO tickets_reason (team_id, parent_id, name, fault, is_active, place) VALUES (%s, %s, 'x', 'ours', true, 0)"
    refuses("reason_has_two_levels_at_most", sql, cast.team.pk, leak.pk)
    refuses("reason_has_two_levels_at_most", sql, cast.other_team.pk, leak.parent_id)


def test_c9_promises_say_what_they_must(cast: Cast, ticket: Ticket) -> None:
    made = promise(ticket, by=cast.bob, text="x", due_at=NOON.replace(year=2030))
    change = "UPDATE tickets_promise SET {} WHERE id = %s"
    refuses("promise_says_what", change.format("text = ''"), made.pk)
    refuses("promise_closed_has_an_instant", change.format("status = 'kept'"), made.pk)
    refuses("promise_withdrawn_says_why", change.format("status = 'withdrawn', closed_at = now()"), made.pk)
    refuses("promise_breaks_after_its_due_time", change.format("status = 'broken', broken_at = now()"), made.pk)
    assert Promise.objects.get().status == "open"


def test_the_deeds_turn_these_into_refusals(cast: Cast, ticket: Ticket) -> None:
    from tickets.web.refusals import Refused

    Team.objects.filter(pk=cast.team.pk).update(lead=None)
    with pytest.raises(Refused) as found:
        release(ticket, by=cast.bob)
    assert found.value.code == "wrong_state"
