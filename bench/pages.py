"""What is measured: the pages and API calls of the main job, and the people who ask for them."""

from __future__ import annotations

import itertools
import json
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.clients import Ask
from bench.layout import (
    AGENT,
    LOGGED,
    MANAGER,
    NIGHT,
    empty_pool,
    forget_layouts,
    lay_out_digest,
    open_enough,
    put_into_pool,
    relieve,
    spread_rare_words,
)
from bench.people import set_presences
from handover.report.measures import REPORTS
from tickets.people.models import Member
from tickets.ticket.models import Ticket

POOLED = 50
NEEDLES = {2: "缺口", 3: "紫砂壶", 6: "错拍地址改派"}


@dataclass(frozen=True)
class Probe:
    name: str
    make: Callable[[], Ask]
    most: float = 3.0
    count: int = 40
    warm: int = 8
    expect: tuple[int, ...] = (200,)
    p95_most: float | None = None
    steady: bool = True
    """Whether every request asks as many questions: a claim by the last allowed person tells the managers, too."""
    most_queries: int | None = None


class Scene:
    """The measured people, their sessions, and what lies before them."""

    def __init__(self) -> None:
        self.client = self.client_of(AGENT)

    def client_of(self, number: int) -> Client:
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(Member.objects.select_related("user").get(pk=number).user)
        return client

    @cached_property
    def cookies(self) -> dict[int, str]:
        return {}

    def headers(self, number: int) -> dict[str, str]:
        if number not in self.cookies:
            client = self.client_of(number)
            client.get("/me/")  # sets the CSRF cookie, as a browser's first page does
            values = {name: morsel.value for name, morsel in client.cookies.items()}
            values.setdefault("csrftoken", "x" * 32)
            self.cookies[number] = "; ".join(f"{name}={value}" for name, value in values.items())
        token = dict(part.split("=", 1) for part in self.cookies[number].split("; "))["csrftoken"]
        return {"Cookie": self.cookies[number], "X-CSRFToken": token, "Accept-Encoding": "gzip"}

    def get(self, path: str, number: int = AGENT) -> Callable[[], Ask]:
        headers = self.headers(number)
        return lambda: ("GET", path, None, headers)

    def post(self, paths: Iterator[str], bodies: Callable[[], dict[str, Any]], number: int = AGENT) -> Callable[[], Ask]:
        def make() -> Ask:
            headers = self.headers(number) | {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
            return "POST", next(paths), json.dumps(bodies()).encode(), headers

        return make

    @property
    def bare(self) -> Callable[[], Ask]:
        return self.get("/bare/")

    def queries(self, probe: Probe) -> int:
        """Counted in this process: the same view, the same session."""
        method, path, body, headers = probe.make()
        number = next(n for n, cookies in self.cookies.items() if cookies == headers["Cookie"])
        client = self.client_of(number)
        extra = {"idempotency-key": headers["Idempotency-Key"]} if "Idempotency-Key" in headers else {}
        with CaptureQueriesContext(connection) as captured:
            client.generic(method, path, body or b"", content_type="application/json", headers=extra)
        return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")) for query in captured)


def probes(scene: Scene, size: int) -> Iterator[Probe]:
    """In the order of the page a person meets; what changes rows comes last."""
    set_presences(timezone.now())
    forget_layouts()
    open_enough()
    spread_rare_words()
    relieve(AGENT)
    lay_out_digest(NIGHT, but=[AGENT])
    held = Ticket.objects.unresolved().filter(holder_id=AGENT).exclude(customer__tickets__subject=LOGGED)
    story = held.order_by("-id").values_list("pk", "customer_id").first()
    if story is None:
        raise LookupError(f"member {AGENT} holds nothing: was the history loaded?")
    elsewhere = Ticket.objects.exclude(customer_id=story[1]).order_by("id").values_list("customer_id", flat=True).first()
    yield Probe("desk", scene.get("/"))
    yield Probe("ticket list (mine)", scene.get("/tickets/?view=mine"))
    yield Probe("ticket list (all, 50 rows)", scene.get("/tickets/?view=all"))
    put_into_pool(POOLED)
    yield Probe("pool", scene.get("/tickets/?view=pool"))
    empty_pool()
    yield Probe("ticket page", scene.get(f"/tickets/{story[0]}/"))
    yield Probe("customer page", scene.get(f"/customers/{story[1]}/"))
    yield Probe("side panel", scene.get("/panel/?platform=taobao&handle=tb00000777"))
    yield Probe("board", scene.get("/board/", MANAGER))
    yield Probe("digest (40 items)", scene.get("/digest/", NIGHT))
    yield Probe("lookup: order number", scene.get(f"/lookup/?q=2{size // 3:017d}"))
    yield Probe("lookup: handle", scene.get("/lookup/?q=tb00000777"))
    for length, needle in NEEDLES.items():
        yield Probe(f"lookup: {length} characters", scene.get(f"/lookup/?q={quote(needle)}"), most=1000, p95_most=100)
    yield Probe("lookup: common 2 characters", scene.get(f"/lookup/?q={quote('漏水')}"), most=1000, p95_most=100)
    yield Probe("API: ticket list", scene.get("/api/v1/tickets/"))
    yield Probe("API: ticket", scene.get(f"/api/v1/tickets/{story[0]}/"))
    yield Probe("API: customer lookup", scene.get("/api/v1/customers/lookup/?handle=tb00000777&platform=taobao"))
    yield Probe("API: digest (40 items)", scene.get("/api/v1/digest/", NIGHT))
    yield from reports(scene)
    subject = {"customer": elsewhere, "subject": LOGGED, "body": "第二个了", "reason": 5, "anyway": True}
    yield Probe("API: create a ticket", scene.post(itertools.repeat("/api/v1/tickets/"), lambda: subject), expect=(201,))
    pool = (f"/api/v1/tickets/{pk}/claim/" for pk in put_into_pool(120))
    yield Probe("API: claim", scene.post(pool, dict), expect=(200,), count=20, warm=4, steady=False)
    empty_pool()
    yield acknowledging(scene)


RANGES = (15, 365, 1095)
"""Days: the usual period, a year, the whole history."""


def reports(scene: Scene) -> Iterator[Probe]:
    """Every report's first page at every range: at most five bare pages, 200 ms at p95."""
    bars: dict[str, Any] = {"most": 5.0, "p95_most": 200, "count": 20, "warm": 4}
    yield Probe("reports: home", scene.get("/reports/", MANAGER), **bars)
    for name in REPORTS:
        for days in RANGES:
            yield Probe(f"report: {name}, {days} days", scene.get(f"/reports/{name}/?window={days}d", MANAGER), **bars)
    yield Probe("report: performance, a team's month", scene.get("/reports/performance/", MANAGER), **bars)
    yield Probe("report: performance, one sheet", scene.get(f"/reports/performance/{AGENT}/", MANAGER), **bars)
    yield Probe("API: report, 1095 days", scene.get("/api/v1/reports/complaint-rate/?window=1095d", MANAGER), **bars)


AT_ONCE = 8
"""So many digests are laid out together: as many as there are clients at once."""


def acknowledging(scene: Scene) -> Probe:
    """Each request is another agent's acknowledgement of 40 matters, laid out and read before, as one of several: laying out takes longer
    than answering, and the server is not to fall asleep before each."""
    turn = itertools.cycle([n for n in range(23, 200) if n % 3 == 1])
    batch: list[int] = []
    ready: deque[Ask] = deque()

    def lay_out() -> None:
        at_it = [*batch]  # they may not have been answered yet: nobody's matters are taken for somebody else's digest
        batch[:] = itertools.islice(turn, AT_ONCE)
        for number in batch:
            lay_out_digest(number, but=[NIGHT, *at_it, *batch])
        for number in batch:
            headers = scene.headers(number) | {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
            digest = scene.client_of(number).get("/api/v1/digest/").json()
            answers = [{"item": item["item"], "answer": "take"} for item in digest["items"]]
            body = json.dumps({"version": digest["version"], "answers": answers}).encode()
            ready.append(("POST", "/api/v1/digest/ack/", body, headers))

    def make() -> Ask:
        if not ready:
            lay_out()
        return ready.popleft()

    return Probe("API: acknowledge (40 items)", make, count=3 * AT_ONCE, warm=AT_ONCE, expect=(200, 201))
