"""C8: two tickets are one matter."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pgtrigger
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cast import NOON, Cast, make_customer
from tickets.activity.models import Activity
from tickets.customer.models import Customer
from tickets.order.models import Order
from tickets.ticket.actions import attach, claim, contact, merge, note, open_ticket, promise, resolve, watch
from tickets.ticket.models import Assignment, Attachment, Promise, Resolution, Ticket, TicketOrder, Touch, Watcher
from tickets.ticket.queries import matching, merged_below, ticket_story
from tickets.web.refusals import Refused

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def order(cast: Cast, number: str) -> Order:
    return Order.objects.create(team=cast.team, shop=cast.shop, number=number, total=Decimal("9.90"), created_at=NOON, updated_at=NOON)


@pytest.fixture
def other(cast: Cast, liu: Customer) -> Ticket:
    """Carol's, about the same thing."""
    return open_ticket(by=cast.carol, customer=liu, subject="又漏水", severity="act_now", tags=["leak"], at=NOON)


def code_of(deed, *args, **kwargs) -> str:
    with pytest.raises(Refused) as found:
        deed(*args, **kwargs)
    return found.value.code


def test_c8_everything_moves_without_duplicates(cast: Cast, ticket: Ticket, other: Ticket) -> None:
    both, only = order(cast, "1"), order(cast, "2")
    for linked in ((ticket, both), (other, both), (other, only)):
        TicketOrder.objects.create(ticket=linked[0], order=linked[1])
    watch(ticket, by=cast.dora)
    watch(other, by=cast.dora)
    note(other, by=cast.carol, text="@Dora @Wen look")
    made = promise(other, by=cast.carol, text="call", due_at=NOON + timedelta(hours=2), at=NOON)
    attach(other, by=cast.carol, file=SimpleUploadedFile("漏水.png", PNG))
    found = merge(other, ticket, by=cast.bob, at=NOON)
    assert found.pk == ticket.pk
    assert set(TicketOrder.objects.values_list("ticket", "order")) == {(ticket.pk, both.pk), (ticket.pk, only.pk)}
    assert set(Watcher.objects.values_list("ticket", "member", "mentioned")) == {
        (ticket.pk, cast.dora.pk, True),
        (ticket.pk, cast.wen.pk, True),
    }
    assert Promise.objects.get(pk=made.pk).ticket_id == ticket.pk
    assert Attachment.objects.get().ticket_id == ticket.pk
    assert list(Touch.objects.filter(ticket=ticket).values_list("member", "place", "how")) == [
        (cast.bob.pk, 1, "opened"),
        (cast.carol.pk, 2, "merge"),
    ]
    assert (found.severity, found.tags, found.due_at, found.touches) == ("act_now", ["leak"], made.due_at, 2)
    other.refresh_from_db()
    assert (other.status, other.merged_into_id, other.due_at) == ("merged", ticket.pk, None)


def test_c8_the_story_reads_through(cast: Cast, ticket: Ticket, other: Ticket, liu: Customer) -> None:
    third = open_ticket(by=cast.dan, customer=liu, subject="third")
    note(third, by=cast.dan, text="first word")
    merge(third, other, by=cast.dan)
    merge(other, ticket, by=cast.bob)
    assert merged_below(ticket.pk) == sorted([other.pk, third.pk])
    codes = [row.code for row in ticket_story(ticket, cast.bob)]
    assert codes == ["ticket.opened", "ticket.opened", "ticket.opened", "ticket.noted", "ticket.merged", "ticket.merged"]
    assert ticket_story(ticket, cast.mallory) == []
    assert matching(cast.team.pk, "first word")[-1] == ticket.pk


def test_c8_itself_a_merged_one_and_another_team_are_refused(cast: Cast, ticket: Ticket, other: Ticket, liu: Customer) -> None:
    theirs = open_ticket(by=cast.mallory, customer=make_customer(cast.other_team), subject="x")
    third = open_ticket(by=cast.dan, customer=liu, subject="third")
    assert code_of(merge, ticket, ticket, by=cast.bob) == "wrong_state"
    assert code_of(merge, ticket, theirs, by=cast.bob) == "not_found"
    assert code_of(merge, theirs, ticket, by=cast.bob) == "not_found"
    merge(other, ticket, by=cast.bob)
    assert code_of(merge, third, other, by=cast.bob) == "wrong_state"
    assert code_of(merge, other, third, by=cast.bob) == "wrong_state"
    assert code_of(merge, ticket, other, by=cast.bob) == "wrong_state"
    assert Ticket.objects.filter(status="merged").count() == 1


def test_c8_an_open_matter_does_not_vanish_into_a_resolved_one(cast: Cast, ticket: Ticket, other: Ticket, refund: Resolution) -> None:
    resolve(ticket, by=cast.bob, resolution=refund)
    assert code_of(merge, other, ticket, by=cast.bob) == "wrong_state"
    assert merge(ticket, other, by=cast.bob).is_unresolved


def test_c8_a_late_reply_lands_on_the_target(cast: Cast, ticket: Ticket, other: Ticket) -> None:
    merge(other, ticket, by=cast.bob)
    assert contact(other, by=cast.carol, text="late").pk == ticket.pk
    assert note(Ticket.objects.get(pk=other.pk), by=cast.carol, text="late too").pk == ticket.pk
    assert promise(other, by=cast.carol, text="call", due_at=NOON + timedelta(hours=1), at=NOON).ticket_id == ticket.pk
    rows = Activity.objects.filter(code__in=["ticket.contacted", "ticket.noted"])
    assert set(rows.values_list("ticket", "data__sent_to")) == {(ticket.pk, other.pk)}


def test_c8_a_corrupt_cycle_ends_and_loses_nothing(cast: Cast, ticket: Ticket, other: Ticket, liu: Customer) -> None:
    third = open_ticket(by=cast.dan, customer=liu, subject="third")
    merge(other, ticket, by=cast.bob)
    with pgtrigger.ignore("tickets.Ticket:ticket_merges_into_a_living_one_of_its_team"):
        Ticket.objects.filter(pk=ticket.pk).update(status="merged", merged_into=other)
    assert set(merged_below(ticket.pk)) == {other.pk}
    assert len(ticket_story(ticket, cast.bob)) == 3
    kept = note(other, by=cast.carol, text="where?")
    assert Activity.objects.get(code="ticket.noted").ticket_id == kept.pk
    assert "where?" in [row.data.get("text") for row in ticket_story(ticket, cast.bob)]
    assert third.pk not in merged_below(ticket.pk)


def test_c8_a_matter_that_somebody_holds_does_not_fall_into_the_pool(cast: Cast, ticket: Ticket, pooled: Ticket) -> None:
    found = merge(ticket, pooled, by=cast.alice)
    assert found.holder == cast.bob
    assert Assignment.objects.filter(ticket=pooled).last().cause == "merge"  # type: ignore[union-attr]


def test_c8_uniting_handlers_is_never_refused_but_the_next_person_is(cast: Cast, ticket: Ticket, other: Ticket) -> None:
    contact(ticket, by=cast.dan)
    contact(other, by=cast.eve)
    found = merge(other, ticket, by=cast.bob)
    assert found.touches == 4
    assert code_of(contact, ticket, by=cast.dora) == "handler_limit"
    assert contact(ticket, by=cast.eve).touches == 4


def test_a_merged_ticket_takes_nothing_itself(cast: Cast, ticket: Ticket, other: Ticket) -> None:
    merge(other, ticket, by=cast.bob)
    with pytest.raises(Refused) as found:
        claim(other, by=cast.dan)
    assert (found.value.code, found.value.extra["into"]) == ("wrong_state", ticket.pk)
