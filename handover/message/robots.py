"""Sending to the chat platforms through apprise, with what it leaves out: reading the platforms' answers, and Feishu's signature.

DingTalk, Feishu, Lark and WeCom answer HTTP 200 also when they refuse; apprise (2.2) takes any 200 for success. Its plugins are therefore
subclassed: address, token and DingTalk's signature stay apprise's, the request's answer is read here. A kind that has no class here is sent
by apprise's own plugin; where that says no, nobody knows why, so the answer counts as unsure.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import requests
from apprise import Apprise, NotifyType
from apprise.plugins.base import NotifyBase
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.lark import NotifyLark
from apprise.plugins.slack import NotifySlack, SlackMode
from apprise.plugins.wecombot import NotifyWeComBot
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, SSLError

from handover.message.rules import Answer, Came
from tickets.web.numbers import whole_number

TIMEOUT = (5.0, 15.0)
"""Seconds to connect, and without a byte of the answer."""
MOST = 64 * 1024
"""Bytes of an answer that are read."""


class Asking:
    """What our plugins have in common: one request, its answer read and kept in `answer`."""

    answer: Answer | None = None

    def ask(self, url: str, payload: dict[str, Any], params: dict[str, str] | None = None) -> bool:
        """POST the payload as JSON; whether it was taken. Follows no redirect."""
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Handover"}
        body = json.dumps(payload, ensure_ascii=False).encode()
        try:
            with requests.post(url, body, params=params, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True) as response:
                said = response.raw.read(MOST, decode_content=True)
                self.answer = self.judge(response, said)
        except Exception as failure:  # whatever urllib3 or requests raise: the answer says whether anything can have arrived
            self.answer = Answer(Came.FAILED if never_left(failure) else Came.UNSURE, type(failure).__name__)
        return self.answer.came is Came.SENT

    def judge(self, response: requests.Response, said: bytes) -> Answer:
        """By the HTTP status, then by the code in the body."""
        if early := by_status(response):
            return early
        try:
            found = json.loads(said)
            code = int(next((found[name] for name in self.code_names if name in found), -1))
            text = str(found.get("errmsg") or found.get("msg") or found.get("StatusMessage") or "")[:150]
        except (ValueError, TypeError, AttributeError):
            return Answer(Came.FAILED, "an answer that is none")
        if code == 0:
            return Answer(Came.SENT)
        came, wait = self.codes.get(code, (Came.FAILED, timedelta(0)))
        return Answer(came, f"{code} {text}", wait)

    code_names: tuple[str, ...] = ("errcode",)
    codes: dict[int, tuple[Came, timedelta]] = {}


def by_status(response: requests.Response) -> Answer | None:
    """What the HTTP status alone says; None for 200."""
    status = response.status_code
    if status == 200:
        return None
    if status == 429:
        after = whole_number(response.headers.get("Retry-After", ""), digits=6)
        return Answer(Came.THROTTLED, "429", timedelta(seconds=min(60 if after is None else after, 3600)))
    if status in (401, 403, 404, 410):
        return Answer(Came.REFUSED, str(status))
    if 400 <= status < 500:
        return Answer(Came.REJECTED, str(status))
    return Answer(Came.FAILED, str(status))


def never_left(failure: Exception) -> bool:
    """Whether the failure came before anything was sent: no name, no connection, no trust."""
    if isinstance(failure, requests.ConnectTimeout | requests.exceptions.SSLError | requests.exceptions.InvalidURL):
        return True
    cause = failure.args[0] if failure.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError | NameResolutionError | SSLError)


NOW, TEN_MINUTES, MINUTE = timedelta(0), timedelta(minutes=10), timedelta(minutes=1)


class DingTalk(Asking, NotifyDingTalk):
    """open.dingtalk.com, custom robots. Signature: HMAC-SHA256 over "timestamp\\nsecret" with the secret, milliseconds, in the query."""

    codes = {
        310000: (Came.REFUSED, NOW),  # signature, keyword or address range do not fit
        300001: (Came.REFUSED, NOW),  # no such token
        300005: (Came.REFUSED, NOW),
        400013: (Came.REFUSED, NOW),  # the group is dissolved
        400101: (Came.REFUSED, NOW),
        400102: (Came.REFUSED, NOW),  # the robot is off
        130101: (Came.THROTTLED, TEN_MINUTES),
        410100: (Came.THROTTLED, TEN_MINUTES),
        430101: (Came.REJECTED, NOW),
        430102: (Came.REJECTED, NOW),
        430103: (Came.REJECTED, NOW),
        430104: (Came.REJECTED, NOW),
    }

    def send(  # type: ignore[override]  # apprise calls it by name only
        self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **more: Any
    ) -> bool:
        params = None
        if self.secret:
            stamp, signature = self.get_signature()
            params = {"timestamp": stamp, "sign": unquote(signature)}  # apprise quotes it, and requests would again
        return self.ask(self.notify_url.format(token=self.token), {"msgtype": "text", "text": {"content": body}}, params)


class Feishu(Asking, NotifyFeishu):
    """open.feishu.cn, custom bots. Signature: HMAC-SHA256 over nothing with the key "timestamp\\nsecret", seconds, in the body."""

    code_names = ("code", "StatusCode")
    codes = {
        19001: (Came.REFUSED, NOW),  # no such token
        19002: (Came.REFUSED, NOW),
        19007: (Came.REFUSED, NOW),  # the bot is off
        19021: (Came.REFUSED, NOW),  # signature
        19022: (Came.REFUSED, NOW),  # address range
        19024: (Came.REFUSED, NOW),  # keyword
        9499: (Came.REJECTED, NOW),
        11232: (Came.THROTTLED, MINUTE),
        11233: (Came.THROTTLED, MINUTE),
    }

    def __init__(self, *, secret: str = "", **more: Any) -> None:
        super().__init__(**more)
        self.secret = secret

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **more: Any) -> bool:
        payload: dict[str, Any] = {"msg_type": "text", "content": {"text": body}}
        if self.secret:
            stamp = str(int(time.time()))
            signature = hmac.new(f"{stamp}\n{self.secret}".encode(), b"", hashlib.sha256).digest()
            payload |= {"timestamp": stamp, "sign": base64.b64encode(signature).decode()}
        return self.ask(self.notify_url.format(token=self.token).rstrip("/"), payload)


class Lark(Feishu):
    """Feishu outside China."""

    secure_protocol = NotifyLark.secure_protocol  # type: ignore[assignment]  # apprise's base says None
    notify_url = NotifyLark.notify_url + "{token}"


class WeCom(Asking, NotifyWeComBot):
    """developer.work.weixin.qq.com, group robots."""

    codes = {
        93000: (Came.REFUSED, NOW),  # no such key
        45009: (Came.THROTTLED, MINUTE),
        40058: (Came.REJECTED, NOW),
        44004: (Came.REJECTED, NOW),
    }

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **more: Any) -> bool:
        return self.ask(self.notify_url.format(key=self.key), {"msgtype": "text", "text": {"content": body}})


class Slack(Asking, NotifySlack):
    """api.slack.com, incoming webhooks: answers are words. What a bot's token sends stays apprise's."""

    def send(  # type: ignore[override]  # apprise calls it by name only
        self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **more: Any
    ) -> bool:
        if self.mode is not SlackMode.WEBHOOK:
            return bool(super().send(body, title, notify_type, **more))
        plain = body.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return self.ask(f"{self.webhook_url}/{self.token_a}/{self.token_b}/{self.token_c}", {"text": plain})

    def judge(self, response: requests.Response, said: bytes) -> Answer:
        text = said[:100].decode("utf-8", "replace")
        early = by_status(response)
        if early is not None:
            return Answer(early.came, f"{early.why} {text}".strip(), early.wait)
        return Answer(Came.SENT) if said.strip() == b"ok" else Answer(Came.FAILED, text)


OURS: dict[str, type[NotifyBase]] = {"dingtalk": DingTalk, "feishu": Feishu, "lark": Lark, "wecombot": WeCom, "slack": Slack}


def instance(url: str) -> NotifyBase | None:
    """apprise's object for the URL (ours where we have one), or None where it makes no sense."""
    kind, _, _rest = url.partition("://")
    made: NotifyBase | None
    try:
        if kind in OURS:
            parts = OURS[kind].parse_url(url)
            if not parts:
                return None
            if kind in ("feishu", "lark"):
                parts["secret"] = parts["qsd"].get("secret", "")
            made = OURS[kind](**parts)
        else:
            made = Apprise.instantiate(url, suppress_exceptions=True)
    except TypeError:  # apprise's own refusals are of this type
        return None
    if made is not None:
        made.redirects, made.verify_certificate = False, True
        made.socket_connect_timeout, made.socket_read_timeout = TIMEOUT
    return made


def send(url: str, text: str) -> Answer:
    """Send the text to the robot at the (unsealed) apprise URL, and say what came of it."""
    robot = instance(url)
    if robot is None:
        return Answer(Came.REFUSED, "not an address")
    taken = robot.notify(body=text, body_format="text")
    answer = getattr(robot, "answer", None)
    if answer is not None:
        return answer
    return Answer(Came.SENT) if taken else Answer(Came.UNSURE, "not taken")
