"""How this system says no: one exception with a code, turned into an answer in one place."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DataError, connection, transaction
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

log = logging.getLogger("handover.refusals")

STATUS: dict[str, int] = {
    "invalid": 400,
    "not_authenticated": 401,
    "forbidden": 403,
    "digest_unread": 403,
    "same_hand": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "stale": 409,
    "taken": 409,
    "handler_limit": 409,
    "wrong_state": 409,
    "over_quantity": 409,
    "over_paid": 409,
    "duplicate": 409,
    "too_large": 413,
    "unsupported_media": 415,
    "idempotency_mismatch": 422,
    "bulk_refused": 422,
    "throttled": 429,
}

TITLES: dict[str, Any] = {
    "invalid": _("Something in it is not right"),
    "not_authenticated": _("Sign in first"),
    "forbidden": _("Your role does not do this"),
    "digest_unread": _("Read the digest first"),
    "same_hand": _("Another person must do this"),
    "not_found": _("Not found"),
    "method_not_allowed": _("Not possible here"),
    "not_acceptable": _("This form of answer does not exist"),
    "stale": _("Somebody changed it meanwhile"),
    "taken": _("Somebody else has it"),
    "handler_limit": _("Too many people have handled this"),
    "wrong_state": _("Not possible in this state"),
    "over_quantity": _("More than there is"),
    "over_paid": _("More than was paid"),
    "duplicate": _("This exists already"),
    "too_large": _("Too large"),
    "unsupported_media": _("This kind of content is not taken"),
    "idempotency_mismatch": _("The same key came with another request"),
    "bulk_refused": _("Nothing was changed"),
    "throttled": _("Too many requests"),
}


class Refused(Exception):
    """A request that this system will not carry out. Nothing was changed.

    `code` is one of `STATUS`; `detail` a translated sentence for the reader; `errors` maps a field to its messages; `extra` goes
    into the problem document as it is (such as `current` for `stale`, `holder` for `taken`).
    """

    def __init__(self, code: str, detail: str | LazyText = "", *, errors: dict[str, list[Any]] | None = None, **extra: Any) -> None:
        super().__init__(code)
        self.code, self.detail, self.errors, self.extra = code, detail, errors, extra

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"

    @property
    def status(self) -> int:
        return STATUS[self.code]

    def problem(self) -> dict[str, Any]:
        """The RFC 9457 document."""
        found: dict[str, Any] = {
            "type": f"urn:handover:problem:{self.code}",
            "title": str(TITLES[self.code]),
            "status": self.status,
            "detail": str(self.detail or TITLES[self.code]),
            "code": self.code,
        }
        if self.errors:
            found["errors"] = {field: [str(message) for message in messages] for field, messages in self.errors.items()}
        return found | self.extra


def not_holdable(failure: DataError) -> Refused:
    """`invalid` for a value that no column can hold (a NUL, a number of thirty digits) and that no form has caught before the database:
    the sender's mistake and not a failure of ours. What was done in the same transaction is undone; the log says where it came through."""
    log.warning("a value reached the database that it cannot hold", exc_info=failure)
    if connection.in_atomic_block:
        transaction.set_rollback(True)
    return Refused("invalid")
