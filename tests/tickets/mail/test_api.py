"""The mailbox and its letters through the API: set up, read, taken after all, and no password told."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast, make_cast
from tests.tickets.mail.letters import ADDRESS, letter, take
from tickets.mail.models import Letter, Mailbox
from tickets.people.models import Member
from tickets.people.tokens import make_token
from tickets.web.sealed import unseal

pytestmark = pytest.mark.django_db
BOX, LETTERS = "/api/v1/mailbox/", "/api/v1/letters/"


def program(member: Member, *scopes: str) -> Client:
    return Client(headers={"Authorization": f"Token {make_token(member.user, scopes=scopes or ('read', 'write'))[1]}"})


def put(client: Client, **body: object):
    return client.put(BOX, body, content_type="application/json")


def test_a_mailbox_is_set_up_and_its_password_never_told(db: None) -> None:
    cast = make_cast()
    alice = program(cast.alice)
    assert alice.get(BOX).status_code == 404
    server = {"address": "Help@example.com", "host": "imap.example.com", "username": "help", "password": "pässword"}
    made = put(alice, **server)
    assert made.status_code == 200 and "password" not in made.json()
    assert {name: made.json()[name] for name in ("address", "port", "folder")} == {
        "address": "help@example.com",
        "port": 993,
        "folder": "INBOX",
    }
    again = put(alice, **{name: value for name, value in server.items() if name != "password"}, is_on=False)
    assert (again.json()["is_on"], alice.get(BOX).json()["is_on"]) == (False, False)
    assert unseal(Mailbox.objects.get().password) == "pässword", "left out, it stays"


def test_what_is_wrong_with_a_mailbox_is_named(db: None) -> None:
    cast = make_cast()
    alice = program(cast.alice)
    for body, field in (
        ({"address": "help"}, "address"),
        ({"address": ADDRESS, "host": "imap/x"}, "host"),
        ({"address": ADDRESS, "host": "imap.example.com"}, "password"),
        ({"address": ADDRESS, "port": 0}, "port"),
        ({"address": ADDRESS, "security": "none"}, "security"),
    ):
        assert field in put(alice, **body).json()["errors"], body
    assert not Mailbox.objects.exists()


def test_letters_are_listed_by_outcome_and_ticket(cast: Cast) -> None:
    taken = take(cast, letter("杯子漏水"))
    auto = take(cast, letter("我不在", number=2, Auto_Submitted="auto-replied"))
    alice = program(cast.alice)

    def listed(query: str = "") -> list[int]:
        return [row["id"] for row in alice.get(LETTERS + query).json()["results"]]

    assert listed() == [auto.pk, taken.pk]
    assert listed("?outcome=auto") == [auto.pk]
    assert listed(f"?ticket={taken.ticket_id}") == [taken.pk]
    for query in ("?outcome=lost", "?ticket=x", "?sender=a"):
        assert alice.get(LETTERS + query).status_code == 400, query
    assert "我不在" in alice.get(f"{LETTERS}{auto.pk}/").json()["text"]


def test_a_letter_is_taken_after_all_once(cast: Cast) -> None:
    auto = take(cast, letter("我不在", number=2, Auto_Submitted="auto-replied"))
    alice = program(cast.alice)
    assert alice.get(f"{LETTERS}{auto.pk}/").json()["can_be_taken"] is True
    answer = alice.post(f"{LETTERS}{auto.pk}/take/").json()
    assert (answer["outcome"], answer["can_be_taken"]) == ("opened", False)
    assert Letter.objects.get().ticket_id == answer["ticket"]
    assert alice.post(f"{LETTERS}{auto.pk}/take/").json()["code"] == "wrong_state"


def test_only_the_teams_leads_and_only_with_the_scope(cast: Cast) -> None:
    auto = take(cast, letter("我不在", number=2, Auto_Submitted="auto-replied"))
    for path in (BOX, LETTERS, f"{LETTERS}{auto.pk}/"):
        assert program(cast.bob).get(path).status_code == 403, path
        assert program(cast.alice, "write").get(path).json()["scope"] == "read", path
    assert program(cast.alice, "read").post(f"{LETTERS}{auto.pk}/take/").json()["scope"] == "write"
    assert put(program(cast.alice, "read"), address=ADDRESS).json()["scope"] == "write"
    assert program(cast.mallory).get(f"{LETTERS}{auto.pk}/").status_code == 404
    assert program(cast.mallory).get(BOX).status_code == 404
