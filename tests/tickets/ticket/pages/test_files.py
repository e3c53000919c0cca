"""Files: pictures and PDFs only, under their own names, through one door, never run."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, make_customer
from tests.tickets.ticket.pages.conftest import HTMX, body
from tickets.activity.models import Activity
from tickets.ticket.actions import open_ticket
from tickets.ticket.models import Attachment, Ticket

pytestmark = pytest.mark.django_db
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def send(client: Client, ticket: Ticket, name: str, content: bytes, kind: str = "image/png") -> int:
    path = reverse("ticket:files", args=[ticket.pk])
    return client.post(path, {"file": SimpleUploadedFile(name, content, kind)}, **HTMX).status_code


def send_all(client: Client, ticket: Ticket, *files: tuple[str, bytes], key: str = "") -> Any:
    """Several at once, as the page sends them."""
    path = reverse("ticket:files", args=[ticket.pk])
    return client.post(path, {"file": [SimpleUploadedFile(*file) for file in files], "idempotency_key": key}, **HTMX)


def door(ticket: Ticket, found: Attachment) -> str:
    return reverse("ticket:file", args=[ticket.pk, found.pk])


def test_a_picture_is_shown_and_cannot_run(bob: Client, held: Ticket) -> None:
    assert send(bob, held, "杯底 渗水😀.png", PNG) == 200
    found = Attachment.objects.get()
    assert found.name == "杯底 渗水😀.png"
    answer = bob.get(door(held, found))
    assert b"".join(answer.streaming_content) == PNG
    assert answer["Content-Type"] == "image/png" and answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"] and "script-src 'self'" not in answer["Content-Security-Policy"]
    assert answer["Content-Disposition"].startswith("inline") and "%E6%9D%AF" in answer["Content-Disposition"]
    assert bob.get(door(held, found), HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
    assert door(held, found) in body(bob.get(reverse("ticket:show", args=[held.pk])))


def test_a_pdf_is_a_download(bob: Client, held: Ticket) -> None:
    assert send(bob, held, "发票.pdf", PDF, "application/pdf") == 200
    answer = bob.get(door(held, Attachment.objects.get()))
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("page.png", b"<html><script>alert(1)</script></html>", 415),
        ("drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415),
        ("program.pdf", b"MZ\x90\x00" + b"\0" * 300, 415),
        ("empty.png", b"", 422),
    ],
)
def test_anything_else_is_refused_whatever_it_calls_itself(bob: Client, held: Ticket, name: str, content: bytes, status: int) -> None:
    assert send(bob, held, name, content) == status
    assert not Attachment.objects.exists()


def test_several_at_once_and_a_second_click_adds_none(bob: Client, held: Ticket) -> None:
    files = ("杯底.png", PNG), ("杯盖.png", PNG), ("发票.pdf", PDF)
    for _click in range(2):
        assert "3 files are there." in body(send_all(bob, held, *files, key="one-press"))
    assert list(Attachment.objects.order_by("pk").values_list("name", flat=True)) == [name for name, _content in files]
    told = Activity.objects.filter(code="ticket.attached", ticket=held)
    assert sorted(row.data["name"] for row in told) == sorted(name for name, _content in files)


def test_one_that_is_not_taken_is_named_and_none_is_kept(bob: Client, held: Ticket, settings) -> None:
    good, page = ("杯底.png", PNG), ("page.png", b"<html><script>alert(1)</script></html>")
    for bad, status, said in ((page, 415, "“page.png” is neither a picture"), (("empty.pdf", b""), 422, "“empty.pdf” is empty")):
        answer = send_all(bob, held, good, bad)
        assert answer.status_code == status and said in body(answer)
    settings.ATTACHMENT_MAX_BYTES = len(PNG) + 1
    answer = send_all(bob, held, good, ("发票.pdf", PDF + b" " * len(PNG)))
    assert answer.status_code == 413 and "“发票.pdf” is too large" in body(answer)
    assert not Attachment.objects.exists() and not Activity.objects.filter(code="ticket.attached").exists()


def test_the_api_takes_one_or_several(bob: Client, held: Ticket) -> None:
    address = f"/api/v1/tickets/{held.pk}/attachments/"
    assert bob.post(address, {"file": SimpleUploadedFile("one.png", PNG)}).json()["name"] == "one.png"
    several = [SimpleUploadedFile("two.png", PNG), SimpleUploadedFile("three.pdf", PDF)]
    answer = bob.post(f"{address}several/", {"files": several})
    assert answer.status_code == 201 and [row["name"] for row in answer.json()] == ["two.png", "three.pdf"]
    refused = bob.post(f"{address}several/", {"files": [SimpleUploadedFile("four.png", PNG), SimpleUploadedFile("five.png", b"<svg/>")]})
    assert refused.status_code == 415 and "five.png" in refused.json()["detail"]
    assert bob.post(f"{address}several/", {}).status_code == 400
    assert len(bob.get(address).json()) == 3


def test_too_large_is_refused(bob: Client, held: Ticket, settings) -> None:
    settings.ATTACHMENT_MAX_BYTES = 50
    assert send(bob, held, "big.png", PNG) == 413


def test_my_ticket_with_another_teams_file_is_not_there(browser, cast: Cast, held: Ticket) -> None:
    stranger = browser(cast.mallory)
    theirs = open_ticket(by=cast.mallory, customer=make_customer(cast.other_team), subject="x")
    assert send(stranger, theirs, "secret.png", PNG) == 200
    found = Attachment.objects.get()
    bob = browser(cast.bob)
    assert bob.get(door(held, found)).status_code == 404 and bob.get(door(theirs, found)).status_code == 404
    assert found.file.storage.exists(found.file.name)
    assert stranger.get(door(theirs, found)).status_code == 200
    assert Client().get(door(theirs, found)).status_code == 302  # to the sign-in page
