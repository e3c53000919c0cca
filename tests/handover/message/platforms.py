"""A local server that speaks as DingTalk, Feishu, WeCom and Slack do, and refuses what they refuse.

Signatures are checked by the algorithms the platforms publish, written here from their words and not with our code. DingTalk, Feishu and
WeCom answer HTTP 200 also when they refuse; so do they refuse a body of another type or shape.
"""

from __future__ import annotations

import base64
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
from urllib.parse import parse_qs, urlsplit

TOKEN, SECRET = "abc123def456", "SECdeadbeef01"
Reply = tuple[int, Any]


@dataclass
class Platforms:
    """What came in, and what to do with the next requests: `fail` (503), `stall` (never answer), `throttle`, `close` (hang up)."""

    port: int = 0
    taken: list[str] = field(default_factory=list)
    """The texts that were accepted, in their order."""
    refused: list[str] = field(default_factory=list)
    asked: int = 0
    moods: list[str] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)
    on_request: Any = None


def dingtalk(query: dict[str, list[str]], body: dict[str, Any]) -> Reply:
    """open.dingtalk.com: sign = base64(HMAC-SHA256(secret, timestamp + "\\n" + secret)), at most an hour off, in the query."""
    if query.get("access_token") != [TOKEN]:
        return 200, {"errcode": 300001, "errmsg": "token is not exist"}
    stamp = query.get("timestamp", ["0"])[0]
    mac = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256)
    fits = query.get("sign", [""])[0] == base64.b64encode(mac.digest()).decode()
    if not fits or abs(time.time() * 1000 - int(stamp)) > 3_600_000:
        return 200, {"errcode": 310000, "errmsg": "sign not match"}
    if body.get("msgtype") != "text" or not body.get("text", {}).get("content"):
        return 200, {"errcode": 40035, "errmsg": "the message of this type lacks its content"}
    return 200, {"errcode": 0, "errmsg": "ok", "text": body["text"]["content"]}


def feishu(token: str, body: dict[str, Any]) -> Reply:
    """open.feishu.cn: sign = base64(HMAC-SHA256(key = timestamp + "\\n" + secret, nothing)), seconds, in the body."""
    if token != TOKEN:
        return 200, {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"}
    stamp = body.get("timestamp", "0")
    mac = hmac.new(f"{stamp}\n{SECRET}".encode(), b"", hashlib.sha256)
    if body.get("sign") != base64.b64encode(mac.digest()).decode() or abs(time.time() - int(stamp)) > 3600:
        return 200, {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}
    if body.get("msg_type") != "text" or not body.get("content", {}).get("text"):
        return 200, {"code": 19002, "msg": "params error, msg_type need"}
    return 200, {"code": 0, "msg": "success", "data": {}, "text": body["content"]["text"]}


def wecom(query: dict[str, list[str]], body: dict[str, Any]) -> Reply:
    """developer.work.weixin.qq.com: no signature, the key is the secret; a text of at most 2,048 bytes of UTF-8."""
    if query.get("key") != [TOKEN]:
        return 200, {"errcode": 93000, "errmsg": "invalid webhook url"}
    if body.get("msgtype") != "text":
        return 200, {"errcode": 40008, "errmsg": "invalid message type"}
    if len(body["text"]["content"].encode()) > 2048:
        return 200, {"errcode": 40058, "errmsg": "text.content exceed max length 2048"}
    return 200, {"errcode": 0, "errmsg": "ok", "text": body["text"]["content"]}


def slack(path: str, body: dict[str, Any]) -> Reply:
    if path != "/services/T1A2B3C4D/B1A2B3C4D/abcdefghijklmnopqrstuvwx":
        return 404, "no_service"
    return 200, "ok"


THROTTLED: dict[str, Reply] = {
    "robot": (200, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}),
    "open-apis": (200, {"code": 11232, "msg": "frequency limited"}),
    "cgi-bin": (200, {"errcode": 45009, "errmsg": "api freq out of limit"}),
    "services": (429, "rate_limited"),
}


def answer(path: str, kind: str, body: dict[str, Any]) -> Reply:
    """What the platform says to a body of this content type. All of them want JSON and say so."""
    if kind.split(";")[0] != "application/json":
        return 200, {"errcode": 43004, "code": 9499, "errmsg": "invalid HTTP HEADER Content-Type"}
    parts, query = urlsplit(path), parse_qs(urlsplit(path).query)
    room = parts.path.split("/")[1]
    if room == "robot":
        return dingtalk(query, body)
    if room == "open-apis":
        return feishu(parts.path.rstrip("/").rsplit("/", 1)[1], body)
    if room == "cgi-bin":
        return wecom(query, body)
    return slack(parts.path, body)


def text_of(body: dict[str, Any]) -> str:
    """The text of a message, wherever the platform keeps it."""
    text = body.get("text") or body.get("content")
    return text if isinstance(text, str) else str(text.get("content") or text.get("text"))


def handler(state: Platforms) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked += 1
            mood = state.moods.pop(0) if state.moods else "well"
            code, said = answer(self.path, self.headers.get("Content-Type", ""), body)
            good = code == 200 and (said == "ok" or said.get("errcode", said.get("code")) == 0)
            if mood == "throttle":
                return self.reply(*THROTTLED[urlsplit(self.path).path.split("/")[1]])
            if mood == "fail":
                return self.reply(503, "busy")
            (state.taken if good else state.refused).append(text_of(body))
            if state.on_request:
                state.on_request()
            if mood == "stall":
                state.stalled.wait(10)
                return None
            if mood == "close":
                return None
            return self.reply(code, said)

        def reply(self, code: int, said: Any) -> None:
            data = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(data)))
            if code == 429:
                self.send_header("Retry-After", "30")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def running() -> Iterator[Platforms]:
    state = Platforms()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(state))
    server.daemon_threads = True
    state.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.stalled.set()
        server.shutdown()
        server.server_close()
