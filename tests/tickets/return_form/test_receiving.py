"""Noting that goods came: for a form that was handed over and is not over (R1)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from tickets.return_form import actions
from tickets.return_form.models import ReturnForm


@pytest.fixture
def wen(scene):
    """The warehouse through the API: `wen(path, …)` posts."""
    client = Client()
    client.force_login(scene.wen.user)
    return lambda path, **said: client.post(f"/api/v1/{path}", said, content_type="application/json")


def test_r1_the_warehouse_receives_nothing_for_a_draft(scene, wen):
    form = scene.filed()
    found = wen(f"returns/{form.pk}/receive/", version=form.version, tracking="SF1")
    assert (found.status_code, found.json()["code"], found.json()["current"]["state"]) == (409, "wrong_state", "draft")
    form.refresh_from_db()
    assert form.received_at is None and not form.parcels.exists()


@pytest.mark.parametrize("state", ["cancelled", "closed"])
def test_r1_the_warehouse_receives_nothing_for_a_form_that_is_over(scene, wen, state):
    form = actions.cancel(scene.submitted(), by=scene.dora, reason="x") if state == "cancelled" else scene.closed()
    found = wen(f"returns/{form.pk}/receive/", version=form.version)
    assert (found.status_code, found.json()["code"]) == (409, "wrong_state")


def test_r1_postgresql_lets_a_draft_receive_only_what_lay_there_unclaimed(scene, wen):
    form = scene.filed()
    with pytest.raises(IntegrityError, match="return_form_draft_receives_nothing"), transaction.atomic():
        ReturnForm.objects.filter(pk=form.pk).update(received_at=timezone.now())
    wen("parcels/", tracking="YT77")
    actions.add_parcel(form, by=scene.dora, tracking="YT77")
    form.refresh_from_db()
    assert (form.state, form.received_at) == ("draft", form.parcels.get().arrived_at)
