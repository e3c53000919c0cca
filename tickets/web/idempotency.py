"""The second click gets the first answer.

The key is inserted first, the work follows, and the answer is stored beside the key, all in ONE transaction: a process that dies
in between leaves neither the work nor the key. A second request with the same key waits on the unique index until the first has
committed, and then reads its answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member
from tickets.web.models import Reply
from tickets.web.prepared import prepared_cursor
from tickets.web.refusals import Refused
from tickets.web.replies import refusal

FIELD = "idempotency_key"
KEPT_HEADERS = ("Content-Type", "Location", "HX-Redirect", "HX-Trigger", "HX-Push-Url", "HX-Retarget", "HX-Reswap", "Content-Disposition")
MISMATCH = _("This Idempotency-Key was used for a different request.")
NO_KEY = _("An Idempotency-Key is text of at most 120 characters.")
LONGEST = 120

ENTER = """
    INSERT INTO tickets_reply (user_id, key, fingerprint, status, headers, body, created_at) VALUES (%s, %s, %s, 0, '{}', '', %s)
    ON CONFLICT (user_id, key) DO NOTHING RETURNING id
"""
"""Waits for a transaction that has put the same key down: where that one fails, the key and the work are ours."""
KEEP = "UPDATE tickets_reply SET status = %s, headers = %s, body = %s WHERE id = %s"


class _Unkept(Exception):
    """Carries a failed answer out of the transaction, rolling it back."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response


class IdempotencyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or getattr(request, "member", None) is None:
            return self.get_response(request)
        key = request.headers.get("Idempotency-Key") or self.form_key(request)
        if not key:
            return self.get_response(request)
        if len(key) > LONGEST or "\x00" in key:
            return refusal(request, Refused("invalid", NO_KEY))
        try:
            return self.once(request, key)
        except _Unkept as unkept:
            return unkept.response
        except Refused as refused:
            return refusal(request, refused)

    def form_key(self, request: HttpRequest) -> str:
        if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
            return request.POST.get(FIELD, "")
        return ""

    def once(self, request: HttpRequest, key: str) -> HttpResponse:
        fingerprint = self.fingerprint(request)
        with transaction.atomic():
            ours = self.enter(request, key, fingerprint)
            if ours is None:
                kept = Reply.objects.get(user=request.user.pk, key=key)
                if kept.fingerprint != fingerprint:
                    raise Refused("idempotency_mismatch", MISMATCH)
                return self.replay(kept)
            response = self.get_response(request)
            if response.status_code >= 500 or response.streaming or transaction.get_rollback():
                raise _Unkept(response)
            if response.status_code >= 400:
                # A refused deed has rolled itself back; what was recorded about the refusal stays, the key may be tried again.
                Reply.objects.filter(pk=ours).delete()
                return response
            # What an answer tells once (a secret) is not kept: such an answer brings along what a repetition is told.
            headers = {name: response[name] for name in KEPT_HEADERS if name in response}
            with prepared_cursor() as cursor:
                cursor.execute(KEEP, [response.status_code, json.dumps(headers), getattr(response, "kept_content", response.content), ours])
            return response

    def enter(self, request: HttpRequest, key: str, fingerprint: str) -> int | None:
        """Put the key down, or wait for whoever did. The row's id: the work is ours; None: it is done."""
        with prepared_cursor() as cursor:
            cursor.execute(ENTER, [request.user.pk, key, fingerprint, timezone.now()])
            row = cursor.fetchone()
        return row[0] if row else None

    def fingerprint(self, request: HttpRequest) -> str:
        """What was asked, and as whom: somebody of two teams may send the same words to both, told apart by a header alone."""
        member: Member = request.member  # type: ignore[attr-defined]  # the middleware's; without one nothing is kept
        found = hashlib.sha256(f"{member.pk} {request.method} {request.get_full_path()}\n".encode())
        if request.content_type == "multipart/form-data":
            for name, values in sorted(request.POST.lists()):
                if name != "csrfmiddlewaretoken":
                    found.update(repr((name, values)).encode())
            for name, files in sorted(request.FILES.lists()):
                found.update(repr((name, [(file.name, file.size) for file in files])).encode())
        elif request.content_type == "application/x-www-form-urlencoded":
            for name, values in sorted(request.POST.lists()):
                if name != "csrfmiddlewaretoken":
                    found.update(repr((name, values)).encode())
        else:
            found.update(request.body)
        return found.hexdigest()

    def replay(self, kept: Reply) -> HttpResponse:
        response = HttpResponse(bytes(kept.body), status=kept.status)
        for name, value in kept.headers.items():
            response[name] = value
        response["Idempotency-Replayed"] = "true"
        return response
