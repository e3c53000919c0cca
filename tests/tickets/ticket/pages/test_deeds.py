"""The deeds on a ticket, plainly and through htmx; what is refused stays on the screen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast
from tests.tickets.ticket.pages.conftest import HTMX, body
from tickets.activity.models import Activity
from tickets.people.actions import set_presence
from tickets.ticket import actions
from tickets.ticket.models import HandlerRequest, Promise, Reason, Resolution, Ticket

pytestmark = pytest.mark.django_db


def url(ticket: Ticket, name: str) -> str:
    return reverse(f"ticket:{name}", args=[ticket.pk])


def test_taking_from_the_pool_leads_to_the_ticket(browser, cast: Cast, pooled: Ticket) -> None:
    answer = browser(cast.bob).post(url(pooled, "take"))
    assert answer.status_code == 303 and answer["Location"] == url(pooled, "show")
    pooled.refresh_from_db()
    assert pooled.holder == cast.bob


def test_c5_the_second_is_told_who_has_it(browser, cast: Cast, pooled: Ticket) -> None:
    actions.claim(pooled, by=cast.carol)
    answer = browser(cast.bob).post(url(pooled, "take"), **HTMX)
    assert answer.status_code == 409 and "Carol has it" in body(answer)
    assert "Carol has it" in body(browser(cast.bob).post(url(pooled, "take")))


def test_success_answers_the_case_and_a_way_back(browser, cast: Cast, pooled: Ticket) -> None:
    answer = browser(cast.bob).post(url(pooled, "take"), **HTMX)
    assert answer.status_code == 200
    page = body(answer)
    assert '<hx-partial hx-target="#case"' in page and "It is yours now." in page
    assert url(pooled, "release") in page  # undo
    browser(cast.bob).post(url(pooled, "release"), {"reason": "Taken by mistake."}, **HTMX)
    pooled.refresh_from_db()
    assert pooled.holder is None


@pytest.mark.parametrize("name", ["pass-on", "promise", "wait", "resolve", "edit", "release", "complain", "merge", "ask", "files"])
def test_every_form_shows_as_a_page_and_as_a_part(bob: Client, held: Ticket, name: str) -> None:
    whole, part = bob.get(url(held, name)), bob.get(url(held, name), **HTMX)
    assert whole.status_code == part.status_code == 200
    assert "<!doctype html>" in body(whole) and "<!doctype html>" not in body(part)
    assert 'name="idempotency_key"' in body(part) and "csrfmiddlewaretoken" in body(part) and "data-focus" in body(part)


@pytest.mark.parametrize("name", ["pass-on", "promise", "merge", "ask", "files"])
def test_an_empty_form_comes_back_with_its_errors(bob: Client, held: Ticket, name: str) -> None:
    answer = bob.post(url(held, name), {}, **HTMX)
    assert answer.status_code == 422 and "This field is required." in body(answer)


def test_c4_passing_on_needs_why_and_what_next(bob: Client, cast: Cast, held: Ticket) -> None:
    answer = bob.post(url(held, "pass-on"), {"to": "carol", "reason": "下班"}, **HTMX)
    assert answer.status_code == 422 and "下班" in body(answer)
    bob.post(url(held, "pass-on"), {"to": "Carol", "reason": "下班", "next_step": "打给顺丰"}, **HTMX)
    held.refresh_from_db()
    assert (held.holder, held.next_action) == (cast.carol, "打给顺丰")


def test_c4_somebody_who_is_not_there_cannot_be_given_it(bob: Client, cast: Cast, held: Ticket) -> None:
    set_presence(cast.eve, on_since=None)
    answer = bob.post(url(held, "pass-on"), {"to": "eve", "reason": "r", "next_step": "打给顺丰"}, **HTMX)
    assert answer.status_code == 422 and "Eve is not at work" in body(answer) and "打给顺丰" in body(answer)
    assert 'value="eve"' not in body(bob.get(url(held, "pass-on"), **HTMX))  # C10: never suggested
    unknown = bob.post(url(held, "pass-on"), {"to": "mallory", "reason": "r", "next_step": "s"}, **HTMX)
    assert "Nobody in the team is called" in body(unknown)


def test_c3_the_fourth_sees_why_and_can_ask(browser, cast: Cast, held: Ticket) -> None:
    for member in (cast.carol, cast.dan):
        actions.contact(held, by=member)
    eve = browser(cast.eve)
    answer = eve.post(url(held, "contact"), {"outcome": "answered", "text": "我来回答"}, **HTMX)
    page = body(answer)
    assert answer.status_code == 409 and "我来回答" in page and url(held, "ask") in page
    assert Activity.objects.filter(code="handler.refused", ticket=held).count() == 1
    eve.post(url(held, "ask"), {"reason": "我是专家"}, **HTMX)
    asked = HandlerRequest.objects.get(ticket=held)
    assert "我是专家" in body(browser(cast.alice).get(url(held, "show")))
    answer = browser(cast.alice).post(reverse("ticket:handler", args=[held.pk, asked.pk]), {"answer": "approve", "reason": "好"}, **HTMX)
    assert answer.status_code == 200
    assert eve.post(url(held, "contact"), {"outcome": "answered", "text": "我来回答"}, **HTMX).status_code == 200


def test_c3_without_a_manager_the_reason_lets_one_through(browser, cast: Cast, held: Ticket) -> None:
    set_presence(cast.alice, on_since=None)
    for member in (cast.carol, cast.dan):
        actions.contact(held, by=member)
    eve = browser(cast.eve)
    said = {"outcome": "answered", "text": "我来回答"}
    refused = eve.post(url(held, "contact"), said, **HTMX)
    assert refused.status_code == 409 and 'name="override_reason"' in body(refused)
    assert eve.post(url(held, "contact"), said | {"override_reason": "客户很急"}, **HTMX).status_code == 200
    assert HandlerRequest.objects.get(ticket=held).state == "let_through"


def test_only_a_manager_answers_the_request(browser, cast: Cast, held: Ticket) -> None:
    for member in (cast.carol, cast.dan):
        actions.contact(held, by=member)
    asked = actions.ask_handler(held, by=cast.eve, reason="r")
    path = reverse("ticket:handler", args=[held.pk, asked.pk])
    assert browser(cast.bob).post(path, {"answer": "approve", "reason": "x"}).status_code == 403
    assert browser(cast.mallory).post(path, {"answer": "approve", "reason": "x"}).status_code == 404
    asked.refresh_from_db()
    assert asked.state == "waiting"


def test_c6_a_stale_edit_keeps_what_was_typed_and_shows_the_difference(bob: Client, cast: Cast, held: Ticket, leak: Reason) -> None:
    typed = form_of(held) | {"subject": "保温杯漏水，要求换货", "tags": "急"}
    actions.edit(held, by=cast.carol, version=held.version, subject="保温杯漏水（第二个）", next_action="打给仓库")
    answer = bob.post(url(held, "edit"), typed, **HTMX)
    page = body(answer)
    assert answer.status_code == 409
    assert "保温杯漏水，要求换货" in page and "保温杯漏水（第二个）" in page  # mine, and what is there now
    assert 'value="打给仓库"' in page  # what I did not touch is as Carol left it
    held.refresh_from_db()
    again = typed | {"version": str(held.version), "next_action": "打给仓库", "initial-next_action": "打给仓库"}
    assert bob.post(url(held, "edit"), again, **HTMX).status_code == 200
    held.refresh_from_db()
    assert (held.subject, held.next_action, held.tags) == ("保温杯漏水，要求换货", "打给仓库", ["急"])


def form_of(ticket: Ticket) -> dict[str, str]:
    """What the browser would send of an untouched edit form."""
    from tickets.ticket.forms.deeds import content_of

    content = {name: str(value) for name, value in content_of(ticket).items()}
    return content | {f"initial-{name}": value for name, value in content.items() if name != "version"}


def test_an_edit_changes_only_what_was_touched(bob: Client, cast: Cast, held: Ticket, leak: Reason) -> None:
    bob.post(url(held, "edit"), form_of(held) | {"reason": "leak", "next_at": "+2h", "severity": "act_now"}, **HTMX)
    held.refresh_from_db()
    assert (held.reason, held.severity, held.subject) == (leak, "act_now", "保温杯漏水")
    assert Activity.objects.get(code="ticket.edited", ticket=held).data["after"].keys() == {"reason", "next_at", "severity"}


def test_resolving_needs_a_resolution_and_can_be_undone(bob: Client, held: Ticket, refund: Resolution) -> None:
    assert bob.post(url(held, "resolve"), {}, **HTMX).status_code == 422
    page = body(bob.post(url(held, "resolve"), {"resolution": refund.pk, "text": "已退"}, **HTMX))
    held.refresh_from_db()
    assert held.status == "resolved" and url(held, "reopen") in page
    bob.post(url(held, "reopen"), {"reason": "Resolved by mistake."}, **HTMX)
    held.refresh_from_db()
    assert held.status == "open"


def test_c9_promises_are_made_kept_and_withdrawn_with_a_reason(bob: Client, held: Ticket) -> None:
    first = Promise.objects.get(ticket=held)
    bob.post(url(held, "promise"), {"due_at": "+3h", "text": "发优惠券"}, **HTMX)
    second = Promise.objects.get(text="发优惠券")
    assert second.due_at - timezone.now() > timedelta(hours=2, minutes=58)
    bob.post(reverse("ticket:keep", args=[first.pk]), **HTMX)
    assert bob.post(reverse("ticket:withdraw", args=[second.pk]), {}, **HTMX).status_code == 422
    bob.post(reverse("ticket:withdraw", args=[second.pk]), {"reason": "客户不要了"}, **HTMX)
    assert set(Promise.objects.values_list("status", flat=True)) == {"kept", "withdrawn"}
    assert bob.post(url(held, "promise"), {"due_at": "soon", "text": "x"}, **HTMX).status_code == 422


def test_waiting_complaining_merging(bob: Client, cast: Cast, held: Ticket) -> None:
    bob.post(url(held, "wait"), {"on": "logistics", "next_at": "tomorrow 10:00"}, **HTMX)
    held.refresh_from_db()
    assert (held.status, held.waiting_on) == ("waiting", "logistics")
    bob.post(url(held, "resume"), **HTMX)
    bob.post(url(held, "complain"), {"level": "dispute", "text": "已发起纠纷"}, **HTMX)
    other = actions.open_ticket(by=cast.carol, customer=held.customer, subject="同一件事")
    answer = bob.post(url(held, "merge"), {"into": f"#{other.pk}"}, **HTMX)
    held.refresh_from_db()
    assert held.status == "merged" and answer["HX-Redirect"] == url(other, "show")
    assert bob.post(url(other, "merge"), {"into": "999999"}, **HTMX).status_code == 422


def test_a_note_tells_whom_it_names(bob: Client, cast: Cast, held: Ticket) -> None:
    bob.post(url(held, "contact"), {"outcome": "note", "text": "@Carol 请看照片"}, **HTMX)
    assert cast.carol.alerts.filter(code="ticket.mentioned").count() == 1


def test_the_same_press_twice_is_one_deed(bob: Client, held: Ticket) -> None:
    said = {"outcome": "answered", "text": "好的", "idempotency_key": "k-1"}
    first, second = bob.post(url(held, "contact"), said, **HTMX), bob.post(url(held, "contact"), said, **HTMX)
    assert second["Idempotency-Replayed"] == "true" and second.content == first.content
    assert Activity.objects.filter(code="ticket.contacted", ticket=held).count() == 1


def test_a2_operations_changes_nothing(browser, cast: Cast, held: Ticket) -> None:
    olga = browser(cast.olga)
    page = body(olga.get(url(held, "show")))
    assert 'id="composer"' not in page and "/pass-on/" not in page and "/keep/" not in page
    for name in ("take", "pass-on", "contact", "promise", "wait", "resolve", "edit", "release", "complain", "merge", "files", "watch"):
        assert olga.post(url(held, name), {"outcome": "note", "text": "x"}).status_code == 403, name


def test_the_warehouse_may_note_but_not_answer(browser, cast: Cast, held: Ticket) -> None:
    wen = browser(cast.wen)
    assert wen.post(url(held, "contact"), {"outcome": "note", "text": "货到了"}, **HTMX).status_code == 200
    assert wen.post(url(held, "contact"), {"outcome": "answered", "text": "货到了"}, **HTMX).status_code == 403


@pytest.mark.parametrize(("name", "data", "most"), [("take", {}, 22), ("promise", {"due_at": "+2h", "text": "x"}, 22)])
def test_a_deed_costs_few_queries(
    browser, cast: Cast, pooled: Ticket, django_assert_max_num_queries, name: str, data: dict, most: int
) -> None:
    client = browser(cast.bob)
    with django_assert_max_num_queries(most):
        assert client.post(url(pooled, name), data, **HTMX).status_code == 200
