"""No machine is taken for a customer; what was taken for one, a manager can take after all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from tests.cast import Cast
from tests.tickets.mail.letters import ADDRESS, PNG, letter, own_address, take
from tickets.activity.models import Activity
from tickets.mail import actions
from tickets.mail.models import Letter
from tickets.ticket import actions as tickets
from tickets.ticket.models import Attachment, Resolution, Ticket
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db

MACHINES = [
    ("auto", {"Auto_Submitted": "auto-replied"}),
    ("auto", {"Auto_Submitted": "auto-generated; x=1"}),
    ("auto", {"Precedence": "bulk"}),
    ("auto", {"X_Autoreply": "yes"}),
    ("auto", {"X_Auto_Response_Suppress": "All"}),
    ("auto", {"List_Id": "<news.example.com>"}),
    ("auto", {"Subject": "自动回复: 我在休假"}),
    ("auto", {"Subject": "Out of Office: back on Monday"}),
    ("auto", {"sender": "no-reply@example.com"}),
    ("bounce", {"Return_Path": "<>"}),
    ("bounce", {"sender": "MAILER-DAEMON@example.com"}),
    ("loop", {"sender": f"Help <{ADDRESS}>"}),
    ("loop", {"X_Handover_Team": "lotus"}),
]


@pytest.mark.parametrize(("outcome", "told"), MACHINES, ids=[str(place) for place in range(len(MACHINES))])
def test_machines_open_nothing_and_reopen_nothing(cast: Cast, outcome: str, told: dict[str, str]) -> None:
    ticket = take(cast, letter()).ticket
    assert ticket is not None
    tickets.claim(ticket, by=cast.bob)
    tickets.resolve(ticket, by=cast.bob, resolution=Resolution.objects.create(team=cast.team, name="Sent"))
    before = Activity.objects.count()
    found = take(cast, letter("I am away", number=2, to=own_address(ticket), **told))
    assert (found.outcome, found.ticket, found.text) == (outcome, ticket, "I am away")
    ticket.refresh_from_db()
    assert (ticket.status, Activity.objects.count(), Ticket.objects.count()) == ("resolved", before, 1)


def test_people_are_not_taken_for_machines(cast: Cast) -> None:
    assert take(cast, letter(Auto_Submitted="no", Precedence="normal", Return_Path="<liu@example.com>")).outcome == "opened"


def test_a_delivery_report_is_a_bounce(cast: Cast) -> None:
    raw = (
        b"From: Mail <mail@example.com>\r\nTo: help@lotus.example\r\nMessage-ID: <b@x>\r\nSubject: failed\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
        b"not delivered\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n--b--\r\n"
    )
    assert take(cast, raw).outcome == "bounce"


def test_two_machines_that_answer_each_other_are_stopped(cast: Cast) -> None:
    at = datetime(2026, 11, 21, 4, tzinfo=UTC)
    found = [take(cast, letter(f"letter {n}", number=n), at=at + timedelta(seconds=n)).outcome for n in range(25)]
    assert found == ["opened"] + ["added"] * 19 + ["too_many"] * 5
    assert Letter.objects.filter(outcome="too_many", text="letter 24").count() == 1  # kept for the manager
    assert take(cast, letter(number=99), at=at + timedelta(hours=2)).outcome == "added"


MANAGERS_CHOICE = [
    ("auto", {"Auto_Submitted": "auto-replied"}),
    ("auto", {"List_Id": "<a.example.com>"}),
    ("loop", {"X_Handover_Team": "lotus"}),
]


@pytest.mark.parametrize(("outcome", "told"), MANAGERS_CHOICE)
def test_a_manager_takes_a_machines_letter_after_all(cast: Cast, outcome: str, told: dict[str, str]) -> None:
    message = letter("退货单号在附件", number=5, **told)
    message.add_attachment(PNG, maintype="image", subtype="png", filename="单号.png")
    row = take(cast, message)
    assert (row.outcome, Ticket.objects.count()) == (outcome, 0)
    done = actions.take_after_all(row, by=cast.alice)
    assert done.ticket is not None
    assert (done.outcome, done.ticket.body, done.text, done.left_out) == ("opened", "退货单号在附件", "", [])
    assert Attachment.objects.get().name == "单号.png", "its files come with it"
    told_of = Activity.objects.get(code="team.letter_taken")
    assert (told_of.actor, told_of.ticket, told_of.data["was"]) == (cast.alice, done.ticket, outcome)
    with pytest.raises(Refused, match="wrong_state"):
        actions.take_after_all(row, by=cast.alice)
    assert Ticket.objects.count() == 1


def test_one_of_a_flood_goes_to_the_open_matter(cast: Cast) -> None:
    at = datetime(2026, 11, 21, 4, tzinfo=UTC)
    rows = [take(cast, letter(f"letter {n}", number=n), at=at + timedelta(seconds=n)) for n in range(22)]
    done = actions.take_after_all(rows[-1], by=cast.alice)
    assert (done.outcome, done.ticket, Ticket.objects.count()) == ("added", rows[0].ticket, 1)


def test_a_letter_to_a_resolved_matter_opens_it_again(cast: Cast) -> None:
    ticket = take(cast, letter()).ticket
    assert ticket is not None
    tickets.claim(ticket, by=cast.bob)
    tickets.resolve(ticket, by=cast.bob, resolution=Resolution.objects.create(team=cast.team, name="Sent"))
    row = take(cast, letter("still leaks", number=2, to=own_address(ticket), Precedence="bulk"))
    actions.take_after_all(row, by=cast.alice)
    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_only_a_manager_of_the_team_takes_and_only_what_was_kept(cast: Cast) -> None:
    row = take(cast, letter(Precedence="bulk"))
    for member, code in ((cast.bob, "forbidden"), (cast.olga, "forbidden")):
        with pytest.raises(Refused, match=code):
            actions.take_after_all(row, by=member)
    stranger = cast.mallory
    stranger.roles = ["manager"]
    stranger.save()
    with pytest.raises(Refused, match="not_found"):
        actions.take_after_all(row, by=stranger)
    Letter.objects.update(raw="")
    with pytest.raises(Refused, match="wrong_state"):
        actions.take_after_all(row, by=cast.alice)
    assert not Ticket.objects.exists()


def test_the_page_takes_it_with_one_press(cast: Cast) -> None:
    row = take(cast, letter(Precedence="bulk"))
    client = Client()
    client.force_login(cast.alice.user)
    assert f"/team/mail/{row.pk}/take/" in client.get("/team/mail/").content.decode()
    assert client.post(f"/team/mail/{row.pk}/take/").status_code == 303
    page = client.get("/team/mail/").content.decode()
    assert "Taken: it is in #" in page and f"/team/mail/{row.pk}/take/" not in page
    client.force_login(cast.bob.user)
    assert client.post(f"/team/mail/{row.pk}/take/").status_code == 403
