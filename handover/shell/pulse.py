"""What happened last in a team, asked by every open page every 1.2 seconds: the cheapest answer of the house.

`GET /pulse/<token>` is answered before session, account and language are looked at. The token is signed into the page and names
the team, so it tells nobody more than a page they were shown. The answer lists the last few ledger rows by number, subject and age
in seconds (by which a page's first question knows what it was rendered without); its ETag makes "nothing new" a 304 without a body. Who is
typing (drafts of the last seconds) is in the same list. Which parts of a page then load anew is decided in static/js/live.js.
docs/decisions/live.md has the measurement.
"""

import hashlib
import json
import time
from collections.abc import Callable

from django.core import signing
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden

PATH = "/pulse/"
ROWS = 25  # rows may be committed out of the order of their numbers: the list shows a late one, a highest number would not
FRESH = 0.2  # seconds for which one process repeats what it has read
LIFETIME = 16 * 3600  # seconds; longer than the longest shift
SQL = """
    (SELECT id, 0, extract(epoch FROM now() - at)::float, split_part(code, '.', 1), ticket_id, customer_id, order_id
    FROM tickets_activity WHERE team_id = %(team)s ORDER BY id DESC LIMIT %(rows)s)
    UNION ALL
    (SELECT id, extract(epoch FROM at)::bigint / 10, extract(epoch FROM now() - at)::float, 'typing-' || key, NULL, NULL, NULL
    FROM tickets_draft WHERE team_id = %(team)s AND at > now() - interval '10 seconds' ORDER BY id DESC LIMIT %(rows)s)
"""  # a draft is a new row with every ten seconds of typing (tickets/draft)

_signer = signing.TimestampSigner(salt="handover.pulse")
_read: dict[str, tuple[float, str, bytes]] = {}


def pulse_url(team: int) -> str:
    """The address at which a page of this team hears the pulse."""
    return PATH + _signer.sign(str(team))


class PulseMiddleware:
    """Answers the pulse before anything else does; every other path goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(PATH) and request.method == "GET":
            return answer(request)
        return self.get_response(request)


def answer(request: HttpRequest) -> HttpResponse:
    """304 when nothing happened since, 200 with the last rows, 403 for a token that is not ours or too old."""
    try:
        team = _signer.unsign(request.path_info.removeprefix(PATH), max_age=LIFETIME)
    except signing.BadSignature:
        return HttpResponseForbidden()
    etag, body = last_rows(team)
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type="application/json")
    response["Content-Length"] = str(len(response.content))
    response["ETag"] = etag
    response["Cache-Control"] = "no-store"
    return response


def last_rows(team: str) -> tuple[str, bytes]:
    """ETag and JSON of the team's newest ledger rows: `[[number, ["ticket", "ticket-7", …], age], …]`."""
    now = time.monotonic()
    read = _read.get(team)
    if read and now - read[0] < FRESH:
        return read[1], read[2]
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"team": team, "rows": ROWS})
        rows = [[f"{pk}.{tens}" if tens else pk, _topics(*about), round(age, 1)] for pk, tens, age, *about in cursor.fetchall()]
    etag = f'"{hashlib.sha256(str([row[0] for row in rows]).encode()).hexdigest()[:20]}"'
    _read[team] = (now, etag, json.dumps(rows).encode())
    return _read[team][1:]


def _topics(room: str, ticket: int | None, customer: int | None, order: int | None) -> list[str]:
    subjects = {"ticket": ticket, "customer": customer, "order": order}
    return [room, *(f"{name}-{pk}" for name, pk in subjects.items() if pk)]
