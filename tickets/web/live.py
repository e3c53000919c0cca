"""Answering a page that asks again and again whether anything has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from tickets.web.replies import wants_fragment


def live(request: HttpRequest, mark: str, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """304 without rendering while `mark` is what the asker has seen, else the answer with its ETag.

    `mark` is made from versions and ledger ids, never from the HTML. Language and reader are part of the tag. Whoever wants the whole
    page gets it each time: by the tag of its part, a browser would take that part out of its cache for the page.
    """
    if not wants_fragment(request):
        return answer()
    etag = live_tag(request, mark)
    # a compressed answer leaves with a weak tag, so it comes back as one
    if request.headers.get("If-None-Match", "").removeprefix("W/") == etag:
        response = HttpResponse(status=304)
    else:
        response = answer()
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache, private"
    return response


def live_tag(request: HttpRequest, mark: str) -> str:
    """The ETag of the mark for this reader; also what `data-live-etag` of a freshly rendered region says."""
    member = getattr(request, "member", None)
    whole = f"{member.pk if member else ''}/{translation.get_language()}/{mark}"
    return f'"{hashlib.sha256(whole.encode()).hexdigest()[:20]}"'
