"""Letters read from an IMAP server: each once, failures told, nobody inside one's own network asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from tests.cast import Cast
from tests.tickets.mail.imap import MailServer
from tests.tickets.mail.letters import ADDRESS, letter, own_address, take
from tickets.activity.models import Alert
from tickets.mail import actions, fetching
from tickets.mail.models import Letter, Mailbox
from tickets.ticket.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(tmp_path: Path, settings) -> Iterator[MailServer]:
    found = MailServer(tmp_path)
    settings.IMAP_PRIVATE_HOSTS, settings.IMAP_CA_FILE = True, str(found.certificate)
    yield found
    found.shutdown()
    found.server_close()


@pytest.fixture
def box(cast: Cast, server: MailServer) -> Mailbox:
    return actions.set_mailbox(by=cast.alice, address=ADDRESS, host="127.0.0.1", port=server.port, username="help", password="hush")


def test_a_mailbox_is_read_from_its_newest_letter_on_each_letter_once(cast: Cast, server: MailServer, box: Mailbox) -> None:
    server.letters = {7: letter("old", number=7).as_bytes()}
    now = datetime(2026, 11, 21, 4, tzinfo=UTC)
    assert fetching.fetch(box.pk, at=now) == 0
    server.letters |= {n: letter(f"letter {n}", number=n).as_bytes() for n in (8, 9)}
    assert fetching.fetch(box.pk, at=now) == 2
    assert fetching.fetch(box.pk, at=now) == 0
    assert list(Letter.objects.order_by("id").values_list("message_id", flat=True)) == ["<8@example.com>", "<9@example.com>"]
    assert not any("STORE" in line or "EXPUNGE" in line or "SELECT" in line for line in server.said)  # read-only, PEEK
    box.refresh_from_db()
    assert (box.seen_uid, box.failures, box.next_at) == (9, 0, now + timedelta(minutes=1))


def test_a_folder_that_was_made_anew_is_read_anew_and_nothing_is_doubled(server: MailServer, box: Mailbox) -> None:
    fetching.fetch(box.pk)
    server.letters = {1: letter("one", number=1).as_bytes()}
    assert fetching.fetch(box.pk) == 1
    server.validity, server.letters = 2, {1: letter("one", number=1).as_bytes(), 2: letter("two", number=2).as_bytes()}
    assert fetching.fetch(box.pk) == 2
    assert Letter.objects.count() == 2


@pytest.mark.parametrize("wrong", ["password", "fetch"])
def test_failures_put_the_next_attempt_off_and_are_told_once(cast: Cast, server: MailServer, box: Mailbox, wrong: str) -> None:
    fetching.fetch(box.pk)
    server.letters, server.wrong = {1: letter().as_bytes()}, wrong
    now, waits = datetime(2026, 11, 21, 4, tzinfo=UTC), []
    for _attempt in range(8):
        Mailbox.objects.update(next_at=now)
        assert fetching.fetch_due(now) == 0
        box.refresh_from_db()
        waits.append(int((box.next_at - now).total_seconds() // 60))
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]
    assert box.last_error
    assert Alert.objects.filter(member=cast.alice, code="team.mailbox_failed").count() == 1
    server.wrong = ""
    assert fetching.fetch_due(now) == 0  # its time has not come
    assert fetching.fetch_due(now + timedelta(hours=1)) == 1
    box.refresh_from_db()
    assert (box.failures, box.last_error) == (0, "")


def test_a_server_inside_ones_own_network_is_not_asked(server: MailServer, box: Mailbox, settings) -> None:
    settings.IMAP_PRIVATE_HOSTS = False
    assert fetching.fetch(box.pk) == 0
    assert server.said == []
    box.refresh_from_db()
    assert "private" in box.last_error


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_password(server: MailServer, box: Mailbox, settings) -> None:
    settings.IMAP_CA_FILE = ""
    assert fetching.fetch(box.pk) == 0
    assert not any("LOGIN" in line for line in server.said)


def test_of_a_letter_that_is_too_large_the_beginning_is_kept_and_can_be_taken(
    cast: Cast, server: MailServer, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 2000)
    monkeypatch.setattr(fetching, "BEGINNING", 900)
    assert fetching.fetch(box.pk) == 0
    large = letter("视频太大", number=3)
    large.add_attachment(b"x" * 9000, maintype="video", subtype="mp4", filename="漏水.mp4")
    server.letters = {9: large.as_bytes(), 10: letter("a small one", number=4).as_bytes()}
    assert fetching.fetch(box.pk, at=box.next_at + timedelta(hours=1)) == 2
    row = Letter.objects.get(outcome="too_big")
    assert (row.ticket, row.text, row.raw.size) == (None, "视频太大", 900)
    done = actions.take_after_all(row, by=cast.alice)
    assert done.ticket is not None and done.ticket == Ticket.objects.get()
    assert "the rest of the letter" in done.left_out


def test_the_page_of_a_ticket_shows_the_address_that_leads_to_it(cast: Cast) -> None:
    ticket = take(cast, letter()).ticket
    assert ticket is not None
    client = Client()
    for member, shown in ((cast.bob, True), (cast.wen, False)):
        client.force_login(member.user)
        page = client.get(f"/tickets/{ticket.pk}/").content.decode()
        assert (own_address(ticket) in page) is shown, member
    actions.set_mailbox(by=cast.alice, address=ADDRESS, is_on=False)
    client.force_login(cast.bob.user)
    assert "reply-address" not in client.get(f"/tickets/{ticket.pk}/").content.decode()
