"""H6: who works in shifts enters by no door before the digest is acknowledged."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from handover.duty.gate import is_gated
from tests.cast import Cast, make_cast, make_member
from tests.test_access import METHODS, cells, guarded
from tickets.people.models import Member, Presence, Role
from tickets.people.tokens import make_token

pytestmark = pytest.mark.django_db

OPEN_BEFORE_READING = {
    "digest/",
    "digest/answer/<slug:item>/",
    "digest/undo/<slug:item>/",
    "digest/accept/",
    "digest/owners/",
    "digest/notices/",
    "digest/ack/",
    "digest/addenda/",
    "digest/questions/",
    "digest/questions/<int:pk>/",
    "digest/links/revoke/",
    "handover/notes/<int:pk>/signed/",
    "me/",  # the language one reads the digest in
    "me/messages/",  # where one's messages go, and quiet hours: chosen at home
    "me/messages/add/",
    "me/messages/<int:pk>/",
    "me/messages/<int:pk>/test/",
    "me/messages/<int:pk>/remove/",
    "tour/",  # shows nobody's matters, and the next shift's tour is about the digest
    "reports/surprise/",  # said on the signed note, when duty has just ended
    "api/v1/digest/",
    "api/v1/digest/ack/",
    "api/v1/duty/start/",
    "api/v1/duty/end/",
    "api/v1/me/",
    "api/v1/destinations/",  # what me/messages/ is to a program
    "api/v1/destinations/<pk>/",
    "api/v1/destinations/<pk>/deliveries/",
    "api/v1/destinations/<pk>/test/",
    "api/v1/auth/login/",
    "api/v1/auth/logout/",
}
"""Every door that an unread person may use. Whoever opens another one says so here, and why in the review."""


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def off(member: Member) -> Member:
    Presence.objects.filter(member=member).update(on_since=None, on_until=None, admitted_until=None)
    return member


def signed_in(member: Member) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(member.user)
    return client


def with_token(member: Member) -> Client:
    _row, token = make_token(member.user)
    return Client(raise_request_exception=False, headers={"Authorization": f"Token {token}"})


@pytest.mark.parametrize("role", [Role.AGENT, Role.AFTER_SALE, Role.WAREHOUSE])
@pytest.mark.parametrize("how", [signed_in, with_token])
def test_h6_every_door_is_shut(cast: Cast, role: str, how: object) -> None:
    client = how(off(make_member(cast.team, "Unread", role)))  # type: ignore[operator]
    wrong = []
    for cell in cells():
        if not guarded(cell.path) or cell.path in OPEN_BEFORE_READING:
            continue
        response = client.generic(cell.method, cell.url, b"{}", content_type="application/json")
        shut = (
            response.status_code == 403 and response.json()["code"] == "digest_unread"
            if cell.path.startswith("api/")
            else response.status_code == 302 and response.url == "/digest/"
        )
        if not shut:
            wrong.append(f"{cell.method} {cell.url}: {response.status_code}")
    assert wrong == []


def test_h6_the_admin_site_is_no_way_round(cast: Cast) -> None:
    bob = off(cast.bob)
    bob.user.is_staff = bob.user.is_superuser = True
    bob.user.save()
    for path in ("/admin/", "/admin/tickets/ticket/", "/admin/tickets/member/add/"):
        for method in METHODS:
            response = signed_in(bob).generic(method, path)
            assert (response.status_code, response["Location"]) == (302, "/digest/"), (method, path)


def test_h6_the_list_of_open_doors_is_true() -> None:
    """Nothing in the list is gated, nothing outside it is open."""
    from django.urls import get_resolver

    from tests.test_access import NOT_OURS, patterns

    open_now = set()
    for path, callback in patterns(get_resolver()):
        if path.startswith(NOT_OURS) or not guarded(path) or "<format>" in path:
            continue
        if any(not is_gated(callback, method) for method in METHODS):
            open_now.add(path)
    assert open_now - OPEN_BEFORE_READING == set()


def test_h6_a_fragment_is_sent_to_the_digest(cast: Cast) -> None:
    response = signed_in(off(cast.bob)).get("/notices/", headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"], response.content) == (200, "/digest/", b"")


def test_h6_on_duty_the_doors_are_open(cast: Cast) -> None:
    assert signed_in(cast.bob).get("/notices/").status_code == 200
    assert with_token(cast.bob).get("/api/v1/notices/").status_code == 200


def test_h6_a_lapsed_duty_shuts_them_again(cast: Cast) -> None:
    now = timezone.now()
    Presence.objects.filter(member=cast.bob).update(admitted_until=now + timedelta(minutes=1))
    assert signed_in(cast.bob).get("/notices/").status_code == 200
    Presence.objects.filter(member=cast.bob).update(admitted_until=now - timedelta(seconds=1))
    assert signed_in(cast.bob).get("/notices/").status_code == 302


def test_h6_a_person_without_presence_is_not_on_duty(cast: Cast) -> None:
    Presence.objects.filter(member=cast.bob).delete()
    assert signed_in(cast.bob).get("/notices/").status_code == 302


@pytest.mark.parametrize("name", ["alice", "olga"])
def test_h6_who_does_not_work_in_shifts_is_not_gated(cast: Cast, name: str) -> None:
    member = off(getattr(cast, name))
    assert signed_in(member).get("/notices/").status_code == 200


def test_h6_a_dual_role_is_gated(cast: Cast) -> None:
    both = off(make_member(cast.team, "Both", Role.MANAGER, Role.AGENT))
    assert signed_in(both).get("/notices/").status_code == 302


def test_h6_a_kept_answer_is_not_replayed_through_the_gate(cast: Cast) -> None:
    client = with_token(cast.bob)
    post = {"path": "/api/v1/notices/", "data": {"text": "late"}, "content_type": "application/json", "headers": {"Idempotency-Key": "k1"}}
    assert client.post(**post).status_code == 201
    off(cast.bob)
    assert client.post(**post).status_code == 403


def test_h6_accounts_stay_reachable(cast: Cast) -> None:
    client = signed_in(off(cast.bob))
    assert client.get("/accounts/logout/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302


def test_h6_the_gate_asks_the_database_nothing(cast: Cast, django_assert_num_queries: object) -> None:
    """What a gated request costs is finding out who asks: session, user, memberships with presence."""
    client = signed_in(off(cast.bob))
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert client.get("/notices/").status_code == 302
