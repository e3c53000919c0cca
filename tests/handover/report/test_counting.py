"""D3, D4: every figure equals a recount from the rows, whatever happened, in whatever order it became known."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from handover.report import counting, queries
from handover.report.asking import read
from handover.report.building import build
from handover.report.facts import DIMS, FACTS, mask
from handover.report.measures import REPORTS
from handover.report.models import Figure, StaleDay, StaleRow
from tests.cast import make_cast
from tests.handover.report.history import START, History, by_hand
from tickets.order.models import Order, OrderLine
from tickets.people.models import Team
from tickets.ticket import actions

pytestmark = pytest.mark.django_db
PLACES = ("shop", "item", "reason", "member")
TODAY = date(2026, 11, 21)


def told(cast, history: History, steps: int) -> None:
    """Play; now and then the figures are brought up to date in between, so that later steps correct what was counted."""
    for _number in range(steps):
        history.step()
        if history.random.random() < 0.1:
            counting.count_stale()
    counting.count_stale()


@pytest.mark.parametrize("seed", range(6))
def test_d3_every_cell_equals_a_count_by_hand(seed):
    cast = make_cast()
    told(cast, History(cast, seed), 90)
    for fact, expected in by_hand(cast).items():
        dims = [dim for dim in PLACES if dim in FACTS[fact].dims]
        for chosen in [(), *[(dim,) for dim in dims], *[(a, b) for place, a in enumerate(dims) for b in dims[place + 1 :]]]:
            assert stored(cast, fact, chosen, "d") == rolled(expected, chosen), (fact, chosen)
            assert stored(cast, fact, chosen, "m") == rolled(expected, chosen, month=True), (fact, chosen)
    assert counting.recount(cast.team, write=False) == {}
    assert not StaleDay.objects.exists()


def stored(cast, fact, dims, grain) -> Counter:
    rows = Figure.objects.filter(team=cast.team, fact=fact, grain=grain, cut=mask(frozenset(dims)))
    found = Counter()
    for row in rows:
        found[(row.day, *(getattr(row, dim) for dim in dims), row.mark)] += row.n
    return found


def rolled(expected: Counter, dims, month=False) -> Counter:
    found = Counter()
    for (day, *places, mark_), n in expected.items():
        where = dict(zip(PLACES, places, strict=True))
        found[(day.replace(day=1) if month else day, *(where[dim] for dim in dims), mark_)] += n
    return found


@pytest.mark.parametrize("seed", range(3))
def test_d3_a_figure_opens_exactly_the_rows_it_counts(seed):
    cast = make_cast()
    history = History(cast, 100 + seed)
    told(cast, history, 70)
    looked = 0
    for report in REPORTS.values():
        for by in report.bys:
            asked = read({"by": by, "from": "2026-09-25", "to": "2026-11-19"}, cast.alice, bys=report.bys, today=TODAY, own=False)
            built = build(report, asked)
            for row in built.rows:
                for cell in row.cells:
                    if cell.value is None or cell.measure.top.amount:
                        continue
                    narrowed = narrow(asked, cell.measure.top, by, row.key, cast)
                    rows = list(queries.every_behind(asked, cell.measure.top, narrowed, "", step=7))
                    assert len(rows) == cell.top, (report.name, by, row.label, cell.measure.code)
                    looked += bool(rows)
    assert looked > 50


def narrow(asked, count, by, key, cast):
    from handover.report.row_views import _narrowed

    return _narrowed(asked, count, str(key), False)


def test_d3_filters_of_three_dimensions_are_counted_from_the_rows_and_agree():
    cast = make_cast()
    history = History(cast, 7)
    told(cast, history, 80)
    report = REPORTS["complaint-rate"]
    values = {"from": "2026-09-01", "to": "2026-11-20", "by": "product"}
    two = read({**values, "shop": str(cast.shop.pk)}, cast.alice, bys=report.bys, today=TODAY, own=False)
    three = read({**values, "shop": str(cast.shop.pk), "member": str(cast.bob.pk)}, cast.alice, bys=report.bys, today=TODAY, own=False)
    span = [(three.first, three.last)]
    live = queries.cells(three, "orders", "item", span)[0]
    assert sum(n for n, _amount in live.values()) == Order.objects.filter(shop=cast.shop, sold_by=cast.bob, paid_at__isnull=False).count()
    assert sum(n for n, _a in queries.cells(two, "orders", "item", span)[0].values()) >= sum(n for n, _a in live.values())


def paid(team, shop, at: str, number: str) -> Order:
    local = datetime.fromisoformat(at).replace(tzinfo=team.zone)
    return Order.objects.create(
        team=team, shop=shop, number=number, paid_at=local.astimezone(UTC), paid=1, created_at=START, updated_at=START
    )


def test_d4_a_day_is_a_day_of_the_teams_zone_also_when_it_has_25_or_23_hours():
    cast = make_cast()
    Team.objects.filter(pk=cast.team.pk).update(time_zone="America/New_York")
    cast.team.refresh_from_db()
    for number, at in enumerate(
        ["2026-10-31T23:59:59", "2026-11-01T00:00:00", "2026-11-01T23:59:59", "2026-11-02T00:00:00", "2026-03-08T00:00", "2026-03-08T23:59"]
    ):
        paid(cast.team, cast.shop, at, str(number))
    counting.count_stale()
    days = dict(Figure.objects.filter(team=cast.team, fact="orders", grain="d", cut=0).values_list("day", "n"))
    assert days == {date(2026, 10, 31): 1, date(2026, 11, 1): 2, date(2026, 11, 2): 1, date(2026, 3, 8): 2}
    months = dict(Figure.objects.filter(team=cast.team, fact="orders", grain="m", cut=0).values_list("day", "n"))
    assert months == {date(2026, 10, 1): 1, date(2026, 11, 1): 3, date(2026, 3, 1): 2}


def test_d4_another_time_zone_moves_every_day():
    cast = make_cast()
    paid(cast.team, cast.shop, "2026-11-01T03:00", "1")
    counting.count_stale()
    Team.objects.filter(pk=cast.team.pk).update(time_zone="America/New_York")
    assert StaleDay.objects.filter(day=None).exists()
    counting.count_stale()
    assert list(Figure.objects.filter(fact="orders", grain="d", cut=0).values_list("day", "n")) == [(date(2026, 10, 31), 1)]


def test_what_leaves_a_day_is_taken_from_it():
    cast = make_cast()
    order = paid(cast.team, cast.shop, "2026-11-01T03:00", "1")
    counting.count_stale()
    order.paid_at += timedelta(days=40)
    order.save()
    counting.count_stale()
    assert list(Figure.objects.filter(fact="orders", cut=0).order_by("grain").values_list("grain", "day")) == [
        ("d", date(2026, 12, 11)),
        ("m", date(2026, 12, 1)),
    ]


def test_a_day_becomes_stale_with_the_change_or_not_at_all():
    cast = make_cast()
    with pytest.raises(RuntimeError), transaction.atomic():
        paid(cast.team, cast.shop, "2026-11-01T03:00", "1")
        assert StaleDay.objects.exists()
        raise RuntimeError
    assert not StaleDay.objects.exists()


def test_what_changes_no_figure_makes_no_day_stale():
    cast = make_cast()
    order = paid(cast.team, cast.shop, "2026-11-01T03:00", "1")
    counting.count_stale()
    Order.objects.filter(pk=order.pk).update(memo="call before noon", updated_at=START + timedelta(days=1))
    assert not StaleDay.objects.exists()


def test_a_failed_count_leaves_the_old_figures_and_the_marks(monkeypatch):
    cast = make_cast()
    paid(cast.team, cast.shop, "2026-11-01T03:00", "1")
    counting.count_stale()
    before = list(Figure.objects.order_by("id").values_list())
    paid(cast.team, cast.shop, "2026-11-01T04:00", "2")
    right = counting.days_sql
    broken = right(FACTS["refunds"]).replace("sum(x.n)", "sum(x.n / 0)").replace("o.refunded > 0", "true")
    monkeypatch.setattr(counting, "days_sql", lambda fact: broken if fact.code == "refunds" else right(fact))
    with pytest.raises(Exception, match="division by zero"), transaction.atomic():
        counting.count_stale()
    with pytest.raises(Exception, match="division by zero"), transaction.atomic():
        counting.recount(cast.team)
    assert list(Figure.objects.order_by("id").values_list()) == before
    assert StaleDay.objects.exists()
    monkeypatch.setattr(counting, "days_sql", right)
    counting.count_stale()
    assert Figure.objects.get(fact="orders", grain="d", cut=0).n == 2


def test_recount_finds_what_was_tampered_with_and_puts_it_right(capsys):
    cast = make_cast()
    for number in range(5):
        paid(cast.team, cast.shop, f"2026-11-0{number + 1}T03:00", str(number))
    counting.count_stale()
    call_command("recount", team="lotus", check=True)
    assert "equal" in capsys.readouterr().out
    Figure.objects.filter(fact="orders", grain="d", cut=0, day=date(2026, 11, 2)).update(n=99)
    with pytest.raises(CommandError, match="from the rows: 1"):
        call_command("recount", team="lotus", check=True)
    call_command("recount", team="lotus")
    assert "equal now" in capsys.readouterr().out
    assert Figure.objects.get(fact="orders", grain="d", cut=0, day=date(2026, 11, 2)).n == 1


def test_every_cut_of_every_fact_has_its_place():
    assert len({mask((dim,)) for dim in DIMS}) == len(DIMS)
    for fact in FACTS.values():
        assert set(fact.dims) <= set(DIMS)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT * FROM ({fact.sql}) x LIMIT 0",
                {"team": 1, "start": START, "end": START, "zone": "UTC"},
            )
            names = [column.name for column in cursor.description]
        assert names == ["id", "at", "shop", "item", "reason", "member", "shift", "mark", "currency", "n", "amount"], fact.code


def test_d3_an_order_paid_later_moves_the_complaint_of_its_ticket_to_its_own_day():
    """A complaint about two orders is counted with the first of them that is paid: which one that is may change with either."""
    cast = make_cast()
    history = History(cast, 1)
    first, second = history.order(), history.order()
    Order.objects.filter(pk=first.pk).update(paid_at=None)
    Order.objects.filter(pk=second.pk).update(paid_at=START + timedelta(days=9))
    actions.open_ticket(
        by=cast.bob, customer=history.customers[0], subject="Leaks", at=START + timedelta(days=10), orders=[first, second],
        complaint="dispute",
    )  # fmt: skip
    counting.count_stale()
    assert days_of(cast, "cohort") == [(START + timedelta(days=9)).astimezone(cast.team.zone).date()]
    Order.objects.filter(pk=first.pk).update(paid_at=START + timedelta(days=3))
    counting.count_stale()
    assert days_of(cast, "cohort") == [(START + timedelta(days=3)).astimezone(cast.team.zone).date()]
    assert counting.recount(cast.team, write=False) == {}


def days_of(cast, fact: str) -> list[date]:
    return list(Figure.objects.filter(team=cast.team, fact=fact, grain="d", cut=0).order_by("day").values_list("day", flat=True))


def test_what_a_change_does_not_touch_is_not_counted_anew():
    """A note on an order, a ticket's next action: no figure knows of them."""
    cast = make_cast()
    history = History(cast, 2)
    order = history.order()
    ticket = actions.open_ticket(by=cast.bob, customer=history.customers[0], subject="Leaks", orders=[order])
    counting.count_stale()
    Order.objects.update(memo="call first", status_text="sent")
    type(ticket).objects.update(next_action="call back")
    assert not StaleDay.objects.exists() and not StaleRow.objects.exists()
    OrderLine.objects.create(order=order, key="9", title="Lid", price=900)
    assert StaleRow.objects.get().ids == [order.pk]
    asked = read({}, cast.alice, bys=("product",), today=TODAY, own=False)
    assert queries.pending(asked.member.team) == 1
    counting.count_stale()
    assert not StaleRow.objects.exists() and queries.pending(cast.team) == 0
