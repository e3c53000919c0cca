"""The generated Python client, against a real server: what a shop's own program would do with it."""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings

from tests.api.scene import Scene, make_scene
from tests.cast import PASSWORD, make_customer
from tickets.movein.actions import run_move
from tickets.movein.models import MoveProblem
from tickets.ticket import actions
from tickets.ticket.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="session")
def client_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """`handover_client`, generated once as `make client` does it."""
    place = tmp_path_factory.mktemp("client") / "client"
    subprocess.run([sys.executable, "scripts/client.py", str(place)], cwd=settings.BASE_DIR, check=True, timeout=120)
    sys.path.insert(0, str(place))
    yield importlib.import_module("handover_client")
    sys.path.remove(str(place))


def of(name: str) -> Any:
    """A module of the generated package."""
    return importlib.import_module(f"handover_client.{name}")


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def signed_in(client_module: Any, live_server: Any, scene: Scene) -> Any:
    """Bob's client: signed in by name and password for what it needs."""
    models = of("models")
    wanted = models.LoginInRequest(username="bob", password=PASSWORD, scopes=[models.TokenScope.READ, models.TokenScope.WRITE])
    said = of("api.auth.auth_login_create").sync(client=client_module.Client(base_url=live_server.url), body=wanted)
    assert isinstance(said, models.LoginOut) and said.token.startswith("handover_")
    return client_module.AuthenticatedClient(base_url=live_server.url, token=said.token, prefix="Token")


def test_a_wrong_password_is_a_problem(client_module: Any, live_server: Any, scene: Scene) -> None:
    models = of("models")
    said = of("api.auth.auth_login_create").sync(
        client=client_module.Client(base_url=live_server.url), body=models.LoginInRequest(username="bob", password="wrong")
    )
    assert isinstance(said, models.Problem)
    assert (said.status, said.code, said.type_) == (401, "not_authenticated", "urn:handover:problem:not_authenticated")


def test_who_am_i(signed_in: Any) -> None:
    me = of("api.me.me_retrieve").sync(client=signed_in)
    assert (me.username, me.team.slug, [role.value for role in me.roles]) == ("bob", "lotus", ["agent"])


def test_create_claim_contact(signed_in: Any, scene: Scene) -> None:
    models = of("models")
    new = models.TicketInRequest(customer=make_customer(scene.cast.team, "陈小姐", "tb_chen_1").pk, subject="少发一件", to_pool=True)
    made = of("api.tickets.tickets_create").sync(client=signed_in, body=new, idempotency_key="order-77")
    assert isinstance(made, models.TicketOut) and made.holder is None
    again = of("api.tickets.tickets_create").sync(client=signed_in, body=new, idempotency_key="order-77")
    assert again.id == made.id and Ticket.objects.filter(subject="少发一件").count() == 1
    claimed = of("api.tickets.tickets_claim_create").sync(str(made.id), client=signed_in, body=models.ClaimInRequest())
    assert claimed.holder.name == "Bob"
    said = models.ContactInRequest(text="今天补发")
    answered = of("api.tickets.tickets_contact_create").sync(str(made.id), client=signed_in, body=said)
    assert answered.touches == 1 and answered.last_contact_at is not None
    assert Ticket.objects.get(pk=made.id).last_answered_by == scene.cast.bob


def test_problems_come_as_objects_with_their_codes(signed_in: Any, scene: Scene) -> None:
    models, tickets = of("models"), of("api.tickets.tickets_create")
    open_one = Ticket.objects.get(pk=scene.ids["ticket"])
    twice = tickets.sync(client=signed_in, body=models.TicketInRequest(customer=open_one.customer_id, subject="又一件"))
    assert (twice.status, twice.code) == (409, "duplicate")
    wrong = tickets.sync(client=signed_in, body=models.TicketInRequest(customer=open_one.customer_id, subject=""))
    assert (wrong.status, wrong.code) == (400, "invalid") and "subject" in wrong.errors.to_dict()
    gone = of("api.tickets.tickets_retrieve").sync("987654321", client=signed_in)
    assert (gone.status, gone.code) == (404, "not_found")
    report = of("api.reports.reports_retrieve").sync_detailed("custody", client=signed_in)
    assert report.status_code == 403 and report.parsed.additional_properties["scope"] == "reports"


def test_a_list_is_walked_page_by_page(signed_in: Any, scene: Scene) -> None:
    for number in range(5):
        customer = make_customer(scene.cast.team, f"顾客 {number}", f"tb_{number}")
        actions.open_ticket(by=scene.cast.bob, customer=customer, subject=f"第 {number} 件")
    found: list[int] = []
    cursor: dict[str, str] = {}
    for _page in range(10):
        page = of("api.tickets.tickets_list").sync(client=signed_in, page_size=3, **cursor)
        found += [ticket.id for ticket in page.results]
        if not page.next_:
            break
        cursor = {"cursor": parse_qs(urlsplit(page.next_).query)["cursor"][0]}
    assert len(found) == len(set(found)) == Ticket.objects.count() and set(found) == set(Ticket.objects.values_list("pk", flat=True))


def test_another_systems_history_is_tried_then_brought_in(client_module: Any, live_server: Any, scene: Scene) -> None:
    models, moves = of("models"), "api.moves.moves"
    wanted = models.LoginInRequest(username="alice", password=PASSWORD, scopes=[models.TokenScope.IMPORT])
    said = of("api.auth.auth_login_create").sync(client=client_module.Client(base_url=live_server.url), body=wanted)
    client = client_module.AuthenticatedClient(base_url=live_server.url, token=said.token, prefix="Token")
    rows = "id,subject,at,text,customer,handle\n77,漏水,2025-03-01T08:00:00Z,又漏了,陈小姐,tb_chen_9\nx,,,,,\n"
    file = of("types").File(payload=io.BytesIO(rows.encode()), file_name="old.csv", mime_type="text/csv")
    body = models.MoveInRequest(system=models.SystemEnum.CSV, file=file, dry_run=True)
    tried = of(f"{moves}_create").sync(client=client, body=body)
    assert isinstance(tried, models.MoveOut) and (tried.state.value, tried.dry_run) == ("waiting", True)
    run_move(tried.id)
    tried = of(f"{moves}_retrieve").sync(str(tried.id), client=client)
    assert (tried.state.value, tried.tickets, tried.problems) == ("done", 1, 1)
    assert not Ticket.objects.filter(subject="漏水").exists()
    left = of(f"{moves}_documents_retrieve").sync(str(tried.id), client=client)
    assert [(row.place, row.code) for row in left.results] == [(2, MoveProblem.objects.get().code)]
    begun = of(f"{moves}_start_create").sync(str(tried.id), client=client)
    assert (begun.state.value, begun.dry_run) == ("waiting", False)
    run_move(tried.id)
    assert Ticket.objects.filter(subject="漏水", team=scene.cast.team).count() == 1
    again = of(f"{moves}_start_create").sync(str(tried.id), client=client)
    assert (again.status, again.code) == (409, "wrong_state")
