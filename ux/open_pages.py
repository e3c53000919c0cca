"""`python -m ux pages`: five hundred pages stand open, a tenth of them being typed into, while a colleague writes a note every few seconds.

Every page asks as its scripts would (static/js/live.js, shared.js): the pulse every 1.2 seconds, a live part when the pulse names it or
once a minute, a draft every three seconds of typing. Printed: answers a second by kind, their milliseconds, errors, and what CPU the
web processes and PostgreSQL took. docs/decisions/live.md keeps the figures.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from random import SystemRandom
from urllib.parse import urlencode, urlsplit

import psutil

from ux.browse import Hand

chance = SystemRandom()

PAGES = 500
TYPING = 50
SECONDS = 120
BEAT, PACE, QUIET, NOTE, OPENING = 1.2, 3.0, 60.0, 5.0, 10.0
"""Seconds: between two pulses, two drafts, two looks, two notes, until all are open."""
WHERE = {
    "agent": ("/desk/", "/tickets/{ticket}/", "/tickets/{ticket}/", "/tickets/"),
    "zhao": ("/desk/", "/tickets/{ticket}/", "/tickets/{ticket}/", "/tickets/"),
    "manager": ("/board/", "/tickets/{ticket}/"),
    "aftersale": ("/returns/", "/tickets/{ticket}/"),
    "warehouse": ("/returns/desk/",),
}
"""Who has which pages open, in equal parts."""


@dataclass
class Wire:
    """One kept connection of one browser."""

    host: str
    port: int
    cookie: str
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    free: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: str = "") -> tuple[int, dict[str, str], str]:
        try:
            return await self.once(method, path, headers or {}, body)
        except (ConnectionError, asyncio.IncompleteReadError):  # the server closed it while it rested
            self.streams = None
            return await self.once(method, path, headers or {}, body)

    async def once(self, method: str, path: str, headers: dict[str, str], body: str) -> tuple[int, dict[str, str], str]:
        reader, writer = self.streams = self.streams or await asyncio.open_connection(self.host, self.port)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}", f"Cookie: {self.cookie}", f"Content-Length: {len(body)}"]
        writer.write("\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", body]).encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        got = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        read = await reader.readexactly(int(got.get("content-length", 0)))
        if got.get("connection", "").lower() == "close":
            writer.close()
            self.streams = None
        return int(head[0].split()[1]), got, read.decode()


@dataclass
class Load:
    """What was answered, by kind: milliseconds, and how often with which status."""

    end: float = 0
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))

    async def ask(self, kind: str, wire: Wire, *what: object) -> tuple[int, dict[str, str], str]:
        start = time.perf_counter()
        answer = await wire.ask(*what)  # type: ignore[arg-type]
        self.took[kind].append((time.perf_counter() - start) * 1000)
        self.statuses[kind][answer[0]] += 1
        return answer

    @property
    def over(self) -> bool:
        return time.monotonic() > self.end


@dataclass
class Open:
    """One open page with its live parts. A browser keeps several connections: the pulse never waits behind a part."""

    load: Load
    made: Callable[[], Wire]
    path: str
    types: bool = False
    parts: list[dict[str, str]] = field(default_factory=list)
    wire: Wire = field(init=False)

    async def stand(self) -> None:
        self.wire = self.made()
        await asyncio.sleep(chance.uniform(0, 1) * OPENING)
        html = (await self.load.ask("page", self.wire, "GET", self.path, {"Accept": "text/html"}))[2]
        pulse, token = re.search(r'data-pulse="([^"]+)"', html), re.search(r'"X-CSRFToken": "([^"]+)"', html)
        self.parts = [dict(re.findall(r'data-(live[\w-]*)="([^"]*)"', tag)) for tag in re.findall(r"<[^>]*data-live=[^>]*>", html)]
        jobs = [self.beat(pulse[1])] if pulse else []
        if self.types and token:
            jobs.append(self.type(token[1]))
        await asyncio.gather(*jobs, *(self.look(part) for part in self.parts))

    async def beat(self, url: str) -> None:
        """The pulse, and whom it wakes."""
        wire, etag, seen = self.made(), "", set[str]()
        while not self.load.over:
            status, headers, body = await self.load.ask("pulse", wire, "GET", url, {"If-None-Match": etag} if etag else {})
            if status == 200:
                rows = {str(number): topics for number, topics, _age in json.loads(body)}
                topics = {topic for number in rows.keys() - seen for topic in rows[number]} if seen else set()
                seen, etag = set(rows), headers.get("etag", "")
                for part in self.parts:
                    wanted = set(part.get("live-on", "").split())
                    if topics and (not wanted or wanted & topics):
                        await self.ask_for(part)
            await asyncio.sleep(BEAT * chance.uniform(0.9, 1.1))

    async def look(self, part: dict[str, str]) -> None:
        """Once a minute, since time itself changes some."""
        while not self.load.over:
            await asyncio.sleep(min(QUIET * chance.uniform(0.1, 1.1), max(self.load.end - time.monotonic(), 0)))
            await self.ask_for(part)

    async def ask_for(self, part: dict[str, str]) -> None:
        headers = {"HX-Request": "true", "HX-Request-Type": "partial", "Accept": "text/html"}
        if part.get("live-etag"):
            headers["If-None-Match"] = unescape(part["live-etag"])
        async with self.wire.free:
            _status, got, _text = await self.load.ask("live part", self.wire, "GET", unescape(part["live"]), headers)
        part["live-etag"] = got.get("etag", "")

    async def type(self, token: str) -> None:
        """shared.js: what is typed is kept, once in three seconds."""
        key, text, wire = f"{self.path.strip('/').replace('/', '-')}-{id(self)}-say", "", self.made()
        headers = {"X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
        while not self.load.over:
            text += "顾客说保温杯漏水，"
            body = urlencode({"key": key, "values": json.dumps({"text": [text]})})
            await self.load.ask("draft", wire, "POST", "/drafts/", headers, body)
            await asyncio.sleep(PACE)


async def colleague(load: Load, wire: Wire, ticket: str) -> None:
    """Writes a note every few seconds: what every page hears of."""
    token = re.search(r'"X-CSRFToken": "([^"]+)"', (await wire.ask("GET", ticket, {"Accept": "text/html"}))[2])
    headers = {"X-CSRFToken": token[1] if token else "", "Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
    while not load.over:
        body = urlencode({"text": "已联系顺丰", "outcome": "note"})
        await load.ask("note", wire, "POST", f"{ticket}contact/", headers | {"Idempotency-Key": secrets.token_hex(8)}, body)
        await asyncio.sleep(NOTE)


def cpu() -> dict[str, float]:
    """Seconds that our server's processes have used so far, by program."""
    used: dict[str, float] = defaultdict(float)
    mark = "handover-ux-"
    for process in psutil.process_iter(["name", "cpu_times", "cmdline", "environ"]):
        above = process.parent()
        lines = [
            *(process.info["cmdline"] or ()),
            *(above.cmdline() if above else ()),
            (process.info["environ"] or {}).get("HANDOVER_VAR", ""),
        ]
        if any(mark in line for line in lines):  # a backend of PostgreSQL names its folder only in its parent's command
            times = process.info["cpu_times"]
            used["PostgreSQL" if "postgres" in process.info["name"] else "web and jobs"] += times.user + times.system
    return used


def measure(hand: Hand) -> None:
    """Print what so many open pages cost."""
    load, pages = Load(), laid_out(hand)
    first = cpu()
    with ThreadPoolExecutor(1) as apart:  # Playwright's own loop runs in this thread
        apart.submit(asyncio.run, run(load, pages)).result()
    print(f"   {len(pages)} pages, {TYPING} typed into, a note every {NOTE:.0f} s, for {SECONDS} s")
    print(f"   {'':<10}{'answers/s':>11}{'p50':>9}{'p95':>9}  statuses")
    for kind, took in load.took.items():
        ordered = sorted(took)
        p50, p95 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        print(f"   {kind:<10}{len(took) / SECONDS:>11.1f}{p50:>6.0f} ms{p95:>6.0f} ms  {dict(load.statuses[kind])}")
    for name, now in cpu().items():
        print(f"   {name}: {now - first[name]:.1f} s CPU, {(now - first[name]) / SECONDS:.0%} of a core")


def laid_out(hand: Hand) -> list[tuple[Callable[[], Wire], str]]:
    """Whose browser, and which path, for every page."""
    server, found = urlsplit(hand.host), []
    for who, paths in WHERE.items():
        context = hand.context(who, {})
        page = hand.page(context)
        cookie = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())
        made = partial(Wire, server.hostname or "", server.port or 80, cookie)
        tickets = re.findall(r"/tickets/(\d+)/", page.request.get(f"{hand.host}/tickets/?view=team").text())
        there = [path.format(ticket=tickets[turn % len(tickets)]) for turn in range(len(tickets)) for path in paths]
        found += [(made, there[turn % len(there)]) for turn in range(PAGES // len(WHERE))]
        context.close()
    return found


async def run(load: Load, pages: list[tuple[Callable[[], Wire], str]]) -> None:
    opened = [Open(load, made, path) for made, path in pages]
    for one in chance.sample(opened, TYPING):
        one.types = True
    talks = next(one for one in opened if re.fullmatch(r"/tickets/\d+/", one.path))
    load.end = time.monotonic() + SECONDS
    await asyncio.gather(colleague(load, talks.made(), talks.path), *(one.stand() for one in opened))
