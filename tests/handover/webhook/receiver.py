"""A receiver on this machine: it verifies as docs/systems.md shows, and fails, stalls, repeats and redirects when told to."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def verified(secret: str, headers: Any, body: bytes) -> bool:
    """The ten lines of docs/systems.md."""
    stamp = headers.get("X-Handover-Timestamp", "")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > 300:
        return False
    expected = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, headers.get("X-Handover-Signature", ""))


@dataclass
class Receiver:
    """`moods`: what to do with the next requests, else `mood`: well, fail, stall, drip, redirect, gone, slow_down, close."""

    secret: str = ""
    port: int = 0
    mood: str = "well"
    moods: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    """What came in and was verified, accepted or not."""
    accepted: list[str] = field(default_factory=list)
    forged: int = 0
    asked: int = 0
    elsewhere: int = 0
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


def handler(state: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path != "/hook":
                state.elsewhere += 1
                return self.reply(200)
            state.asked += 1
            mood = state.moods.pop(0) if state.moods else state.mood
            if not verified(state.secret, self.headers, body):
                state.forged += 1
                return self.reply(401)
            event = json.loads(body)
            state.events.append(event)
            if mood == "stall":
                state.let_go.wait(20)
                return None
            if mood == "close":
                return None
            if mood == "drip":
                return self.drip()
            if mood == "well":
                state.accepted.append(event["id"])
            return self.reply({"fail": 500, "redirect": 302, "gone": 410, "slow_down": 429}.get(mood, 204), mood)

        def do_GET(self) -> None:
            state.elsewhere += 1
            self.reply(200)

        def reply(self, status: int, mood: str = "") -> None:
            self.send_response(status)
            if mood == "redirect":
                self.send_header("Location", f"http://127.0.0.1:{state.port}/elsewhere")
            if mood == "slow_down":
                self.send_header("Retry-After", "1800")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def drip(self) -> None:
            """A byte now and then, for ever."""
            try:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not state.let_go.wait(0.1):
                    self.wfile.write(b"x")
            except OSError:
                pass

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def running() -> Iterator[Receiver]:
    state = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(state))
    server.daemon_threads = True
    state.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state
    finally:
        state.let_go.set()
        server.shutdown()
        server.server_close()
