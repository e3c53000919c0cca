"""What the pages of a ticket and a customer say of its forms; and what a merge of tickets takes along."""

from __future__ import annotations

import pytest
from django.test import Client

from tickets.return_form import queries
from tickets.ticket.actions import merge, open_ticket


def opened(scene, subject="Pot leaks"):
    return open_ticket(by=scene.cast.bob, customer=scene.customer, subject=subject, orders=[scene.order])


def read(member, path):
    client = Client()
    client.force_login(member.user)
    return client.get(path).content.decode()


@pytest.fixture
def ticket(scene):
    return opened(scene)


def test_the_ticket_and_the_customer_show_their_forms_with_their_state(scene, ticket):
    form = scene.submitted(ticket=ticket)
    for path in (f"/tickets/{ticket.pk}/", f"/customers/{scene.customer.pk}/"):
        page = read(scene.dora, path)
        assert f'href="/returns/{form.pk}/"' in page
        assert "Waiting for the warehouse" in page


def test_who_may_files_one_from_there_and_nobody_else(scene, ticket):
    assert f'href="/returns/new/?ticket={ticket.pk}" data-key="v"' in read(scene.dora, f"/tickets/{ticket.pk}/")
    assert f'href="/returns/new/?customer={scene.customer.pk}" data-key="v"' in read(scene.dora, f"/customers/{scene.customer.pk}/")
    assert "/returns/new/" not in read(scene.wen, f"/tickets/{ticket.pk}/")
    assert scene.order.number in read(scene.dora, f"/returns/new/?customer={scene.customer.pk}")


def test_one_statement_however_many_forms(scene, ticket, django_assert_num_queries):
    for _n in range(2):
        scene.filed(ticket=ticket)
    with django_assert_num_queries(1):
        found = queries.beside_ticket(ticket.pk, scene.dora)
    assert [row.state for row in found.forms] == ["draft", "draft"]
    assert queries.beside_ticket(ticket.pk, scene.cast.mallory).forms == []


def test_c8_forms_follow_a_merged_ticket_closed_ones_too(scene, ticket):
    closed, draft = scene.closed(ticket=ticket), scene.filed(scene.ask(scene.lid), ticket=ticket)
    into = opened(scene, "Lid too")
    before = draft.version
    merge(ticket, into, by=scene.cast.bob)
    for form in (closed, draft):
        form.refresh_from_db()
        assert form.ticket == into
    assert draft.version == before
