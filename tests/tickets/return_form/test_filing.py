"""Filing from a ticket: whose ticket, whose customer, and what one click costs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.cast import make_customer
from tests.tickets.return_form.scene import make_order, make_scene
from tickets.order.models import OrderLine
from tickets.return_form import actions
from tickets.return_form.models import ReturnForm
from tickets.ticket.actions import open_ticket
from tickets.web.refusals import Refused

AROUND = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def test_another_teams_ticket_cannot_be_attached(scene):
    theirs = open_ticket(by=scene.cast.mallory, customer=make_customer(scene.cast.other_team), subject="theirs")
    with pytest.raises(Refused) as refused:
        actions.file(scene.order, [scene.ask()], by=scene.dora, ticket=theirs)
    assert refused.value.code == "not_found"
    assert not ReturnForm.objects.exists()


def test_a_form_of_an_order_without_customer_is_its_tickets_customers(scene):
    ticket = open_ticket(by=scene.cast.bob, customer=scene.customer, subject="leaks")
    nobody = make_order(scene.cast, None, "90")
    line = OrderLine.objects.create(order=nobody, key="1", title="Pan", sku="PAN", quantity=1, price=50)
    assert actions.file(nobody, [scene.ask(line)], by=scene.dora, ticket=ticket).customer == scene.customer


@pytest.mark.django_db(transaction=True)
def test_filing_and_signing_from_a_ticket_in_one_click_asks_fifteen_questions():
    scene = make_scene()
    ticket = open_ticket(by=scene.cast.bob, customer=scene.customer, subject="leaks")
    dora = Client()
    dora.force_login(scene.dora.user)
    row = {"line-0": scene.pot.pk, "quantity-0": "1", "resolution-0": "return_and_refund", "reason-0": scene.ours.pk}
    said = {"order": scene.order.pk, "ticket": ticket.pk, "freight_payer": "us", "sign": "1"} | row
    with CaptureQueriesContext(connection) as asked:
        assert dora.post(reverse("return_form:new"), said).status_code == 303
    form = ReturnForm.objects.get()
    assert (form.state, form.ticket, form.promise.ticket) == ("submitted", ticket, ticket)
    assert len([query for query in asked.captured_queries if not query["sql"].startswith(AROUND)]) == 15


@pytest.mark.parametrize("number", ["999999", "x", "9" * 30])
def test_a_ticket_that_is_none_is_not_found(scene, number):
    dora = Client()
    dora.force_login(scene.dora.user)
    row = {"line-0": scene.pot.pk, "quantity-0": "1", "resolution-0": "return_and_refund", "reason-0": scene.ours.pk}
    answer = dora.post(reverse("return_form:new"), {"order": scene.order.pk, "ticket": number, "freight_payer": "us"} | row)
    assert answer.status_code == 404 and not ReturnForm.objects.exists()
