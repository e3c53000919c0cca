"""Where no request of ours goes: inside, by whatever writing; nor after a redirect, nor for ever."""

from __future__ import annotations

import socket
import time

import pytest

from handover.server import outgoing
from tests.handover.webhook.receiver import Receiver


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "https://127.0.0.1:8443/x", "https://[::1]/", "https://0.0.0.0/", "https://10.1.2.3/", "https://172.16.0.1/",
        "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data/", "https://[fe80::1]/", "https://[fd00::1]/",
        "https://[::ffff:127.0.0.1]/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
        "https://100.64.0.1/", "https://224.0.0.1/", "https://255.255.255.255/", "https://[::]/", "https://198.18.0.1/",
        "ftp://example.com/", "file:///etc/passwd", "https://", "nonsense", "https://user:pw@example.com/", "https://exa mple.com/",
        "https://example.com/\r\nX: y", "https://例子.com/", "https://example.com:99999/",
    ],
)  # fmt: skip
def test_what_is_inside_or_no_address_is_refused_as_it_is_written(url: str) -> None:
    with pytest.raises(outgoing.NotAllowed):
        outgoing.check(url)


@pytest.mark.parametrize("url", ["https://example.com/hook?a=1", "https://93.184.215.14:8443/", "https://[2606:4700::1111]/"])
def test_what_is_public_is_taken(url: str) -> None:
    assert outgoing.check(url)[0] == "https"


def answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 443)) for a in addresses]
    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda *args, **more: found)


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["93.184.215.14", "10.0.0.5"], ["::ffff:169.254.169.254"], ["64:ff9b::a00:1"], ["fe80::1%eth0"]]
)
def test_a_name_that_leads_inside_is_refused_also_by_one_of_its_addresses(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    answers(monkeypatch, *addresses)
    with pytest.raises(outgoing.NotAllowed):
        outgoing.resolve("https", "rebind.example", 443)


def test_a_number_in_another_writing_is_judged_by_where_it_leads() -> None:
    for host in ("2130706433", "0x7f.1", "127.1", "localhost"):
        with pytest.raises((outgoing.NotAllowed, outgoing.Unreachable)):
            outgoing.resolve("https", host, 443)


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name server says something public first and something inside afterwards: nobody asks it twice."""
    asked, called = [], []

    def lookup(*args: object, **more: object) -> list[tuple[object, ...]]:
        asked.append(args)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14" if len(asked) == 1 else "127.0.0.1", 443))]

    def connect(address: tuple[str, int], *args: object) -> socket.socket:
        called.append(address)
        raise OSError("not today")

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lookup)
    monkeypatch.setattr(outgoing.socket, "create_connection", connect)
    with pytest.raises(outgoing.Unreachable):
        outgoing.post("https://rebind.example/", b"{}", {})
    assert (len(asked), called) == (1, [("93.184.215.14", 443)])


def test_plain_http_is_for_allowed_networks_only(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "93.184.215.14")
    with pytest.raises(outgoing.NotAllowed):
        outgoing.resolve("http", "example.com", 80)


def test_a_network_can_be_allowed_and_a_name(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOK_ALLOW = ["10.0.0.0/8", "erp.internal"]
    answers(monkeypatch, "10.2.3.4")
    assert outgoing.resolve("http", "any.internal", 80) == "10.2.3.4"
    answers(monkeypatch, "192.168.0.9")
    assert outgoing.resolve("https", "ERP.internal", 443) == "192.168.0.9"
    with pytest.raises(outgoing.NotAllowed):
        outgoing.resolve("https", "other.internal", 443)


def test_a_redirect_is_an_answer_and_not_followed(receiver: Receiver) -> None:
    receiver.mood = "redirect"
    receiver.secret = "x"
    said = outgoing.post(receiver.url, b"{}", {"X-Handover-Timestamp": "1"})
    assert said.status == 401 and receiver.elsewhere == 0


@pytest.mark.parametrize("mood", ["stall", "drip"])
def test_a_receiver_that_stalls_or_drips_is_left_in_time(receiver: Receiver, mood: str) -> None:
    from handover.webhook.rules import signature

    receiver.secret, receiver.mood = "s", mood
    stamp = int(time.time())
    headers = {"X-Handover-Timestamp": str(stamp), "X-Handover-Signature": signature("s", stamp, b"{}")}
    began = time.monotonic()
    with pytest.raises(outgoing.NoAnswer):
        outgoing.post(receiver.url, b"{}", headers)
    assert time.monotonic() - began < 3
