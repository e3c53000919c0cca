"""What a manager does to duties, by page; and that everybody sees until when they are on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from handover.duty import actions
from handover.duty.models import Duty
from tickets.people.actions import mark_seen
from tickets.people.models import Presence

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def cast(plan):
    return plan.cast


def signed_in(client, member):
    client.force_login(member.user)
    return client


def test_a_manager_lets_in_ends_and_extends(client, cast):
    client = signed_in(client, cast.alice)
    assert client.post("/duty/let-in/", {"member": "bob", "reason": ""}, headers=HTMX).status_code == 422
    assert client.post("/duty/let-in/", {"member": "bob", "reason": "page down"}).status_code == 303
    duty = Duty.objects.get()
    assert "page down" in client.get("/duty/").content.decode()
    until = timezone.localtime(duty.until + timedelta(hours=1), cast.team.zone)
    assert client.post(f"/duty/{duty.pk}/extend/", {"until": f"{until:%Y-%m-%dT%H:%M}"}).status_code == 303
    assert client.post(f"/duty/{duty.pk}/extend/", {"until": "2020-01-01T00:00"}).status_code == 400
    assert client.post(f"/duty/{duty.pk}/end/", {"reason": ""}, headers=HTMX).status_code == 422
    assert client.post(f"/duty/{duty.pk}/end/", {"reason": "gone home"}).status_code == 303
    duty.refresh_from_db()
    assert (duty.end, duty.end_reason) == ("on_behalf", "gone home")
    assert "gone home" in client.get(f"/duty/{duty.pk}/").content.decode()


def test_others_do_not_and_another_teams_duty_is_not_found(client, cast):
    duty = actions.let_in(cast.bob, by=cast.alice, reason="page down")
    actions.let_in(cast.carol, by=cast.alice, reason="page down")
    client = signed_in(client, cast.carol)
    assert client.post("/duty/let-in/", {"member": "dan", "reason": "please"}).status_code == 403
    assert client.post(f"/duty/{duty.pk}/end/", {"reason": "please"}).status_code == 403
    assert signed_in(client, cast.mallory).get(f"/duty/{duty.pk}/").status_code == 404
    assert client.post(f"/duty/{duty.pk}/end/", {"reason": "please"}).status_code == 404
    duty.refresh_from_db()
    assert duty.ended_at is None


def test_the_duty_page_costs_the_same_queries_however_many_are_on(client, cast, django_assert_max_num_queries):
    client = signed_in(client, cast.alice)
    actions.let_in(cast.bob, by=cast.alice, reason="page down")
    client.get("/duty/")
    with django_assert_max_num_queries(12) as first:
        client.get("/duty/")
    for member in (cast.carol, cast.dan, cast.eve, cast.dora):
        actions.let_in(member, by=cast.alice, reason="page down")
    with django_assert_max_num_queries(12) as second:
        client.get("/duty/")
    assert len(first) == len(second)


@pytest.mark.django_db(transaction=True)
def test_being_seen_is_written_once_a_minute_outside_of_any_transaction(client, cast):
    Presence.objects.filter(member=cast.alice).update(seen_at=None)
    client = signed_in(client, cast.alice)
    client.get("/roster/")
    seen = Presence.objects.get(member=cast.alice).seen_at
    assert timezone.now() - seen < timedelta(seconds=30)
    client.get("/roster/")
    assert Presence.objects.get(member=cast.alice).seen_at == seen
    assert not mark_seen(cast.alice.pk, seen + timedelta(seconds=59))
    assert mark_seen(cast.alice.pk, seen + timedelta(seconds=60))


def test_my_duty_leads_to_the_note_and_to_the_digest(client, cast):
    actions.let_in(cast.bob, by=cast.alice, reason="page down")
    assert 'href="/handover/"' in signed_in(client, cast.bob).get("/duty/").content.decode().split('id="mine"')[1].split("</section>")[0]
