"""What a letter is: somebody's words, or a machine's. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import timedelta

from tickets.mail.parsing import Read

MOST_PER_SENDER = 20
WITHIN = timedelta(hours=1)
"""A person writes no more letters than this; two machines that answer each other do."""
_TOKEN = re.compile(r"(?<![a-z0-9])t(\d{1,18})-([0-9a-f]{16})(?![0-9a-f])", re.IGNORECASE)
_MACHINES = re.compile(r"^(mailer-daemon|postmaster|no-?reply|donotreply|do-not-reply|bounces?)([+._-].*)?@", re.IGNORECASE)
_AUTO_SUBJECTS = re.compile(
    r"^\s*(auto(matic)?[ -]?(reply|response|answer)|out of (the )?office|自动回复|自動回覆|自动答复|abwesenheit|réponse automatique)\b",
    re.IGNORECASE,
)
_BULK = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})


def reply_token(team: int, ticket: int, key: str) -> str:
    """What threads an answer onto a ticket, wherever in the letter it stands. It cannot be guessed from the ticket's number."""
    digest = hmac.new(key.encode(), f"letter:{team}:{ticket}".encode(), hashlib.sha256).hexdigest()
    return f"t{ticket}-{digest[:16]}"


def tokens_in(letter: Read) -> list[tuple[int, str]]:
    """Candidates (ticket, token) in the recipients' addresses, the subject, and the letters it refers to, in that order."""
    places = [*letter.recipients, letter.subject, *reversed(letter.references)]
    return list(dict.fromkeys((int(found[1]), found[0].lower()) for place in places for found in _TOKEN.finditer(place)))


def is_bounce(letter: Read) -> bool:
    """A report that something could not be delivered (RFC 3464), or a letter without a way back (RFC 3834: the null return path)."""
    path = letter.headers.get("return-path", "").strip()
    daemon = letter.sender.startswith(("mailer-daemon@", "postmaster@"))
    report = letter.headers.get("content-type", "").lower()
    return path == "<>" or daemon or ("multipart/report" in report and "delivery-status" in report)


def is_automatic(letter: Read) -> bool:
    """An autoresponder, a newsletter, or a machine that takes no answer (RFC 3834 and what older ones write instead)."""
    head = letter.headers
    submitted = head.get("auto-submitted", "no").split(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return True
    if head.get("precedence", "").strip().lower() in _BULK or any(
        name in head for name in ("x-autoreply", "x-autorespond", "x-auto-reply-from", "list-id", "list-unsubscribe")
    ):
        return True
    suppress = head.get("x-auto-response-suppress", "").lower()
    return (
        "all" in suppress
        or "autoreply" in suppress
        or bool(_AUTO_SUBJECTS.match(letter.subject))
        or not letter.sender
        or bool(_MACHINES.match(letter.sender))
    )


def is_ours(letter: Read, address: str) -> bool:
    """A letter of our own that came back."""
    return letter.sender == address.lower() or "x-handover-team" in letter.headers
