"""E-mail in: onto the right matter or into the pool, each letter once, and no machine is taken for a customer."""

from __future__ import annotations

import io
from email.message import EmailMessage

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.cast import Cast
from tests.tickets.mail.letters import ADDRESS, PNG, letter, own_address, take
from tickets.activity.models import Activity, Alert
from tickets.customer import actions as customers
from tickets.customer.models import Customer
from tickets.mail import actions, queries
from tickets.mail.models import Letter, Mailbox
from tickets.mail.parsing import read_letter
from tickets.people.models import Presence
from tickets.ticket import actions as tickets
from tickets.ticket.models import Assignment, Attachment, Resolution, Ticket, Touch
from tickets.web.plaintext import text_of_html
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db


def test_c1_a_letter_opens_a_matter_in_the_pool_and_nobody_has_touched_it(cast: Cast) -> None:
    found = take(cast, letter())
    ticket = found.ticket
    assert found.outcome == "opened"
    assert ticket is not None
    assert (ticket.subject, ticket.body, ticket.channel, ticket.holder, ticket.opened_by) == ("保温杯漏水", "壶盖漏水", "email", None, None)
    assert (Touch.objects.count(), Assignment.objects.count(), Ticket.objects.in_pool().count()) == (0, 1, 1)
    assert ticket.customer.name == "Liu"
    assert ticket.customer.handles.get().key == "liu@example.com"
    assert tickets.claim(ticket, by=cast.bob).holder == cast.bob


def test_c7_a_second_letter_of_somebody_with_an_open_matter_is_added_to_it(cast: Cast) -> None:
    first = take(cast, letter()).ticket
    assert first is not None
    tickets.claim(first, by=cast.bob)
    second = take(cast, letter("还没有回复", number=2, Subject="再问"))
    assert (second.outcome, second.ticket) == ("added", first)
    assert Ticket.objects.count() == 1
    assert Alert.objects.filter(member=cast.bob, code="ticket.letter_added").count() == 1
    assert "还没有回复" in Ticket.objects.get().text.text


def test_the_same_message_id_twice_is_once(cast: Cast) -> None:
    take(cast, letter())
    before = Activity.objects.count()
    again = take(cast, letter("something else altogether"))
    assert again.outcome == "opened"
    assert (Letter.objects.count(), Ticket.objects.count(), Activity.objects.count()) == (1, 1, before)


@pytest.mark.parametrize("place", ["to", "cc", "delivered", "subject", "in-reply-to", "references"])
def test_a_reply_token_leads_to_its_ticket_wherever_it_stands(cast: Cast, place: str) -> None:
    """From another address than the customer's, who has a newer matter open: the token decides."""
    mine, newer = (take(cast, letter(number=n, sender=f"x{n}@example.com")).ticket for n in (1, 2))
    assert mine is not None
    address = own_address(mine)
    token = address.split("+")[1].split("@")[0]
    told = {
        "to": {"to": address}, "cc": {"Cc": f"Boss <boss@example.com>, {address.upper()}"}, "delivered": {"Delivered_To": address},
        "subject": {"Subject": f"Re: [{token}] 保温杯"}, "in-reply-to": {"In_Reply_To": f"<{token}.5@lotus.example>"},
        "references": {"References": f"<a@b> <{token}.5@lotus.example>"},
    }[place]  # fmt: skip
    found = take(cast, letter("token", number=9, sender="x2@example.com", **told))
    assert (found.outcome, found.ticket) == ("added", mine)
    assert newer != mine


def test_a_made_up_token_leads_nowhere(cast: Cast) -> None:
    mine = take(cast, letter()).ticket
    assert mine is not None
    forged = f"help+t{mine.pk}-0123456789abcdef@lotus.example"
    found = take(cast, letter(number=2, sender="other@example.com", to=forged))
    assert (found.outcome, found.ticket == mine) == ("opened", False)


def test_a_token_of_another_team_leads_nowhere(cast: Cast) -> None:
    mine = take(cast, letter()).ticket
    assert mine is not None
    actions.set_mailbox(by=cast.mallory, address="help@orchid.example")
    found = actions.receive(cast.other_team, letter(number=2, to=_own_address_of(mine)).as_bytes())
    assert found.ticket is not None
    assert found.ticket.team == cast.other_team


def _own_address_of(ticket: Ticket) -> str:
    return queries.reply_address(ticket.team_id, ticket.pk, Mailbox.objects.get(team=ticket.team).address)


def test_an_answer_to_a_letter_we_know_goes_where_that_one_went(cast: Cast) -> None:
    first = take(cast, letter(number=1)).ticket
    found = take(cast, letter(number=2, sender="husband@example.com", In_Reply_To="<1@example.com>"))
    assert found.ticket == first


def test_c8_a_letter_to_a_merged_ticket_lands_on_its_target(cast: Cast) -> None:
    one, two = (take(cast, letter(number=n, sender=f"x{n}@example.com")).ticket for n in (1, 2))
    assert one is not None
    assert two is not None
    tickets.merge(one, two, by=cast.alice)
    found = take(cast, letter("late", number=3, to=own_address(one)))
    assert (found.outcome, found.ticket) == ("added", two)


@pytest.mark.parametrize("here", [True, False])
def test_a_resolved_matter_opens_again_with_its_holder_on_duty_else_in_the_pool(cast: Cast, here: bool) -> None:
    ticket = take(cast, letter()).ticket
    assert ticket is not None
    tickets.claim(ticket, by=cast.bob)
    tickets.resolve(ticket, by=cast.bob, resolution=Resolution.objects.create(team=cast.team, name="Sent"))
    if not here:
        Presence.objects.filter(member=cast.bob).update(on_since=None, on_until=None)
    take(cast, letter("漏得更厉害", number=2, to=own_address(ticket)))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.holder) == ("open", cast.bob if here else None)
    assert Activity.objects.latest("id").data["reopened"] is True


def test_a_matter_that_waited_for_the_customer_waits_no_longer(cast: Cast) -> None:
    ticket = take(cast, letter()).ticket
    assert ticket is not None
    tickets.claim(ticket, by=cast.bob)
    tickets.wait(ticket, by=cast.bob, on="customer")
    take(cast, letter("here is the photo", number=2))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.waiting_on) == ("open", "")
    tickets.wait(ticket, by=cast.bob, on="logistics")
    take(cast, letter("and?", number=3))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.waiting_on) == ("waiting", "logistics")


def test_pictures_are_kept_and_what_may_not_be_is_named(cast: Cast) -> None:
    message = letter()
    message.add_attachment(PNG, maintype="image", subtype="png", filename="照片.png")
    message.add_attachment(b"MZ\x90\x00 evil", maintype="image", subtype="png", filename="../../setup.png")
    message.add_attachment("<svg onload=x()>", subtype="svg+xml", filename="x.svg")
    message.add_attachment(b"", maintype="application", subtype="pdf", filename="empty.pdf")
    found = take(cast, message)
    kept = Attachment.objects.get()
    assert (kept.name, kept.content_type, kept.by, kept.ticket) == ("照片.png", "image/png", None, found.ticket)
    assert found.left_out == [".._.._setup.png", "x.svg", "empty.pdf"]
    client = Client()
    client.force_login(cast.bob.user)
    page = client.get(f"/tickets/{kept.ticket_id}/").content.decode()
    assert f"/files/{kept.pk}/" in page


def test_html_becomes_text_that_cannot_run(cast: Cast) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"], message["Subject"] = "a@example.com", ADDRESS, "<h@x>", "<b>x</b>"
    message.set_content(
        "<html><head><title>t</title><style>p{}</style></head><body><p>Hello&nbsp;<b>you</b></p><script>steal()</script>"
        "<div>line&lt;script&gt;2</div><img src=http://x alt='photo'><!-- secret --></body></html>",
        subtype="html",
    )
    ticket = take(cast, message).ticket
    assert ticket is not None
    assert ticket.body == "Hello you\n\nline<script>2\nphoto"
    client = Client()
    client.force_login(cast.bob.user)
    page = client.get(f"/tickets/{ticket.pk}/").content.decode()
    assert "<script>2" not in page
    assert "&lt;script&gt;2" in page


@pytest.mark.parametrize(
    "raw",
    [
        "From: 刘 <liu@example.com>\nSubject: 保温杯\nMessage-ID: <1@x>\n\n壶盖漏水".encode("gb18030"),  # raw 8-bit headers and body
        "From: =?gb2312?B?wfU=?= <liu@example.com>\nSubject: =?gb2312?B?saPOwrGt?=\nMessage-ID: <1@x>\n"
        "Content-Type: text/plain; charset=gb2312\n\n壶盖漏水".encode("gb18030"),
        "From: =?utf-8?q?=E5=88=98?= <liu@example.com>\nSubject: =?utf-8?B?5L+d5rip5p2v?=\nMessage-ID: <1@x>\n"
        "Content-Type: text/plain; charset=no-such-charset\n\n壶盖漏水".encode(),
        "From: =?utf-8?B?5YiY?= <liu@example.com>\nSubject: 保温杯\nMessage-ID: <1@x>\n"
        "Content-Type: text/plain; charset=us-ascii\n\n壶盖漏水".encode(),
    ],
)  # fmt: skip
def test_charsets_that_lie_are_read_all_the_same(cast: Cast, raw: bytes) -> None:
    ticket = take(cast, raw).ticket
    assert ticket is not None
    assert (ticket.subject, ticket.body, ticket.customer.name) == ("保温杯", "壶盖漏水", "刘")


def test_the_letter_that_is_answered_is_left_out_unless_nothing_else_is_there() -> None:
    quoted = letter("新的情况\n\nOn Mon, 3 Nov 2026 at 10:00, Help wrote:\n> alt\n> älter").as_bytes()
    assert read_letter(quoted).text == "新的情况"
    assert read_letter(letter("> only this").as_bytes()).text == "> only this"
    assert read_letter(letter("你好\n\n------------------ 原始邮件 ------------------\n发件人: x").as_bytes()).text == "你好"


@hypothesis_settings(max_examples=200)
@given(st.binary(max_size=400), st.sampled_from([b"", b"From: ", b"Content-Type: multipart/mixed; boundary=", b"Subject: =?gb2312?B?"]))
def test_any_bytes_are_a_letter_and_never_break(noise: bytes, start: bytes) -> None:
    found = read_letter(start + noise)
    assert found.message_id
    assert "\x00" not in found.text + found.subject + found.sender_name
    (found.text + found.subject + found.sender_name).encode()  # no half characters


@hypothesis_settings(max_examples=200)
@given(st.text(alphabet="<>/&;abscript =\"'-!\n", max_size=120))
def test_html_of_any_kind_gives_text(markup: str) -> None:
    assert isinstance(text_of_html(markup), str)


def test_a_letter_from_nobody_is_kept_and_opens_nothing(cast: Cast) -> None:
    for raw in (
        b"Message-ID: <1@x>\n\nhello",
        b"From: <>\nMessage-ID: <2@x>\n\nhello",
        b"From: a**@example.com\nMessage-ID: <3@x>\n\nhello",
    ):
        assert take(cast, raw).ticket is None
    assert Ticket.objects.count() == 0
    assert set(Letter.objects.values_list("text", flat=True)) <= {"hello", "invalid: \n\nhello"}


def test_a_letter_without_a_message_id_is_known_by_its_bytes(cast: Cast) -> None:
    raw = b"From: liu@example.com\nSubject: x\n\nhello"
    assert take(cast, raw).pk == take(cast, raw).pk
    assert take(cast, raw + b" again").outcome == "added"


def test_a_merged_customer_writes_as_the_one_they_became(cast: Cast) -> None:
    one = take(cast, letter()).ticket
    assert one is not None
    base = customers.create(cast.team, name="刘女士", by=cast.bob)
    customers.merge(one.customer, base, by=cast.alice)
    found = take(cast, letter(number=2))
    assert found.ticket == one
    assert Customer.objects.filter(merged_into=None).count() == 1


def test_the_command_takes_a_piped_letter_and_finds_its_team(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def pipe(raw: bytes, **options: str) -> str:
        monkeypatch.setattr("sys.stdin", type("Piped", (), {"buffer": io.BytesIO(raw)})())
        call_command("receive_mail", **options)
        return capsys.readouterr().out

    assert pipe(letter().as_bytes()).startswith("opened #")
    ticket = Ticket.objects.get()
    assert pipe(letter(number=2, to=own_address(ticket)).as_bytes()) == f"added #{ticket.pk}\n"
    assert pipe(letter(number=3, to="else@example.com").as_bytes(), team="lotus") == f"added #{ticket.pk}\n"
    for raw, code in ((letter(to="else@example.com").as_bytes(), 67), (b"", 65)):
        with pytest.raises(CommandError) as refused:
            pipe(raw)
        assert refused.value.returncode == code


def test_a_manager_sets_the_mailbox_up_and_the_password_is_never_shown(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.alice.user)
    told = {
        "address": "Help@Lotus.example",
        "host": "imap.example.com",
        "port": "993",
        "security": "ssl",
        "username": "help",
        "folder": "INBOX",
    }
    assert client.post("/team/mail/", told).status_code == 422  # no password yet
    assert client.post("/team/mail/", told | {"password": "hush-hush", "is_on": "on"}).status_code == 303
    assert client.post("/team/mail/", told | {"host": "not a host", "password": "x"}).status_code == 422
    box = Mailbox.objects.get()
    assert (box.address, box.host) == (ADDRESS, "imap.example.com")
    assert "hush-hush" not in box.password + client.get("/team/mail/").content.decode()
    assert client.post("/team/mail/", told | {"is_on": "on"}).status_code == 303  # the password stays
    take(cast, letter())
    assert "liu@example.com" in client.get("/team/mail/").content.decode()
    with pytest.raises(Refused, match="invalid"):
        actions.set_mailbox(by=cast.mallory, address=ADDRESS)
    assert not any("hush-hush" in str(row.data) for row in Activity.objects.all())
    client.force_login(cast.bob.user)
    assert client.get("/team/mail/").status_code == 403
    client.force_login(cast.mallory.user)
    assert "liu@example.com" not in client.get("/team/mail/").content.decode()
