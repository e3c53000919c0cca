"""What is measured: the pages and API calls of the main job, and the people who ask for them."""

from __future__ import annotations

import itertools
import json
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.clients import Ask
from bench.history import MEASURED_ITEMS, MEMBERS, OFFERED_ITEMS
from bench.people import is_here, set_presences
from handover.duty.models import Duty
from handover.note.models import Offer
from handover.report.measures import REPORTS
from tickets.people.models import Member, Presence
from tickets.ticket.models import Ticket

AGENT, MANAGER, NIGHT = 21, 1, 22
"""Members: an agent on duty, a manager, and an agent who is about to start."""
ON_DUTY = [n for n in range(AGENT + 1, MEMBERS + 1) if is_here(n)]
"""Agents at work of whom nothing is measured."""
STEP, LOGGED = "先给顾客回电话", "保温杯漏水 again"
"""What this file writes: the next action of every matter in a digest, the subject of every new ticket."""
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
            client.get("/me/settings/")  # sets the CSRF cookie, as a browser's first page does
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
    yield Probe("pool", scene.get("/tickets/?view=pool"))
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
    for days in RANGES:
        yield Probe(f"report: pressure, {days} days", scene.get(f"/reports/pressure/?window={days}d", MANAGER), **bars)
    yield Probe("report: performance, a team's month", scene.get("/reports/performance/", MANAGER), **bars)
    yield Probe("report: performance, one sheet", scene.get(f"/reports/performance/{AGENT}/", MANAGER), **bars)
    yield Probe("API: report, 1095 days", scene.get("/api/v1/reports/complaint-rate/?window=1095d", MANAGER), **bars)


def forget_layouts() -> None:
    """What an earlier run laid out is nobody's urgent matter any more: the same history is measured again."""
    Offer.objects.filter(state=Offer.State.OPEN).update(state=Offer.State.CLOSED, closed_at=timezone.now())
    laid_out = Ticket.objects.unresolved().filter(next_action=STEP, severity="act_now")
    laid_out.update(severity="stable", due_at=None, next_at=None)


def lay_out_digest(number: int, *, but: Iterable[int] = ()) -> None:
    """Give one agent who starts in a moment a digest of 40 matters to answer, all due in the coming shift: 28 held, 12 offered.

    What they hold beyond that goes to somebody on duty; what is wanting comes from anybody who is not named in `but`.
    """
    now = timezone.now()
    start = now + timedelta(minutes=10)
    Duty.objects.running().filter(member_id=number).update(ended_at=now, ended_by_id=number, end=Duty.End.SIGNED)
    Presence.objects.filter(member_id=number).update(
        on_since=None, on_until=None, admitted_until=None, next_on=start, next_until=start + timedelta(hours=8)
    )
    Offer.objects.filter(to_member_id=number, state=Offer.State.OPEN).update(state=Offer.State.CLOSED, closed_at=now)
    held = list(Ticket.objects.unresolved().filter(holder_id=number).order_by("-id").values_list("pk", flat=True))
    keep = MEASURED_ITEMS - OFFERED_ITEMS
    move(held[keep:], ON_DUTY[number % len(ON_DUTY)])
    spare = Ticket.objects.unresolved().filter(holder__isnull=False).exclude(holder_id__in=[number, *but]).exclude(offers__state="open")
    found = list(spare.order_by("-id").values_list("pk", flat=True)[: MEASURED_ITEMS - len(held[:keep])])
    wanting = keep - len(held[:keep])
    move(found[:wanting], number)
    chosen = held[:keep] + found
    due = now + timedelta(hours=2)
    Ticket.objects.filter(pk__in=chosen).update(severity="act_now", due_at=due, next_at=due, next_action=STEP)
    Offer.objects.bulk_create(
        Offer(team_id=1, ticket_id=pk, from_member_id=holder, to_member_id=number, offered_at=now)
        for pk, holder in Ticket.objects.filter(pk__in=found[wanting:]).values_list("pk", "holder_id")
    )


def move(ids: list[int], to: int | None) -> None:
    """Change holders in bulk, with an assignment for each, as the loader does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_assignment (ticket_id, from_member_id, to_member_id, cause, reason, next_step, actor_id, at)"
            " SELECT id, holder_id, %s, %s, '', '', NULL, now() FROM tickets_ticket WHERE id = ANY(%s) AND holder_id IS DISTINCT FROM %s",
            [to, "takeover" if to else "release", ids, to],
        )
        cursor.execute("UPDATE tickets_ticket SET holder_id = %s, held_since = now() WHERE id = ANY(%s)", [to, ids])


def put_into_pool(count: int) -> list[int]:
    found = Ticket.objects.unresolved().filter(touches__lt=3, holder__isnull=False).exclude(holder_id__in=[AGENT, NIGHT])
    ids = list(found.order_by("-id").values_list("pk", flat=True)[:count])
    move(ids, None)
    return ids


def empty_pool() -> None:
    move(list(Ticket.objects.in_pool().values_list("pk", flat=True)), ON_DUTY[0])


def relieve(number: int) -> None:
    """An agent holds 40 matters of the history again: what earlier runs logged or claimed goes to somebody on duty."""
    of_history = Ticket.objects.unresolved().exclude(subject=LOGGED).filter(holder__isnull=False).exclude(holder_id=NIGHT)
    held = list(of_history.filter(holder_id=number).order_by("-id").values_list("pk", flat=True))[:MEASURED_ITEMS]
    wanting = of_history.exclude(holder_id=number).order_by("-id").values_list("pk", flat=True)[: MEASURED_ITEMS - len(held)]
    keep = held + list(wanting)
    move(list(Ticket.objects.unresolved().filter(holder_id=number).exclude(pk__in=keep).values_list("pk", flat=True)), ON_DUTY[0])
    move(keep, number)


def acknowledging(scene: Scene) -> Probe:
    """Each request is another agent's acknowledgement of 40 matters, laid out and read just before."""
    turn = iter([n for n in range(23, 200) if n % 3 == 1])
    at_it: deque[int] = deque(maxlen=8)  # by eight clients at once: nobody's matters are taken for somebody else's digest

    def make() -> Ask:
        number = next(turn)
        at_it.append(number)
        lay_out_digest(number, but=[NIGHT, *at_it])
        headers = scene.headers(number) | {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        digest = scene.client_of(number).get("/api/v1/digest/").json()
        answers = [{"item": item["item"], "answer": "take"} for item in digest["items"]]
        return "POST", "/api/v1/digest/ack/", json.dumps({"version": digest["version"], "answers": answers}).encode(), headers

    return Probe("API: acknowledge (40 items)", make, count=8, warm=8, expect=(200, 201))
