"""Requests to addresses that somebody else chose: only public ones, to the address that was checked, no redirect, bounded in time and size.

The name is resolved once; every address it has must be public, and the connection goes to the one that was checked, so that a second
answer of the name server cannot lead inside. HANDOVER_WEBHOOK_ALLOW names networks (or host names) inside that may be called.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import certifi
from django.conf import settings

CONNECT, TOTAL = 5.0, 15.0
"""Seconds to connect, and for the whole request."""
MOST = 64 * 1024
"""Bytes of an answer that are read."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NotAllowed(Exception):
    """The address leads where we do not go; nothing was sent."""


class Unreachable(Exception):
    """No connection came about; nothing was sent."""


class NoAnswer(Exception):
    """Something was sent, and no whole answer came."""


@dataclass(frozen=True)
class Said:
    """An answer: its status, the header `Retry-After`, and the beginning of its body."""

    status: int
    retry_after: str
    body: bytes


def is_public(address: Address) -> bool:
    """Whether the address is in the internet at large; what carries an IPv4 address inside is judged by that."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback)


def allowed(host: str, address: Address) -> bool:
    """Public, or named in the settings."""
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    for entry in settings.WEBHOOK_ALLOW:
        try:
            network = ipaddress.ip_network(entry, strict=False)
        except ValueError:
            if entry.casefold() == host.casefold():
                return True
            continue
        if address in network or (inner is not None and inner in network):
            return True
    return is_public(address)


def check(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path of an address that may be called as it is written; NotAllowed where not. Asks no name server, except
    that an address given by number is judged at once."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotAllowed("not an address") from None
    if parts.scheme not in ("https", "http") or not host or parts.username or parts.password or not url.isascii():
        raise NotAllowed("not an address")
    if any(character.isspace() or ord(character) < 33 for character in url):
        raise NotAllowed("not an address")
    try:
        number: Address | None = ipaddress.ip_address(host)
    except ValueError:
        number = None
    if number is not None and not allowed(host, number):
        raise NotAllowed("not a public address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path


def resolve(scheme: str, host: str, port: int) -> str:
    """The address to connect to. Every one the name has must be allowed; plain http is for allowed networks only."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as failure:
        raise Unreachable("no such name") from failure
    addresses = sorted((ipaddress.ip_address(str(text).split("%")[0]) for text in found), key=lambda a: (a.version, int(a)))
    for address in addresses:
        if not allowed(host, address):
            raise NotAllowed("not a public address")
        if scheme == "http" and is_public(address):
            raise NotAllowed("not encrypted")
    return str(addresses[0])


class _Pinned(http.client.HTTPConnection):
    """A connection over a socket that is open already."""

    def __init__(self, host: str, port: int, opened: socket.socket) -> None:
        super().__init__(host, port)
        self.sock = opened

    def connect(self) -> None:
        raise OSError("one request only")


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Said:
    """POST the body. Raises NotAllowed, Unreachable (both: nothing was sent) or NoAnswer."""
    scheme, host, port, path = check(url)
    pinned = resolve(scheme, host, port)
    ends = time.monotonic() + TOTAL
    opened = _open(scheme, host, pinned, port)
    # A receiver that sends one byte every few seconds never runs into the socket's own limit.
    late = threading.Event()
    watchdog = threading.Timer(max(ends - time.monotonic(), 0.1), _hang_up, [opened, late])
    watchdog.daemon = True
    watchdog.start()
    try:
        connection = _Pinned(host, port, opened)
        connection.request("POST", path, body, dict(headers))
        answer = connection.getresponse()
        said = Said(answer.status, answer.getheader("Retry-After", "") or "", answer.read(MOST))
    except (OSError, http.client.HTTPException, ValueError) as failure:
        raise NoAnswer("too slow" if late.is_set() else type(failure).__name__) from failure
    finally:
        watchdog.cancel()
        opened.close()
    if late.is_set():  # what was cut off by us looks like an end to http.client
        raise NoAnswer("too slow")
    return said


def _open(scheme: str, host: str, pinned: str, port: int) -> socket.socket:
    try:
        opened = socket.create_connection((pinned, port), CONNECT)
    except OSError as failure:
        raise Unreachable(type(failure).__name__) from failure
    opened.settimeout(TOTAL)
    if scheme == "http":
        return opened
    try:
        return ssl.create_default_context(cafile=certifi.where()).wrap_socket(opened, server_hostname=host)
    except OSError as failure:  # an SSLError is one; before the handshake is done nothing of ours was said
        opened.close()
        raise Unreachable(type(failure).__name__) from failure


def _hang_up(opened: socket.socket, late: threading.Event) -> None:
    late.set()
    try:
        opened.shutdown(socket.SHUT_RDWR)
    except OSError:
        opened.close()
