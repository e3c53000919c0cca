"""Files: pictures and PDFs only, under their own names, through one door, never run."""

from __future__ import annotations

import base64

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, make_customer
from tests.tickets.ticket.pages.conftest import HTMX, body
from tickets.ticket.actions import open_ticket
from tickets.ticket.models import Attachment, Ticket

pytestmark = pytest.mark.django_db
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def send(client: Client, ticket: Ticket, name: str, content: bytes, kind: str = "image/png") -> int:
    path = reverse("ticket:files", args=[ticket.pk])
    return client.post(path, {"file": SimpleUploadedFile(name, content, kind)}, **HTMX).status_code


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
