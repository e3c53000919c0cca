"""The performance sheet: the reports' own figures, one number by a formula that is shown, read and answered by whom it is about."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from handover.report import actions, counting, performance, performance_actions
from handover.report.models import ServiceDay, SheetAnswer
from handover.report.performance import Sheet, points
from handover.report.performance_asking import ask
from handover.report.performance_months import year
from tests.cast import make_cast, make_customer, make_member
from tickets.activity.models import Activity
from tickets.order.actions import Line, log_order
from tickets.order.models import Order, OrderLine
from tickets.people.models import Role
from tickets.return_form import actions as forms
from tickets.ticket import actions as tickets
from tickets.ticket.models import Promise, Reason
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db
D = Decimal
NOVEMBER = date(2026, 11, 1)
AT = datetime(2026, 11, 10, 4, tzinfo=UTC)


@pytest.fixture
def cast():
    """Bob's November: twenty orders of which one complains, two promises of which one is broken. Carol's: nothing."""
    cast = make_cast()
    for number in range(20):
        order = Order.objects.create(
            team=cast.team, shop=cast.shop, number=f"N{number}", paid_at=AT, paid=10, created_at=AT, updated_at=AT, sold_by=cast.bob
        )
        if number == 0:
            customer = make_customer(cast.team)
            ticket = tickets.open_ticket(by=cast.bob, customer=customer, subject="Leaks", at=AT, orders=[order], complaint="dispute")
    for hours, ends in ((2, "kept"), (3, "broken")):
        promise = tickets.promise(ticket, by=cast.bob, text="call", due_at=AT + timedelta(hours=hours), at=AT)
        closed = {"closed_at": AT + timedelta(hours=1), "closed_by": cast.bob} if ends == "kept" else {"broken_at": AT + timedelta(hours=4)}
        Promise.objects.filter(pk=promise.pk).update(status=ends, **closed)
    ServiceDay.objects.create(
        team=cast.team, shop=cast.shop, account="bob", member=cast.bob, day=date(2026, 11, 9), received=100, asked=100, first=25,
        reply=D("0.97"), imported_at=AT,
    )  # fmt: skip
    counting.count_stale()
    return cast


def sheet_of(reader, member, month=NOVEMBER, **narrowed) -> Sheet:
    return year(ask({"month": f"{month:%Y-%m}", **narrowed}, reader), date(2026, 11, 22), only=member)[-1]


def line(sheet, name):
    return sheet.line(name)


def of(sheet, name):
    return sheet.line(name).cell


@pytest.mark.parametrize(
    ("better", "value", "target", "expected"),
    [("less", 20, 20, 100), ("less", 25, 20, 80), ("less", 0, 0, 100), ("more", "0.95", "0.95", 100), ("more", "0.5", "1", 50),
     ("more", 0, 0, 100),
     ("more", None, 1, None), ("less", 3, None, None)],
)  # fmt: skip
def test_points(better, value, target, expected):
    measure = performance.Part("service.first" if better == "less" else "service.reply").measure
    as_decimal = [None if v is None else D(str(v)) for v in (value, target)]
    assert points(measure, *as_decimal) == expected


def test_the_total_is_the_weighed_mean_of_what_is_known(cast):
    sheet = sheet_of(cast.alice, cast.bob)
    assert (of(sheet, "service.first").value, line(sheet, "service.first").points) == (25, 80)
    assert (line(sheet, "service.reply").points, of(sheet, "promises.kept").value) == (100, D("0.5"))
    assert of(sheet, "complaint-rate.rate").value == D("0.05") and line(sheet, "complaint-rate.rate").points == 40
    assert line(sheet, "service.average").points is None and line(sheet, "handover.on_time").points is None
    known = {found.part.name: (found.weight, found.points) for found in sheet.lines if found.weight and found.points is not None}
    assert set(known) == {"service.first", "service.reply", "custody.four", "promises.kept", "complaint-rate.rate"}
    by_hand = sum(w * p for w, p in known.values()) / sum(w for w, _p in known.values())
    assert sheet.total == round(by_hand, 1)
    assert performance.formula(sheet).endswith(f"÷ 70 = {sheet.total}")


def test_targets_and_weights_are_the_teams(cast):
    actions.set_targets({"service.first": D(30)}, by=cast.alice)
    performance_actions.set_weights({"promises.kept": 0, "service.first": 50}, by=cast.alice, month=NOVEMBER)
    sheet = sheet_of(cast.alice, cast.bob)
    assert (line(sheet, "service.first").points, line(sheet, "service.first").weight) == (100, 50)
    assert "promises.kept" not in {part.name for part in sheet.book.weighed}
    assert performance.weights_of(cast.team.pk, date(2026, 10, 1))["promises.kept"] == 20, "earlier sheets stay as they are"
    assert performance.weights_of(cast.team.pk, date(2027, 1, 1))["promises.kept"] == 0, "later ones follow"
    assert Activity.objects.get(code="report.weights_set").data["changes"] == {"promises.kept": [20, 0], "service.first": [15, 50]}
    assert performance_actions.set_weights({"promises.kept": 0}, by=cast.alice, month=NOVEMBER) == {}
    for wrong in ({"service.received": 5}, {"promises.kept": 101}, dict.fromkeys(performance.SCORED, 0)):
        with pytest.raises(Refused):
            performance_actions.set_weights(wrong, by=cast.alice, month=NOVEMBER)


def test_forms_filed_sent_back_and_counted(client, cast):
    reason = Reason.objects.create(team=cast.team, parent=Reason.objects.create(team=cast.team, name="Quality"), name="Leaks", fault="ours")
    customer = make_customer(cast.team, handle="tb_9")
    for number in ("R1", "R2"):
        order = log_order(by=cast.bob, shop=cast.shop, number=number, customer=customer, lines=[Line("Pot", 1, 59)], paid=59)
        Order.objects.filter(pk=order.pk).update(shipped_at=AT)
        asked = forms.Asked(OrderLine.objects.get(order=order).pk, 1, "return_and_refund", reason.pk)
        form = forms.file(order, [asked], by=cast.dora, at=AT)
        form = forms.submit(form, by=cast.dora, revision=form.revision, at=AT)
    counting.count_stale()
    forms.send_back(form, by=cast.wen, question="Which one?", revision=form.revision, at=AT + timedelta(hours=1))
    counting.count_stale()
    assert counting.recount(cast.team, write=False) == {}
    sheet = sheet_of(cast.alice, cast.dora)
    assert of(sheet, "return-reasons.filed").top == 2
    bounced = line(sheet, "return-reasons.bounced")
    assert (bounced.cell.top, bounced.cell.bottom, bounced.cell.value, bounced.points) == (1, 2, D("0.5"), 10)
    assert of(sheet_of(cast.alice, cast.dora, date(2026, 10, 1)), "return-reasons.filed").top == 0

    client.force_login(cast.dora.user)
    html = client.get(f"/reports/performance/{cast.dora.pk}/?month=2026-11").content.decode()
    links = [href.replace("&amp;", "&") for href in re.findall(r'href="(/reports/performance/\d+/rows/[^"]+)"', html)]
    told = {href: re.search(r"Exactly the (\d+) row", client.get(href).content.decode()).group(1) for href in links}
    base = f"/reports/performance/{cast.dora.pk}/rows/?month=2026-11&measure="
    assert told == {base + "filed": "2", base + "bounced": "1", base + "bounced&part=bottom": "2", base + "counted": "0"}
    for href, n in told.items():
        assert len(b"".join(client.get(href + "&format=csv")).decode().splitlines()) == 1 + int(n), "the file has the same rows"
    assert f"R{form.pk}" in client.get(base + "bounced").content.decode()
    assert client.get(base + "kept").status_code == 400
    client.force_login(cast.bob.user)
    assert client.get(base + "filed").status_code == 403
    client.force_login(cast.mallory.user)
    assert client.get(base + "filed").status_code == 404


def test_every_figure_is_the_reports_own(client, cast):
    client.force_login(cast.alice.user)
    sheet = sheet_of(cast.alice, cast.bob)
    for found in sheet.lines:
        if found.part.name in performance.FORMS:
            continue
        report, code = found.part.name.split(".")
        address = f"?from=2026-11-01&to=2026-11-30&member={cast.bob.pk}"
        data = client.get(f"/api/v1/reports/{report}/{address}").json()
        cell = next(c for c in data["total"] if c["measure"] == code)
        assert D(cell["numerator"]) == found.cell.top and (cell["value"] is None) == (found.cell.value is None), found.part.name
        rows = client.get(f"/reports/{report}/rows/{address}&measure={code}")
        assert rows.status_code == 200


def test_a1_own_sheet_is_read_and_another_agents_is_forbidden(client, cast):
    client.force_login(cast.bob.user)
    home = client.get("/reports/performance/?month=2026-11")
    assert home.status_code == 303 and home["Location"] == f"/reports/performance/{cast.bob.pk}/?month=2026-11"
    assert client.get(home["Location"]).status_code == 200
    for url in ("/reports/performance/{}/", "/api/v1/reports/performance/{}/"):
        assert client.get(url.format(cast.bob.pk)).status_code == 200
        assert client.get(url.format(cast.carol.pk)).status_code == 403
        assert client.get(url.format(cast.mallory.pk)).status_code == 404
    assert [s["name"] for s in client.get("/api/v1/reports/performance/?month=2026-11").json()] == ["Bob"]
    assert client.post(f"/reports/performance/{cast.carol.pk}/", {"text": "hello"}).status_code == 403
    assert client.get("/reports/performance/weights/").status_code == 403
    assert client.put("/api/v1/reports/performance/weights/", {"weights": {}}, content_type="application/json").status_code == 403
    client.force_login(cast.olga.user)
    assert client.get(f"/reports/performance/{cast.bob.pk}/").status_code == 200
    assert client.post(f"/reports/performance/{cast.bob.pk}/", {"text": "hello"}).status_code == 403, "operations changes nothing"
    assert not SheetAnswer.objects.exists()


def test_a2_the_warehouse_sees_no_money_on_its_sheet(client, cast):
    client.force_login(cast.wen.user)
    figures = {found["figure"] for found in client.get(f"/api/v1/reports/performance/{cast.wen.pk}/").json()["lines"]}
    assert "return-reasons.counted" in figures and not any("compensation.sum" in name for name in figures)


def test_an_answer_is_kept_for_good(client, cast):
    client.force_login(cast.bob.user)
    url = f"/reports/performance/{cast.bob.pk}/?month=2026-11"
    assert client.post(url, {"text": " "}).status_code == 422
    assert client.post(url, {"text": "The dispute was the courier's."}).status_code == 303
    assert "The dispute was the courier" in client.get(url).content.decode()
    client.force_login(cast.alice.user)
    assert client.post(f"/api/v1/reports/performance/{cast.bob.pk}/answers/", {"month": "2026-11", "text": "Agreed."}).status_code == 201
    told = [a["text"] for a in client.get(f"/api/v1/reports/performance/{cast.bob.pk}/?month=2026-11").json()["answers"]]
    assert told == ["The dispute was the courier's.", "Agreed."]
    assert client.get(f"/api/v1/reports/performance/{cast.bob.pk}/?month=2026-10").json()["answers"] == []
    assert [row.data["member"] for row in Activity.objects.filter(code="report.sheet_answered")] == [cast.bob.pk] * 2
    with pytest.raises(DatabaseError), transaction.atomic():
        SheetAnswer.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        SheetAnswer.objects.update(text="something else")


def test_d3_file_screen_and_api_say_the_same(client, cast):
    client.force_login(cast.alice.user)
    data = client.get("/api/v1/reports/performance/?month=2026-11").json()
    table = list(csv.reader(io.StringIO(b"".join(client.get("/reports/performance/?month=2026-11&format=csv")).decode("utf-8-sig"))))
    assert [row[0] for row in table[1:]] == ["The team", *(sheet["name"] for sheet in data)]
    bob = next(row for row in table if row[0] == "Bob")
    assert bob[1] == next(s["total"] for s in data if s["name"] == "Bob")
    html = client.get("/reports/performance/?month=2026-11").content.decode()
    assert bob[1] in html
    single = b"".join(client.get(f"/reports/performance/{cast.bob.pk}/?month=2026-11&format=csv")).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(single)))[-1][2] == bob[1]
    assert client.get(f"/reports/performance/{cast.bob.pk}/?month=2026-11&format=xlsx").status_code == 200
    for wrong in ("?month=2026-13", "?month=soon", "?format=pdf"):
        assert client.get(f"/reports/performance/{wrong}").status_code == 400


def test_the_number_of_queries_does_not_grow_with_the_members(client, cast, django_assert_max_num_queries):
    client.force_login(cast.alice.user)
    client.get("/reports/performance/")
    for number in range(20):
        make_member(cast.team, f"Zoe{number}", Role.AGENT)
    with django_assert_max_num_queries(26):
        client.get("/reports/performance/?month=2026-11")
