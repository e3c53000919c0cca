"""Who it takes: Erlang C against its definition and a published example; the heat map against a count by hand."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from math import exp, factorial

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from handover.duty.models import Duty
from handover.report import counting, erlang
from tests.cast import make_cast, make_customer
from tickets.activity.models import Activity
from tickets.people.models import Team
from tickets.ticket import actions


def by_definition(load: float, people: int) -> float:
    last = load**people / factorial(people) * people / (people - load)
    return last / (sum(load**k / factorial(k) for k in range(people)) + last)


@given(st.floats(0.1, 40), st.integers(1, 20))
def test_the_recursion_is_the_definition(load, more):
    people = int(load) + more
    assert erlang.waits(load, people) == pytest.approx(by_definition(load, people), rel=1e-9)


def test_a_published_example():
    """200 calls an hour of 3 minutes are 10 erlangs; 14 people: 17.4 % wait, 88.8 % are answered within 20 s."""
    assert erlang.waits(10, 14) == pytest.approx(0.174, abs=0.0005)
    assert erlang.answered_within(10, 14, 20, 180) == pytest.approx(1 - 0.1741 * exp(-4 * 20 / 180), abs=0.0005)
    assert erlang.people_needed(200, handling=180, seconds=20, share=0.8) == 14


@given(st.floats(0, 3000), st.floats(0.5, 0.95))
def test_the_answer_suffices_and_one_less_does_not(per_hour, share):
    people = erlang.people_needed(per_hour, handling=120, seconds=20, share=share)
    load = per_hour * 120 / 3600
    if people:
        assert erlang.answered_within(load, people, 20, 120) >= share
        assert people == 1 or erlang.answered_within(load, people - 1, 20, 120) < share
    else:
        assert load == 0


@pytest.fixture
def cast(db):
    return make_cast()


@time_machine.travel(datetime(2026, 11, 22, 4, tzinfo=UTC))
def test_the_heat_map_counts_contacts_and_people(client, cast):
    tuesday = datetime(2026, 11, 17, 6, 10, tzinfo=UTC)  # 14:10 in Shanghai
    ticket = actions.open_ticket(by=cast.bob, customer=make_customer(cast.team), subject="Leaks", at=tuesday)
    for minute in range(8):
        actions.contact(ticket, by=cast.bob, text="answered", outcome="answered", at=tuesday + timedelta(minutes=minute + 1))
    start = tuesday - timedelta(minutes=40)  # 13:30 to 15:00: half an hour, then a whole one
    Duty.objects.create(
        team=cast.team, member=cast.bob, started_at=start, started_by=cast.bob, lapses_at=start + timedelta(hours=9),
        ended_at=start + timedelta(minutes=90), ended_by=cast.bob, end="signed",
    )  # fmt: skip
    counting.count_stale()
    client.force_login(cast.alice.user)
    body = b"".join(client.get("/reports/pressure/?window=7d&format=csv")).decode("utf-8-sig").splitlines()
    rows = {tuple(line.split(",")[:2]): [float(v) for v in line.split(",")[2:]] for line in body[1:]}
    assert len(rows) == 168
    day = next(name for name, hour in rows if rows[(name, hour)][0])
    told = Activity.objects.filter(code="ticket.contacted", at__hour=6).count()
    assert told >= 8 and rows[(day, "14")][:3] == [told, 1, 1]
    assert rows[(day, "13")] == [0, 0, 0.5, 0]
    assert sum(row[0] for row in rows.values()) == rows[(day, "14")][0]
    assert client.get("/reports/pressure/").status_code == 200


@pytest.mark.parametrize(("who", "status"), [("alice", 200), ("olga", 200), ("bob", 403), ("mallory", 200)])
def test_a1_managers_and_operations_see_it(client, cast, who, status):
    client.force_login(getattr(cast, who).user)
    assert client.get("/reports/pressure/").status_code == status
    assert client.get("/api/v1/reports/pressure/").status_code == status


@pytest.mark.parametrize("address", ["?share=100", "?seconds=0", "?minutes=x", "?at_once=-1", "?by=hour"])
def test_what_makes_no_sense_is_refused(client, cast, address):
    client.force_login(cast.alice.user)
    assert client.get(f"/reports/pressure/{address}").status_code == 400


@time_machine.travel(datetime(2026, 11, 22, 4, tzinfo=UTC))
def test_it_is_narrowed_by_shop_channel_and_member_from_roll_up_and_rows_alike(client, cast):
    tuesday = datetime(2026, 11, 17, 6, 10, tzinfo=UTC)  # 14:10 in Shanghai
    customer = make_customer(cast.team)
    for place, (by, channel) in enumerate([(cast.bob, "chat"), (cast.bob, "phone"), (cast.carol, "chat")]):
        ticket = actions.open_ticket(
            by=by, customer=customer, subject=f"Leaks {place}", channel=channel, shop=cast.shop, at=tuesday + timedelta(minutes=place)
        )
        actions.contact(ticket, by=by, text="answered", outcome="answered", at=tuesday + timedelta(minutes=5 + place))
    counting.count_stale()
    client.force_login(cast.alice.user)

    def contacts(address):
        hours = client.get(f"/api/v1/reports/pressure/?window=7d{address}").json()["hours"]
        return next(h["contacts"] for h in hours if (h["weekday"], h["hour"]) == (2, 14)), sum(h["contacts"] for h in hours)

    every, shop, bob = "", f"&shop={cast.shop.pk}", f"&member={cast.bob.pk}"
    expected = {every: 3, shop: 3, bob: 2, "&channel=chat": 2, shop + bob: 2, shop + bob + "&channel=phone": 1, "&platform=jd": 0}
    assert {address: contacts(address) for address in expected} == {address: (n, n) for address, n in expected.items()}
    page = client.get(f"/reports/pressure/?window=7d{bob}&channel=chat&share=90")
    assert "channel=chat" in page.content.decode() and "share=90" in page.content.decode(), "the file is of the same view"
    assert client.get("/reports/pressure/?channel=smoke").status_code == 400


@time_machine.travel(datetime(2026, 11, 22, 4, tzinfo=UTC))
def test_an_hour_opens_exactly_its_contacts(client, cast):
    tuesday = datetime(2026, 11, 17, 6, 10, tzinfo=UTC)  # 14:10 in Shanghai
    ticket = actions.open_ticket(
        by=cast.bob, customer=make_customer(cast.team), subject="Leaks", channel="chat", shop=cast.shop, at=tuesday
    )
    for minutes in (5, 20, 70):  # the last one after three o'clock
        ticket = actions.contact(ticket, by=cast.bob, text="answered", outcome="answered", at=tuesday + timedelta(minutes=minutes))
    counting.count_stale()
    client.force_login(cast.alice.user)
    html = client.get("/reports/pressure/?window=7d&channel=chat").content.decode()
    cells = [href.replace("&amp;", "&") for href in re.findall(r'<a href="(/reports/pressure/rows/[^"]+hour=\d+)">', html)]
    told = [int(re.search(r"Exactly the (\d+) row", client.get(href).content.decode()).group(1)) for href in cells]
    assert told == [2, 1], "14:00 and 15:00, no other hour is a link"
    assert len(b"".join(client.get(cells[0] + "&format=csv")).decode().splitlines()) == 3
    assert client.get(cells[0].replace("hour=14", "hour=24")).status_code == 400
    client.force_login(cast.bob.user)
    assert client.get(cells[0]).status_code == 403


@pytest.mark.parametrize(("zone", "sunday"), [("Asia/Shanghai", 15), ("America/New_York", 1), ("Australia/Lord_Howe", 1)])
def test_d3_people_on_duty_open_who_they_were_and_the_minutes_add_up(client, cast, zone, sunday):
    """Also in the nights of 2026 in which New York's clock goes back, and across midnight: minutes ÷ 60 ÷ days is the figure."""
    Team.objects.filter(pk=cast.team.pk).update(time_zone=zone)
    night = datetime(2026, 11, sunday, 3, 20, tzinfo=UTC) - timedelta(hours=4)
    for hours, member in ((9, cast.bob), (5, cast.carol), (3, cast.alice)):  # Alice manages: she serves nobody
        Duty.objects.create(
            team=cast.team, member=member, started_at=night, started_by=member, lapses_at=night + timedelta(hours=hours),
            ended_at=night + timedelta(hours=hours), ended_by=member, end="signed",
        )  # fmt: skip
    counting.count_stale()
    client.force_login(cast.alice.user)
    view = f"from=2026-10-{25 + sunday if sunday < 7 else 25}&to=2026-11-20"
    html = client.get(f"/reports/pressure/?{view}").content.decode()
    hours = {(h["weekday"], h["hour"]): h["present"] for h in client.get(f"/api/v1/reports/pressure/?{view}").json()["hours"]}
    opened = {}
    for href in re.findall(r'<a href="(/reports/pressure/rows/[^"]+of=people)">', html):
        asked = dict(part.split("=") for part in href.replace("&amp;", "&").split("?")[1].split("&"))
        first, last = (datetime.fromisoformat(asked[name]) for name in ("from", "to"))
        days = sum((first + timedelta(days=n)).isoweekday() == int(asked["weekday"]) for n in range((last - first).days + 1))
        rows = list(csv.reader(io.StringIO(b"".join(client.get(href.replace("&amp;", "&") + "&format=csv")).decode("utf-8-sig"))))[1:]
        assert {row[3] for row in rows} <= {"Bob", "Carol"}
        opened[(int(asked["weekday"]), int(asked["hour"]))] = sum(float(row[5]) for row in rows) / 60 / days
    assert opened == {place: pytest.approx(present, abs=0.001) for place, present in hours.items() if present}
    assert sum(opened.values()) > 1


@time_machine.travel(datetime(2026, 11, 22, 4, tzinfo=UTC))
def test_a_channel_narrows_figures_chart_breakdown_file_and_rows_alike(client, cast):
    at = datetime(2026, 11, 17, 6, 10, tzinfo=UTC)
    for place, channel in enumerate(["chat", "phone", "chat"]):
        actions.open_ticket(
            by=cast.bob, customer=make_customer(cast.team, handle=f"c{place}"), subject="Leaks", channel=channel, shop=cast.shop, at=at
        )
    counting.count_stale()
    client.force_login(cast.alice.user)
    for channel, n in (("chat", 2), ("phone", 1), ("email", 0)):
        view = f"?channel={channel}&by=shop&chart=tickets"
        told = client.get(f"/api/v1/reports/pressure/{view}").json()
        assert {cell["measure"]: cell["value"] for cell in told["total"]}["tickets"] == str(n)
        assert sum(point["numerator"] for point in told["points"]) == n
        assert [row["cells"][1]["value"] for row in told["rows"]] == [str(n)] * bool(n)
        table = b"".join(client.get(f"/reports/pressure/{view}&panel=by&format=csv")).decode("utf-8-sig").splitlines()
        assert [line.split(",")[-1] for line in table[1:]] == [str(n)] * bool(n)
        assert f"Exactly the {n} row" in client.get(f"/reports/pressure/rows/{view}&measure=tickets").content.decode()


def test_a_breakdown_by_product_says_what_it_cannot_tell_apart(client, cast):
    client.force_login(cast.alice.user)
    assert "Not narrowed by Product: Contacts" in client.get("/reports/pressure/?product=Pot").content.decode()
    told = client.get("/api/v1/reports/pressure/?by=product").json()
    assert [cell["measure"] for cell in told["total"]] == ["tickets"], "contacts do not know the product"
