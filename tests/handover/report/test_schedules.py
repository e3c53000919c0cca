"""Reports that are sent by themselves: at the team's hour, once, each reader what that reader may read."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction

from handover.message.actions import deliver
from handover.message.models import Message
from handover.report import counting, schedules
from handover.report.models import Schedule, Sending
from tests.cast import make_cast, make_customer
from tickets.activity.models import Activity
from tickets.order.models import Order
from tickets.ticket import actions as tickets
from tickets.web.refusals import Refused

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # a Friday, 10:00 in Shanghai
SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


@pytest.fixture
def cast(db):
    cast = make_cast()
    for number in range(10):
        at = NOW - timedelta(days=3)
        seller = cast.bob if number < 4 else cast.carol
        order = Order.objects.create(
            team=cast.team, shop=cast.shop, number=f"N{number}", paid_at=at, paid=10, created_at=at, updated_at=at, sold_by=seller
        )
        if number in (3, 4):
            customer = make_customer(cast.team, handle=f"tb_{number}")
            tickets.open_ticket(by=cast.bob, customer=customer, subject="Leaks", at=at, orders=[order], complaint="dispute")
    counting.count_stale()
    return cast


def weekly(cast, **changes):
    given = {"report": "complaint-rate", "query": "?by=shop&window=7d", "every": "week", "hour": 8, "weekday": 1, "members": [cast.alice]}
    return schedules.schedule(by=cast.alice, at=NOW, **(given | changes))


def test_it_is_sent_at_the_teams_hour_with_table_and_address(cast):
    weekly(cast)
    monday = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai
    assert schedules.send_due(monday - timedelta(minutes=1)) == 0
    assert schedules.send_due(monday) == 1
    assert schedules.send_due(monday + timedelta(hours=5)) == 0, "once for the week"
    deliver(monday)
    letter = next(sent for sent in mail.outbox if "2026" in sent.subject)
    assert letter.to == ["alice@example.com"] and "2026-11-16 – 2026-11-22" in letter.subject
    query = parse_qs(urlsplit(next(line for line in letter.body.splitlines() if line.startswith("http"))).query)
    assert query == {"by": ["shop"], "from": ["2026-11-16"], "to": ["2026-11-22"]}
    ((name, content, kind),) = [tuple(a) for a in letter.attachments]
    assert name == "complaint-rate-2026-11-16-2026-11-22.csv" and kind == "text/csv"
    assert "Lotus Kitchen" in (content if isinstance(content, str) else content.decode("utf-8-sig"))


def test_each_reader_gets_what_that_reader_may_read(cast):
    weekly(cast, members=[cast.alice, cast.bob], query=f"by=member&member={cast.carol.pk}")
    at = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    schedules.send_due(at)
    by_reader = {
        m.member_id: schedules.words_of_report(m) for m in Message.objects.filter(code="report.ready").select_related("member__team")
    }
    files = {pk: words.files[0][2].decode("utf-8-sig") for pk, words in by_reader.items()}
    assert "Carol" in files[cast.alice.pk] and "Bob" not in files[cast.alice.pk]
    assert "Bob" in files[cast.bob.pk] and "Carol" not in files[cast.bob.pk]


def test_a_standstill_is_made_up_for_once(cast):
    weekly(cast, every="day")
    assert schedules.send_due(NOW + timedelta(days=9)) == 1
    assert [row.day for row in Sending.objects.all()] == [date(2026, 11, 29)]
    assert schedules.send_due(NOW + timedelta(days=9, hours=1)) == 0


def test_a_worker_that_dies_before_its_commit_leaves_nothing_and_the_next_one_sends(cast, monkeypatch):
    weekly(cast, every="day")
    at = NOW + timedelta(days=1)

    def dies(*args, **more):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(schedules, "send", dies)
        with pytest.raises(SystemExit), transaction.atomic():
            schedules.send_due(at)
    assert not Sending.objects.exists() and not Message.objects.filter(code="report.ready").exists()
    assert schedules.send_due(at) == 1
    assert Message.objects.filter(code="report.ready").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_it_once():
    cast = make_cast()
    weekly(cast, every="day")
    at, sent, ready = NOW + timedelta(days=1), [], threading.Barrier(2)

    def work():
        try:
            ready.wait(10)
            sent.append(schedules.send_due(at))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(sent) == [0, 1]
    assert Message.objects.filter(code="report.ready").count() == 1 and Sending.objects.count() == 1


def test_one_that_ended_is_sent_no_more_not_even_what_waits(cast):
    one = weekly(cast, every="day")
    at = NOW + timedelta(days=1)
    schedules.send_due(at)
    schedules.end(one, by=cast.alice)
    deliver(at)
    assert not [sent for sent in mail.outbox if "Complaint rate" in sent.subject] and schedules.send_due(at + timedelta(days=1)) == 0
    with pytest.raises(Refused):
        schedules.end(one, by=cast.alice)
    assert list(Activity.objects.filter(code__startswith="report.sched").order_by("pk").values_list("code", flat=True)) == [
        "report.scheduled", "report.schedule_ended",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("every", "more", "hour", "zone", "at", "day"),
    [
        ("day", {}, 8, SHANGHAI, "2026-11-20T00:00+00:00", "2026-11-20"),
        ("day", {}, 8, SHANGHAI, "2026-11-19T23:59+00:00", "2026-11-19"),
        ("month", {"monthday": 28}, 0, SHANGHAI, "2026-03-01T00:00+00:00", "2026-02-28"),
        ("week", {"weekday": 7}, 23, SHANGHAI, "2026-11-22T15:00+00:00", "2026-11-22"),
        ("day", {}, 2, BERLIN, "2026-03-29T00:59+00:00", "2026-03-28"),  # 02:00 does not exist that night
        ("day", {}, 2, BERLIN, "2026-03-29T01:00+00:00", "2026-03-29"),
        ("day", {}, 2, BERLIN, "2026-10-25T00:30+00:00", "2026-10-25"),  # 02:00 comes twice: the first counts
    ],
)
def test_when_it_is_due(every, more, hour, zone, at, day):
    one = Schedule(every=every, hour=hour, **more)
    assert str(schedules.due_day(one, datetime.fromisoformat(at), zone)[0]) == day


@pytest.mark.parametrize(
    "wrong",
    [{"report": "weather"}, {"every": "hour"}, {"hour": 24}, {"weekday": None}, {"weekday": 8}, {"every": "month", "monthday": 31},
     {"members": []}, {"query": "by=colour"}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(cast, wrong):
    with pytest.raises(Refused) as refused:
        weekly(cast, **wrong)
    assert refused.value.code == "invalid" and not Schedule.objects.exists()


def test_the_page_the_api_and_who_may(client, cast):
    client.force_login(cast.alice.user)
    link = client.get("/reports/complaint-rate/?by=shop").content.decode()
    assert "/reports/schedules/?report=complaint-rate" in link
    form = {"report": "complaint-rate", "query": "by=shop", "every": "week", "weekday": "2", "hour": "7", "members": [cast.bob.pk]}
    assert client.post("/reports/schedules/", form | {"members": []}).status_code == 422
    assert client.post("/reports/schedules/", form).status_code == 303
    html = client.get("/reports/schedules/").content.decode()
    assert "Tuesday 07:00" in html and "Bob" in html
    body = {"report": "custody", "every": "day", "hour": 9, "members": [cast.bob.pk]}
    made = client.post("/api/v1/reports/schedules/", body, content_type="application/json")
    assert made.status_code == 201 and len(client.get("/api/v1/reports/schedules/").json()) == 2
    foreign = client.post("/api/v1/reports/schedules/", body | {"members": [cast.mallory.pk]}, content_type="application/json")
    assert foreign.status_code == 404
    assert client.post(f"/api/v1/reports/schedules/{made.json()['id']}/end/").status_code == 200
    assert client.post(f"/reports/schedules/{made.json()['id']}/end/").status_code == 409
    client.force_login(cast.mallory.user)
    first = Schedule.objects.running().get()
    assert client.post(f"/reports/schedules/{first.pk}/end/").status_code == 404
    client.force_login(cast.bob.user)
    assert client.get("/reports/schedules/").status_code == 403 and client.get("/api/v1/reports/schedules/").status_code == 403


def test_the_database_keeps_one_sending_a_day_and_a_day_that_is_one(cast):
    one = weekly(cast)
    Sending.objects.create(schedule=one, day=NOW.date(), at=NOW, readers=1)
    with pytest.raises(IntegrityError, match="schedule_is_sent_once_a_period"), transaction.atomic():
        Sending.objects.create(schedule=one, day=NOW.date(), at=NOW, readers=1)
    with pytest.raises(IntegrityError, match="schedule_says_which_day"), transaction.atomic():
        Schedule.objects.filter(pk=one.pk).update(weekday=None)
