"""Promises by whoever made and whoever kept them, and what they were in the period before: known answers, and any history by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest

from handover.report import counting
from handover.report.measures import REPORTS
from tests.cast import make_cast, make_customer
from tests.handover.report.history import History, by_hand
from tickets.ticket import actions as tickets
from tickets.ticket.models import Promise

pytestmark = pytest.mark.django_db
VIEW = "?from=2024-11-16&to=2024-11-22"
OLD, NEW = (datetime(2024, 11, day, 4, tzinfo=UTC) for day in (12, 20))


@pytest.fixture
def cast():
    """The week before Bob made four: he kept one and Carol one in time, two broke in his hands. This week he made three, which Carol kept,
    two in time and one late; and Carol made one and broke it."""
    cast = make_cast()
    ticket = tickets.open_ticket(by=cast.bob, customer=make_customer(cast.team), subject="Leaks", at=OLD)

    def promise(by, at, ends, who):
        made = tickets.promise(ticket, by=by, text="call", due_at=at + timedelta(hours=2), at=at)
        closed = {"broken_at": at + timedelta(hours=2)}
        if ends != "broken":
            closed = {"closed_at": at + timedelta(hours=1 if ends == "kept" else 3), "closed_by": who}
        Promise.objects.filter(pk=made.pk).update(status="broken" if ends == "broken" else "kept", owner=who, **closed)

    for ends, who in (("kept", cast.bob), ("kept", cast.carol), ("broken", cast.bob), ("broken", cast.bob)):
        promise(cast.bob, OLD, ends, who)
    for ends in ("kept", "kept", "late"):
        promise(cast.bob, NEW, ends, cast.carol)
    promise(cast.carol, NEW, "broken", cast.carol)
    counting.count_stale()
    return cast


def rows(client, by, view=VIEW):
    """Member → figure → (counted, of, value, before, change)."""
    told = client.get(f"/api/v1/reports/promises/{view}&by={by}").json()["rows"]
    names = ("numerator", "denominator", "value", "before", "change")
    return {row["label"]: {c["measure"]: tuple(c[name] for name in names) for c in row["cells"]} for row in told}


def test_known_answers_by_who_kept_and_by_who_made_them(client, cast):
    client.force_login(cast.alice.user)
    kept, made = rows(client, "member"), rows(client, "maker")
    assert kept["Carol"]["kept"] == ("2", "4", "0.5", "1", "-0.5") and kept["Carol"]["late"] == ("1", None, "1", "0", "1")
    assert kept["Carol"]["broken"] == ("1", None, "1", "0", "1")
    assert kept["Bob"]["kept"] == ("0", "0", None, "0.333333", None) and kept["Bob"]["broken"] == ("0", None, "0", "2", "-2")
    assert made["Bob"]["kept"] == ("2", "3", "0.666667", "0.5", "0.166667") and made["Bob"]["broken"] == ("0", None, "0", "2", "-2")
    assert made["Carol"]["kept"] == ("0", "1", "0", None, None)


def test_the_page_says_how_it_changed(client, cast):
    client.force_login(cast.alice.user)
    page = unescape(client.get(f"/reports/promises/{VIEW}").content.decode())
    assert "Kept in time 50.0 % from Sat 16 Nov 2024 to Fri 22 Nov 2024, as before." in page
    page = unescape(client.get(f"/reports/promises/{VIEW}&by=maker&member={cast.bob.pk}").content.decode())
    assert "Kept in time 66.7 % from Sat 16 Nov 2024 to Fri 22 Nov 2024, up from 50.0 %." in page


FIRST, LAST, AFTER = "from=2026-10-01&to=2026-10-15", "from=2026-10-16&to=2026-10-30", date(2026, 10, 16)


@pytest.mark.parametrize("seed", range(3))
def test_d3_what_it_was_is_what_the_period_before_says_in_every_report_and_breakdown(client, seed):
    cast = make_cast()
    history = History(cast, seed)
    for _step in range(90):
        history.step()
    counting.count_stale()
    client.force_login(cast.alice.user)
    compared = 0
    for report in REPORTS.values():
        for by in report.bys:
            was, now = (read(client, report.name, f"{period}&by={by}&all=1") for period in (FIRST, LAST))
            for key in now.keys() & was.keys():
                for measure, cell in now[key].items():
                    assert cell["before"] == was[key][measure]["value"], (report.name, by, key, measure)
                    compared += cell["before"] is not None
    assert compared > 200


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("by", "fact"), [("member", "promises"), ("maker", "made")])
def test_d3_kept_late_and_broken_by_hand(client, seed, by, fact):
    cast = make_cast()
    history = History(cast, seed)
    for _step in range(90):
        history.step()
    counting.count_stale()
    client.force_login(cast.alice.user)
    told = {
        key: {m: int(cell["numerator"]) for m, cell in cells.items()}
        for key, cells in read(client, "promises", f"{LAST}&by={by}&all=1").items()
    }
    by_hand_now = {}
    for (day, _shop, _product, _reason, who, mark), n in by_hand(cast)[fact].items():
        if AFTER <= day <= AFTER + timedelta(days=14):
            cells = by_hand_now.setdefault(str(who), {})
            cells[mark] = cells.get(mark, 0) + n
    assert by_hand_now
    for who, cells in by_hand_now.items():
        assert {mark: n for mark, n in told[who].items() if n} == cells, who


def read(client, name, address):
    """Row (None: the whole) → figure → cell."""
    told = client.get(f"/api/v1/reports/{name}/?{address}").json()
    rows = [(None, told["total"]), *((row["key"], row["cells"]) for row in told["rows"])]
    return {key: {cell["measure"]: cell for cell in cells} for key, cells in rows}
