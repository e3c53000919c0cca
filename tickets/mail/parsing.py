"""A letter out of its bytes. Nothing a sender can write may break it: what cannot be decoded is read as well as it can be."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from tickets.web.plaintext import text_of_html, tidy

TEXT_MOST = 20_000
_MOST_PARTS = 200
_ALIASES = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030", "unicode-1-1-utf-7": "utf-7", "utf8mb4": "utf-8"}
_QUOTED = re.compile(
    r"^(?:-{2,} ?(?:Original Message|原始邮件|原始郵件|Forwarded message|转发邮件).*|_{10,}|On .{5,120} wrote:"
    r"|在.{5,120}写道[:：]|.{0,60}<[^>@\s]{1,80}@[^>\s]{1,80}>.{0,40}写道[:：])[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
"""Where a letter begins to repeat the one it answers."""
_READ = 400_000  # bytes of a body that are read: a letter is no book


@dataclass(frozen=True)
class File:
    name: str
    content: bytes


@dataclass
class Read:
    """A letter as we understand it. Header names are lower-case; addresses are lower-case and bare."""

    message_id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    recipients: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = ""
    files: list[File] = field(default_factory=list)


def read_letter(raw: bytes) -> Read:
    """The letter in these bytes; never raises for what a sender wrote."""
    message = message_from_bytes(raw, policy=policy.compat32)
    headers = _headers(message)
    names = getaddresses([headers.get("from", "")])
    name, address = next(((n, a) for n, a in names if "@" in a), ("", ""))
    plain, html, files = _parts(message)
    recipients = [headers.get(key, "") for key in ("to", "cc", "delivered-to", "x-original-to", "envelope-to")]
    told = f"{headers.get('in-reply-to', '')} {headers.get('references', '')}"
    return Read(
        message_id=headers.get("message-id", "").strip()[:255] or f"sha256:{hashlib.sha256(raw).hexdigest()}",
        sender=address.strip().lower()[:160],
        sender_name=tidy(name)[:120],
        subject=tidy(headers.get("subject", "")).replace("\n", " ")[:300],
        text=without_quotes(plain.strip() or text_of_html(html))[:TEXT_MOST],
        recipients=[found.lower() for _name, found in getaddresses(recipients) if "@" in found],
        references=re.findall(r"<[^<>\s]{3,250}>", told)[-50:],
        headers=headers,
        content_type=str(message.get_content_type()),
        files=files,
    )


def _headers(message: Message) -> dict[str, str]:
    """The first of each header, decoded; raw 8-bit headers, which are against every rule and common, too."""
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        found.setdefault(name.lower(), _decoded(str(value))[:4000])
    return found


def _decoded(value: str) -> str:
    try:
        unfolded = re.sub(r"\r?\n[ \t]+", " ", value)
        if re.search(r"[\udc80-\udcff]", unfolded):
            return decode(unfolded.encode("utf-8", "surrogateescape"), "")
        return "".join(_piece(text, charset) for text, charset in decode_header(unfolded))
    except (ValueError, LookupError, TypeError):  # a broken encoded word: base64 of the wrong length, say
        return value.encode("ascii", "replace").decode()


def _piece(text: bytes | str, charset: str | None) -> str:
    if isinstance(text, str):
        return text
    return decode(text, charset or "")


def decode(content: bytes, charset: str) -> str:
    """Bytes as text: as declared where that works, else UTF-8, else GB18030, else whatever each byte is."""
    declared = charset.strip().strip("\"'").lower()
    for name in dict.fromkeys((_ALIASES.get(declared, declared), "utf-8", "gb18030")):
        try:
            return content.decode(name) if name else content.decode("utf-8")
        except (LookupError, ValueError):
            continue
    return content.decode("latin-1")


def _parts(message: Message) -> tuple[str, str, list[File]]:
    """The first plain text, the first HTML, and every file; messages inside the message are files."""
    plain, html = "", ""
    files: list[File] = []
    for place, part in enumerate(message.walk()):
        if place >= _MOST_PARTS:
            break
        if part.is_multipart():
            continue
        content = _content(part)
        kind = part.get_content_type()
        name = _file_name(part)
        if name or part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            files.append(File(name or f"{kind.replace('/', '.')}"[:60], content))
        elif kind == "text/html":
            html = html or decode(content[:_READ], _charset(part))
        else:
            plain = plain or tidy(decode(content[:_READ], _charset(part)))
    return plain, html, files


def _charset(part: Message) -> str:
    found = part.get_param("charset", "")
    return found if isinstance(found, str) else ""


def _content(part: Message) -> bytes:
    try:
        found = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        found = None
    if isinstance(found, bytes):
        return found
    told = part.get_payload()
    return told.encode("utf-8", "surrogateescape") if isinstance(told, str) else b""


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename("")
    except (ValueError, LookupError, TypeError):
        return ""
    return tidy(_decoded(str(name or ""))).replace("\n", " ").replace("/", "_").replace("\\", "_")[:200]


def without_quotes(text: str) -> str:
    """What is new in a letter: without the letter it answers, unless nothing is left."""
    cut = _QUOTED.search(text)
    kept = text[: cut.start()] if cut else text
    lines = [line for line in kept.split("\n") if not line.startswith(">")]
    new = tidy("\n".join(lines))
    return new or tidy(text)
