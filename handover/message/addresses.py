"""Addresses of robots as people paste them: the platform's own webhook address, or an apprise URL. Only kinds whose server the platform
fixes are taken, so that nobody can make this system call an address of their choice."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from handover.message.robots import instance
from tickets.web.refusals import Refused

KINDS = {
    "dingtalk": _("DingTalk"),
    "feishu": _("Feishu"),
    "lark": _("Lark"),
    "wecombot": _("WeCom"),
    "slack": _("Slack"),
    "tgram": _("Telegram"),
    "discord": _("Discord"),
    "gchat": _("Google Chat"),
    "wxteams": _("Webex"),
    "pover": _("Pushover"),
    "schan": _("ServerChan"),
    "wxpusher": _("WxPusher"),
    "pushplus": _("PushPlus"),
    "email": _("E-mail"),
}
NOT_AN_ADDRESS = _("This is no address of a robot we can send to. Paste what the platform shows as its webhook, or an apprise URL.")
NO_SECRET_HERE = _("Only DingTalk, Feishu and Lark robots have a signing secret.")

NATIVE = {
    "dingtalk": re.compile(r"^https://oapi\.dingtalk\.com/robot/send\?(?:.*&)?access_token=(?P<token>[0-9A-Za-z]+)"),
    "feishu": re.compile(r"^https://open\.feishu\.cn/open-apis/bot/v2/hook/(?P<token>[\w-]+)/?$"),
    "lark": re.compile(r"^https://open\.larksuite\.com/open-apis/bot/v2/hook/(?P<token>[\w-]+)/?$"),
    "wecombot": re.compile(r"^https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?(?:.*&)?key=(?P<token>[\w-]+)"),
    "slack": re.compile(r"^https://hooks\.slack\.com/services/(?P<token>[A-Za-z0-9]+/[A-Za-z0-9]+/[A-Za-z0-9]+)/?$"),
}
SIGNED = {"dingtalk", "feishu", "lark"}


@dataclass(frozen=True)
class Address:
    """An address in one writing: its kind, the apprise URL, what may be shown of it, and which robot it is."""

    kind: str
    url: str
    shown: str
    robot: str


def read(pasted: str, secret: str = "") -> Address:
    """The address that somebody pasted, with the robot's signing secret where it has one. Refuses `invalid` by field."""
    kind, rest = _split(pasted.strip())
    if kind not in allowed() or not rest:
        raise Refused("invalid", errors={"address": [NOT_AN_ADDRESS]})
    found = re.search(r"[?&]secret=([^&]+)", pasted) or (re.search(r"^([^@/]+)@", rest) if kind == "dingtalk" else None)
    rest = rest.split("@", 1)[-1] if kind == "dingtalk" else rest
    secret = secret.strip() or (found.group(1) if found else "")
    if secret and kind not in SIGNED:
        raise Refused("invalid", errors={"secret": [NO_SECRET_HERE]})
    url = f"{kind}://{rest}" + (f"?secret={quote(secret, safe='')}" if secret else "")
    if instance(url) is None:
        raise Refused("invalid", errors={"address": [NOT_AN_ADDRESS]})
    return Address(kind, url, f"…{rest.rstrip('/')[-4:]}", hashlib.sha256(f"{kind}://{rest}".encode()).hexdigest())


def allowed() -> set[str]:
    """The kinds of apprise URLs that are taken; the environment may add to them."""
    return (set(KINDS) - {"email"}) | set(settings.MESSAGE_SCHEMES)


def _split(pasted: str) -> tuple[str, str]:
    """Kind and the rest of the URL without its options: they could turn certificates off or read files of ours."""
    for kind, pattern in NATIVE.items():
        if found := pattern.match(pasted):
            return kind, found.group("token") + "/"
    parts = urlsplit(pasted)
    token = parse_qs(parts.query).get("token", [""])[0]
    return parts.scheme.lower(), (quote(token, safe="") or parts.netloc) + (parts.path or "/")
