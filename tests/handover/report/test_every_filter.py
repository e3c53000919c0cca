"""Every report × every filter, from the registry: where the filter has a meaning it narrows figure, denominator, chart, breakdown, file and
rows alike; where it has none, the page says so and nothing changes. The demo team is the scene: something of everything happened there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from handover.report import counting, queries
from handover.report.building import FILTERS
from handover.report.measures import BY_WORDS, REPORTS, Count, Measure, Report
from tickets.people.models import Member, Team

pytestmark = pytest.mark.django_db
PERIOD = "window=60d"


@dataclass(frozen=True)
class Pair:
    """One cell of the table."""

    report: Report
    word: str
    client: Client

    def get(self, path: str = "", **more: Any) -> Any:
        address = "&".join([PERIOD, *(f"{name}={value}" for name, value in more.items())])
        return self.client.get(f"/api/v1/reports/{self.report.name}/{path}?{address}").json()

    def lines(self, path: str, **more: Any) -> list[list[str]]:
        address = "&".join([PERIOD, "format=csv", *(f"{name}={value}" for name, value in more.items())])
        answer = self.client.get(f"/reports/{self.report.name}/{path}?{address}")
        assert answer.status_code == 200, (self.report.name, path, more)
        return list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))[1:]

    def page(self, **more: Any) -> str:
        address = "&".join([PERIOD, *(f"{name}={value}" for name, value in more.items())])
        return unescape(self.client.get(f"/reports/{self.report.name}/?{address}").content.decode())

    def knows(self, count: Count) -> bool:
        return queries.knows(queries.fact_for(count.fact, {self.word}), self.word)


def pairs(client: Client) -> Iterator[Pair]:
    for report in REPORTS.values():
        for word in FILTERS:
            yield Pair(report, word, client)


@pytest.mark.slow
def test_d3_the_table_of_reports_and_filters(client: Client) -> None:
    call_command("demo", verbosity=0)
    counting.count_stale()
    assert counting.recount(Team.objects.get(slug="demo"), write=False) == {}
    client.force_login(Member.objects.get(user__username="manager", team__slug="demo").user)
    table = {(pair.report.name, pair.word): walk(pair) for pair in pairs(client)}
    assert len(table) == len(REPORTS) * len(FILTERS)
    narrowed = {name for name, _word in table if table[(name, _word)] == "narrows"}
    assert narrowed == set(REPORTS), "something of every report was narrowed by something"
    assert {word for (_name, word), told in table.items() if told == "narrows"} == set(FILTERS)


def walk(pair: Pair) -> str:
    """What the filter does to the report: `narrows`, or `says so` where it cannot. Asserts that it does it everywhere alike."""
    value = some_value(pair)
    page = pair.page(**{pair.word: value})
    word = str(BY_WORDS[pair.word])
    total = {cell["measure"]: cell for cell in pair.get(**{pair.word: value})["total"]}
    whole = {cell["measure"]: cell for cell in pair.get()["total"]}
    knowing = [m for m in pair.report.measures if pair.knows(m.top)]
    for measure in pair.report.measures:
        if measure not in knowing:
            assert total[measure.code]["numerator"] == whole[measure.code]["numerator"]
            assert f"Not narrowed by {word}" in page
    if pair.word not in pair.report.bys:
        assert "Neither narrowed nor broken down by" in page
    for measure in knowing:
        narrows(pair, measure, value, total[measure.code], whole[measure.code], page)
    if not knowing:
        return "says so"
    charted(pair, knowing[0], value, total[knowing[0].code])
    return "narrows" if any(Decimal(total[m.code]["numerator"]) for m in knowing) else "has nothing"


def some_value(pair: Pair) -> str:
    """What most of the report's rows say of this dimension; else of another report's."""
    for report in (pair.report, *REPORTS.values()):
        if pair.word in report.bys:
            for row in Pair(report, pair.word, pair.client).get(by=pair.word, all=1)["rows"]:
                if row["key"] not in ("", "0") and Decimal(row["cells"][0]["numerator"]):
                    return str(row["key"])
    raise AssertionError(f"nothing is told apart by {pair.word}")


def narrows(pair: Pair, measure: Measure, value: str, cell: dict, whole: dict, page: str) -> None:
    where = (pair.report.name, pair.word, measure.code)
    if pair.word in pair.report.bys and pair.word not in pair.report.only:
        row = next((row for row in pair.get(by=pair.word, all=1)["rows"] if row["key"] == value), None)
        broken = {c["measure"]: c for c in row["cells"]}[measure.code] if row else {"numerator": "0"}
        assert broken["numerator"] == cell["numerator"], where
    assert opened(pair, measure, "top", value) == Decimal(cell["numerator"]), where
    if measure.bottom is None:
        return
    assert opened(pair, measure, "bottom", value) == Decimal(cell["denominator"]), where
    if not pair.knows(measure.bottom):
        assert cell["denominator"] == whole["denominator"], where
        assert f"{BY_WORDS[pair.word]} narrows what is counted, not what it is a share of: " in page, where
        assert str(measure.label) in page.split("not what it is a share of: ")[1].split("<")[0], where


def opened(pair: Pair, measure: Measure, part: str, value: str) -> Decimal:
    """What the rows behind the figure add up to."""
    rows = pair.lines("rows/", measure=measure.code, part=part, **{pair.word: value})
    count = measure.top if part == "top" else measure.bottom
    assert count is not None
    return sum((Decimal(row[5]) for row in rows), Decimal(0)) if count.amount else Decimal(len(rows))


def charted(pair: Pair, measure: Measure, value: str, cell: dict) -> None:
    """The chart's points, the breakdown's file and the figure are of the same view."""
    told = pair.get(chart=measure.code, **{pair.word: value})
    first = told["from"]
    inside = [point for point in told["points"] if point["from"] >= first]
    assert sum(Decimal(str(point["numerator"])) for point in inside) == pytest.approx(Decimal(cell["numerator"])), (
        pair.report.name,
        pair.word,
    )
    points = [row for row in pair.lines("", panel="points", chart=measure.code, **{pair.word: value}) if row[0] >= first]
    assert len(points) == len(inside)
    rows = pair.get(by=pair.report.bys[0], all=1, **{pair.word: value})["rows"]
    lines = pair.lines("", panel="by", by=pair.report.bys[0], all=1, **{pair.word: value})
    assert [line[0].removeprefix("'") for line in lines] == [row["label"] for row in rows]
