"""A team moves in: customers and matters of another system, with their own times and authors, each once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cast import Cast, make_cast, make_customer
from tests.tickets.movein import exports
from tickets.activity.models import Activity
from tickets.activity.telling import tell_all
from tickets.customer import actions as customers
from tickets.customer.models import Customer
from tickets.movein import actions
from tickets.movein.models import Move, MoveProblem, Twin
from tickets.movein.reading import documents
from tickets.movein.record import Unreadable
from tickets.movein.systems import READERS
from tickets.ticket import actions as tickets
from tickets.ticket.models import Assignment, Ticket, Touch
from tickets.ticket.queries.story import ticket_story
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db
Bring = Callable[..., Move]


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def bring(cast: Cast, tmp_path: Path) -> Bring:
    """Bring documents in as a worker does: a page, a list of lines, or a text."""

    def brought(content: Any, *, system: str = "zendesk", lines: bool = False, dry_run: bool = False) -> Move:
        path = exports.write(tmp_path / "x.json", content, lines=lines)
        with path.open("rb") as file:
            move = actions.upload(by=cast.alice, system=system, file=File(file, path.name), dry_run=dry_run, start_now=False)
        done = actions.run_move(move.pk)
        assert done is not None
        return done

    return brought


def counts(move: Move) -> tuple[int, int, int, int, int]:
    return move.customers, move.tickets, move.entries, move.known, move.problems


def users() -> dict[str, Any]:
    return exports.page("users", exports.USERS)


def test_people_then_matters_with_their_own_times_and_authors(cast: Cast, bring: Bring) -> None:
    assert counts(bring(users())) == (2, 0, 0, 2, 0)
    done = bring(exports.page("tickets", [exports.zendesk_ticket(1), exports.zendesk_ticket(2, requester=502, status="closed")]))
    assert (done.state, counts(done)) == ("done", (0, 2, 6, 0, 0))
    ticket = Ticket.objects.get(subject="Thermos 1")
    assert ticket.opened_at == datetime(2024, 3, 2, 8, tzinfo=UTC)
    assert (ticket.status, ticket.severity, ticket.channel, ticket.tags) == ("open", "watch", "email", ["thermos", "leak"])
    assert set(ticket.customer.handles.values_list("kind", "key")) == {("email", "anna@example.com"), ("phone", "+8613912345678")}
    told = tell_all([row for row in ticket_story(ticket, cast.alice) if row.code == "ticket.said_before"], cast.alice)
    assert [(line.who, line.said, line.at.hour) for line in told] == [
        ("Anna", "Lid of 1 leaks", 8), ("Bob", "We send a new one", 9), ("Greta", "third time this week", 9),
    ]  # fmt: skip
    rows = Activity.objects.filter(code="ticket.said_before", ticket=ticket).order_by("id")
    assert [(row.actor, row.data["kind"], row.data["stranger"]) for row in rows] == [
        (None, "customer", "Anna"), (cast.bob, "answer", ""), (None, "note", "Greta"),
    ]  # fmt: skip
    over = Ticket.objects.get(subject="Thermos 2")
    assert (over.status, over.resolution.name, over.resolved_at) == (
        "resolved", "Resolved before moving in", datetime(2024, 3, 3, 10, tzinfo=UTC),
    )  # fmt: skip


def test_c1_every_open_matter_lies_in_the_pool_and_nobody_has_touched_it(cast: Cast, bring: Bring) -> None:
    bring(
        exports.page(
            "tickets", [exports.zendesk_ticket(n, status=status) for n, status in enumerate(("new", "open", "pending", "hold"), 1)]
        )
    )
    assert set(Ticket.objects.values_list("status", "waiting_on", "holder", "touches")) == {
        ("open", "", None, 0), ("waiting", "customer", None, 0),
    }  # fmt: skip
    assert Assignment.objects.count() == Ticket.objects.in_pool().count() == 4
    assert Touch.objects.count() == 0
    taken = tickets.claim(Ticket.objects.first(), by=cast.carol)
    assert taken.holder == cast.carol


def test_running_it_again_adds_only_what_is_new(cast: Cast, bring: Bring) -> None:
    bring(users())
    first = exports.zendesk_ticket(1)
    bring(exports.page("tickets", [first]))
    before = Activity.objects.filter(code="ticket.said_before").count(), Customer.objects.count(), Twin.objects.count()
    assert counts(bring(exports.page("tickets", [first]))) == (0, 0, 0, 1, 0)
    assert before == (Activity.objects.filter(code="ticket.said_before").count(), Customer.objects.count(), Twin.objects.count())
    ticket = Ticket.objects.get()
    tickets.claim(ticket, by=cast.carol)
    later = exports.zendesk_comment(99, 501, "still leaks", "2024-04-01T08:00:00Z")
    newer = first | {"status": "closed", "comments": [*first["comments"], later]}
    assert counts(bring(exports.page("tickets", [newer]))) == (0, 0, 1, 0, 0)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.holder) == ("open", cast.carol)  # how it stands is decided here now
    assert ticket.last_contact_at == datetime(2024, 4, 1, 8, tzinfo=UTC)
    assert "still leaks" in ticket.text.text


def test_c8_what_is_new_of_a_merged_matter_lands_on_its_target(cast: Cast, bring: Bring) -> None:
    first, second = exports.zendesk_ticket(1), exports.zendesk_ticket(2)
    bring(exports.page("tickets", [first, second]))
    one, two = Ticket.objects.order_by("pk")
    tickets.merge(one, two, by=cast.alice)
    more = exports.zendesk_comment(99, 501, "late word", "2024-04-01T08:00:00Z")
    bring(exports.page("tickets", [first | {"comments": [more]}]))
    assert Activity.objects.filter(code="ticket.said_before").latest("id").ticket == two


def test_a_customer_who_is_known_here_stays_one_customer(cast: Cast, bring: Bring) -> None:
    anna = customers.find_or_create(cast.team, kind="email", value="ANNA@example.com", name="安娜", by=cast.bob)
    assert counts(bring(users()))[0] == 1
    anna.refresh_from_db()
    assert anna.name == "安娜"
    assert anna.handles.filter(kind="phone").exists()


def test_a_handle_of_somebody_else_is_left_to_them(cast: Cast, bring: Bring) -> None:
    other = make_customer(cast.team, "王先生", "tb_wang")
    customers.add_handle(other, kind="phone", value="+86 139 1234 5678", by=cast.bob)
    customers.find_or_create(cast.team, kind="email", value="anna@example.com", name="Anna", by=cast.bob)
    bring(users())
    assert other.handles.filter(kind="phone").exists()
    assert Customer.objects.filter(handles__key="anna@example.com").exclude(pk=other.pk).count() == 1


def test_a_requester_who_was_not_brought_is_a_stranger_until_the_list_of_people_comes(cast: Cast, bring: Bring) -> None:
    bring(exports.page("tickets", [exports.zendesk_ticket(1, requester=501)]))
    customer = Ticket.objects.get().customer
    assert (customer.name, customer.handles.count()) == ("Zendesk customer 501", 0)
    rows = Activity.objects.filter(code="ticket.said_before").order_by("id")
    assert [row.data["stranger"] for row in rows] == ["Zendesk customer 501", "Zendesk #901", "Zendesk #902"]
    assert not any(row.actor for row in rows)
    bring(users())
    customer.refresh_from_db()
    assert (customer.name, customer.handles.count()) == ("Anna", 2)


def test_comments_that_come_as_ticket_events(cast: Cast, bring: Bring) -> None:
    bring(users())
    bring(exports.page("tickets", [exports.zendesk_ticket(1, comments=None)]))
    assert Ticket.objects.get().body == "Lid leaks"
    said = exports.zendesk_comment(11, 501, "The lid leaks", "2024-03-02T08:00:00Z") | {"event_type": "Comment"}
    said.pop("created_at")
    answer = exports.zendesk_comment(12, 901, "A new one comes", "2024-03-02T09:00:00Z") | {"event_type": "Comment"}
    events = [
        {"id": 1, "ticket_id": 1, "created_at": "2024-03-02T08:00:00Z", "timestamp": 1, "child_events": [said, {"event_type": "Change"}]},
        {"id": 2, "ticket_id": 1, "timestamp": 1_709_370_000, "child_events": [answer]},
        {"id": 3, "ticket_id": 1, "timestamp": 1_709_370_000, "child_events": [{"event_type": "Change", "status": "open"}]},
        {"id": 4, "ticket_id": 77, "timestamp": 1_709_370_000, "child_events": [answer]},
    ]
    done = bring(exports.page("ticket_events", events))
    assert counts(done) == (0, 0, 2, 1, 1)
    assert list(MoveProblem.objects.values_list("place", "code", "external_id")) == [(4, "ticket_unknown", "4")]
    kinds = Activity.objects.filter(code="ticket.said_before").order_by("id").values_list("data__kind", "data__text")
    assert list(kinds) == [("customer", "The lid leaks"), ("answer", "A new one comes")]


def test_one_document_a_line_and_pages_after_each_other(bring: Bring) -> None:
    assert counts(bring([exports.zendesk_ticket(n) for n in range(1, 6)], lines=True))[1] == 5
    pages = [exports.page("tickets", [exports.zendesk_ticket(n)]) for n in range(5, 8)]
    done = bring(pages, lines=True)
    assert (done.done, counts(done)) == (3, (0, 2, 6, 1, 0))


def test_help_scout(cast: Cast, bring: Bring) -> None:
    page = {"_embedded": {"conversations": [exports.helpscout_conversation(), exports.helpscout_conversation(72, status="spam")]},
            "page": {"size": 25, "totalElements": 2}}  # fmt: skip
    done = bring(page, system="helpscout")
    assert (done.done, counts(done)) == (2, (1, 1, 3, 1, 0))
    rows = Activity.objects.filter(code="ticket.said_before").order_by("id")
    assert [(row.data["stranger"], row.data["kind"], row.data["text"]) for row in rows] == [
        ("Anna Lind", "customer", "The lid leaks"), ("Greta Berg", "answer", "We send\na new one"), ("Greta Berg", "note", "check stock"),
    ]  # fmt: skip
    assert Ticket.objects.get().tags == ["leak"]
    people = {"_embedded": {"customers": [{"id": 8, "firstName": "Berta", "lastName": "", "_embedded": {
        "emails": [{"id": 1, "value": "berta@example.com", "type": "work"}],
        "phones": [{"id": 2, "value": "+4915112345678"}]}}]}}  # fmt: skip
    assert counts(bring(people, system="helpscout")) == (1, 0, 0, 0, 0)
    assert Customer.objects.get(name="Berta").handles.count() == 2


def test_gorgias(bring: Bring) -> None:
    done = bring({"data": [exports.gorgias_ticket()], "object": "list", "meta": {"next_cursor": None}}, system="gorgias")
    assert counts(done) == (1, 1, 2, 0, 0)
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.subject, ticket.severity, ticket.channel) == ("resolved", "The lid leaks", "act_now", "chat")
    assert ticket.resolved_at == datetime(2024, 3, 2, 8, tzinfo=UTC)
    people = [{"id": 8, "name": "Berta", "email": "berta@example.com", "channels": [{"type": "phone", "address": "+4915112345678"}]}]
    assert counts(bring({"data": people, "meta": {}}, system="gorgias")) == (1, 0, 0, 0, 0)


def test_a_plain_csv(cast: Cast, bring: Bring) -> None:
    done = bring(exports.CSV, system="csv")
    assert (done.done, counts(done)) == (4, (2, 2, 4, 0, 0))
    first, second = Ticket.objects.order_by("pk")
    assert (first.subject, first.tags, second.status) == ("Lid leaks", ["leak", "thermos"], "resolved")
    rows = Activity.objects.filter(code="ticket.said_before", ticket=first).order_by("id")
    assert [(row.actor, row.data["stranger"]) for row in rows] == [(None, "Anna"), (None, "Greta"), (cast.bob, "")]
    assert counts(bring(exports.CSV, system="csv")) == (0, 0, 0, 4, 0)


def test_a_dry_run_says_exactly_what_a_real_one_does_and_writes_nothing(monkeypatch: pytest.MonkeyPatch, bring: Bring) -> None:
    """In batches of two, so that later documents need what earlier ones would have brought."""
    monkeypatch.setattr(actions, "BATCH", 2)
    everything = [
        users(), exports.page("tickets", [exports.zendesk_ticket(n) for n in (1, 2, 1, 3)]),
        exports.page("ticket_events", [{"id": 1, "ticket_id": 1, "timestamp": 1_709_370_000, "child_events": [
            exports.zendesk_comment(777, 501, "and again", "2024-05-01T00:00:00Z") | {"event_type": "Comment"}]}]),
        exports.page("tickets", [exports.zendesk_ticket(4, status="strange"), {"id": None, "status": "open"}]),
    ]  # fmt: skip
    ledger = Activity.objects.exclude(code="team.move_uploaded")
    dry = bring(everything, lines=True, dry_run=True)
    assert (Ticket.objects.count(), Customer.objects.count(), Twin.objects.count(), ledger.count()) == (0, 0, 0, 0)
    real = bring(everything, lines=True)
    assert counts(dry)[:3] == counts(real)[:3] == (2, 3, 10)
    assert dry.problems == real.problems == 2
    assert list(dry.problem_rows.values_list("place", "code", "where")) == list(real.problem_rows.values_list("place", "code", "where"))


BROKEN = [
    ({"id": 1, "status": "open", "created_at": "yesterday", "requester_id": 1}, "time_unreadable"),
    ({"id": 1, "status": "odd", "created_at": "2024-03-01T08:00:00Z", "requester_id": 1}, "document_unreadable"),
    ({"status": "open", "created_at": "2024-03-01T08:00:00Z", "requester_id": 1}, "id_missing"),
    ({"id": 1, "status": "open", "created_at": "2024-03-01T08:00:00Z"}, "id_missing"),
    ({"id": 1, "status": "open", "created_at": "2024-03-01T08:00:00Z", "requester_id": 1, "comments": [1]}, "document_unreadable"),
    ({"what": "is this"}, "kind_unknown"),
    ([], "kind_unknown"),
]


@pytest.mark.parametrize(("document", "code"), BROKEN, ids=[str(place) for place in range(len(BROKEN))])
def test_d1_a_document_that_cannot_be_read_is_reported_and_stops_no_other(bring: Bring, document: Any, code: str) -> None:
    done = bring(exports.page("tickets", [exports.zendesk_ticket(1), document, exports.zendesk_ticket(2)]))
    assert (done.state, counts(done)) == ("done", (1, 2, 6, 0, 1))
    assert list(MoveProblem.objects.values_list("place", "code")) == [(2, code)]


def test_a_file_cut_off_in_the_middle_keeps_what_stands_before(cast: Cast, tmp_path: Path) -> None:
    text = json.dumps(exports.page("tickets", [exports.zendesk_ticket(n) for n in range(1, 4)]))
    cut = text[: text.index('"Thermos 3"')]
    move = actions.upload(by=cast.alice, system="zendesk", file=ContentFile(cut.encode(), "x.json"), dry_run=False, start_now=False)
    done = actions.run_move(move.pk)
    assert done is not None
    assert (done.state, done.error, done.tickets) == ("failed", "file_unreadable", 2)
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"{}", b"[]", b'{"tickets": 3}', b"\x89PNG\r\n\x1a\n\x00\x00", b'{"a": 1}', b"{" * 5000]
)
def test_what_is_no_export_is_refused_at_once(cast: Cast, content: bytes) -> None:
    with pytest.raises(Refused, match="invalid"):
        actions.upload(by=cast.alice, system="zendesk", file=ContentFile(content, "x.json"), start_now=False)
    assert Move.objects.count() == 0


def test_only_a_manager_brings_and_only_into_a_team_with_a_lead(cast: Cast) -> None:
    content = json.dumps(users()).encode()
    with pytest.raises(Refused, match="forbidden"):
        actions.upload(by=cast.bob, system="zendesk", file=ContentFile(content, "x.json"))
    type(cast.team).objects.filter(pk=cast.team.pk).update(lead=None)
    cast.alice.team.refresh_from_db()
    with pytest.raises(Refused, match="wrong_state"):
        actions.upload(by=cast.alice, system="zendesk", file=ContentFile(content, "x.json"))


def test_two_teams_may_bring_the_same_system_and_see_nothing_of_each_other(cast: Cast, bring: Bring) -> None:
    bring(users())
    content = ContentFile(json.dumps(users()).encode(), "x.json")
    move = actions.upload(by=cast.mallory, system="zendesk", file=content, dry_run=False, start_now=False)
    done = actions.run_move(move.pk)
    assert done is not None
    assert done.customers == 2
    client = Client()
    client.force_login(cast.alice.user)
    assert client.get(f"/team/move-in/{move.pk}/").status_code == 404


def test_the_pages_try_first_then_bring(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.alice.user)
    page = exports.page("tickets", [exports.zendesk_ticket(1), {"id": 9, "status": "odd"}])
    file = SimpleUploadedFile("tickets.json", json.dumps(page).encode())
    answer = client.post("/team/move-in/", {"system": "zendesk", "file": file})
    assert answer.status_code == 303
    move = Move.objects.get()
    assert (move.dry_run, move.state) == (True, "waiting")
    actions.run_move(move.pk)
    shown = client.get(answer["Location"]).content.decode()
    assert "Matters that would be new" in shown
    assert "This part of the document cannot be read." in shown
    assert Ticket.objects.count() == 0
    assert client.post(f"/team/move-in/{move.pk}/start/").status_code == 303
    assert client.post(f"/team/move-in/{move.pk}/start/").status_code == 409
    actions.run_move(move.pk)
    assert Ticket.objects.count() == 1
    assert client.post(f"/team/move-in/{move.pk}/start/").status_code == 409
    rows = b"".join(client.get(f"/team/move-in/{move.pk}/report.csv").streaming_content).decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert client.post("/team/move-in/", {"system": "zendesk", "file": SimpleUploadedFile("x", b"no")}).status_code == 422
    ticket = client.get(f"/tickets/{Ticket.objects.get().pk}/").content.decode()
    assert "Lid of 1 leaks" in ticket
    assert "brought it over from Zendesk" in ticket
    client.force_login(cast.bob.user)
    assert client.get("/team/move-in/").status_code == 403


def test_the_command_does_the_same(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = exports.write(tmp_path / "t.json", [exports.zendesk_ticket(1), {"id": 5, "status": "odd"}], lines=True)
    call_command("import_history", str(path), system="zendesk", team="lotus", dry_run=True)
    assert "1 matters and 3 entries would be new" in capsys.readouterr().out
    assert Ticket.objects.count() == 0
    report = tmp_path / "report.csv"
    call_command("import_history", str(path), system="zendesk", team="lotus", report=report)
    assert Ticket.objects.count() == 1
    assert len(report.read_text("utf-8-sig").splitlines()) == 2
    with pytest.raises(CommandError):
        call_command("import_history", str(path), system="zendesk", team="nobody")


_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
_seeds = {
    "zendesk": exports.zendesk_ticket(1), "helpscout": exports.helpscout_conversation(), "gorgias": exports.gorgias_ticket(),
    "csv": {"id": "1", "at": "2024-03-01", "text": "x", "kind": "note", "status": "open"},
}  # fmt: skip


@settings(max_examples=150)
@given(system=st.sampled_from(sorted(_seeds)), data=st.data())
def test_any_document_is_read_or_refused_with_a_code(system: str, data: st.DataObject) -> None:
    seed = _seeds[system]
    changes = data.draw(st.dictionaries(st.sampled_from(sorted(seed)), _json, max_size=4))
    try:
        READERS[system](data.draw(st.sampled_from(["", "tickets", "data", "conversations"])), seed | changes)
    except Unreadable as unreadable:
        assert unreadable.code


@settings(max_examples=60)
@given(
    found=st.lists(st.dictionaries(st.text(max_size=4), _json, min_size=1, max_size=3), min_size=1, max_size=6),
    chunk=st.integers(1, 40),
    lines=st.booleans(),
)
def test_reading_in_pieces_of_any_size_gives_what_json_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: list[dict[str, Any]], chunk: int, lines: bool
) -> None:
    from tickets.movein.reading import LISTS

    found = [{f"k{key}": value for key, value in each.items()} for each in found]
    text = "\n".join(map(json.dumps, found)) if lines else json.dumps({"count": 1.5, "tickets": found, "next": None})
    path = tmp_path / "x.json"
    path.write_text(text, "utf-8")
    monkeypatch.setattr("tickets.movein.reading._CHUNK", chunk)
    monkeypatch.setattr("tickets.movein.reading._Stream.more.__defaults__", (chunk,))
    assert "tickets" in LISTS
    got = [document for _listed, document in documents(path)]
    assert json.dumps(got) == json.dumps(found)


def test_a_document_of_more_than_sixteen_megabytes_is_not_swallowed(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"tickets": [{"id": 1, "text": "' + "x" * (18 << 20) + '"}]}')
    with pytest.raises(Unreadable, match="document_too_large"):
        list(documents(path))
