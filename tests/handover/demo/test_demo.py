"""The demo shows a handover: somebody has signed, somebody is on, somebody is about to start; and again whenever it is started."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from handover.demo.people import shift_name
from handover.digest.queries import read
from handover.duty.models import Duty
from handover.note.models import Note
from handover.notice.models import Notice
from tickets.people.models import Member
from tickets.return_form.models import Parcel, ReturnForm
from tickets.script.models import Campaign, Script
from tickets.ticket.models import Promise, Ticket

pytestmark = pytest.mark.django_db


def person(name: str) -> Member:
    return Member.objects.select_related("team__lead", "presence", "user").get(user__username=name, team__slug="demo")


def test_it_is_laid_around_now_and_again_later() -> None:
    call_command("demo", verbosity=0)
    assert_a_handover_is_on()
    assert_a_return_form_stands_at_every_stage()
    tickets = Ticket.objects.count()

    call_command("demo", verbosity=0)
    assert Ticket.objects.count() == tickets, "a start a moment later leaves the scene alone"

    with time_machine.travel(timezone.now() + timedelta(days=3, hours=5), tick=True):
        call_command("demo", verbosity=0)
        assert_a_handover_is_on()


@pytest.mark.parametrize(
    ("start", "name"), [(time(8), "早"), (time(15, 30), "中"), (time(16), "中"), (time(23, 30), "夜"), (time(0), "夜"), (time(3, 30), "夜")]
)
def test_a_shift_is_called_by_the_hour_it_begins(start: time, name: str) -> None:
    assert shift_name(start) == name


def assert_a_return_form_stands_at_every_stage() -> None:
    states = set(ReturnForm.objects.filter(team__slug="demo").values_list("state", flat=True))
    assert states == {"draft", "submitted", "inspected", "approved", "sent_back", "closed"}
    assert Parcel.objects.filter(team__slug="demo", form=None).count() == 1


def assert_a_handover_is_on() -> None:
    now = timezone.now()
    signed = Note.objects.filter(member=person("chen"), signed_at__gt=now - timedelta(hours=9)).order_by("-id").first()
    assert signed is not None and not signed.built_by_system
    running = {duty.member.user.username for duty in Duty.objects.running().select_related("member__user")}
    assert {"agent", "zhao", "aftersale", "warehouse", "manager"} <= running and "night" not in running
    levels = set(read(person("night"), at=now).levels.values())
    assert "act_now" in levels
    assert Promise.objects.unkept().filter(due_at__gt=now - timedelta(hours=2)).count() >= 3
    assert Campaign.objects.running(now).count() == 1
    assert Script.objects.in_use().filter(reason__isnull=False).exists()
    client = Client()
    client.force_login(person("night").user)
    stopped = client.get("/tickets/")
    assert (stopped.status_code, stopped["Location"]) == (302, "/digest/")


@time_machine.travel(datetime(2026, 11, 21, 6, tzinfo=UTC), tick=True)
def test_every_report_has_something_to_tell() -> None:
    call_command("demo", verbosity=0)
    client = Client()
    client.force_login(person("manager").user)
    told = {name: client.get(f"/api/v1/reports/{name}/").json() for name in ("complaint-rate", "return-reasons", "pressure", "service")}
    rate = told["complaint-rate"]["total"][0]
    assert rate["verdict"] == "real" and Decimal(rate["change"]) < 0
    first, *others = told["return-reasons"]["months"]["reasons"]
    assert first["verdict"] == "shrunk" and "grown" in {one["verdict"] for one in others}
    short = [hour for hour in told["pressure"]["hours"] if hour["short"]]
    assert short and all(hour["needed"] > hour["present"] for hour in short)
    assert {cell["met"] for name in ("complaint-rate", "service") for cell in told[name]["total"]} >= {True, False}, (
        "targets missed and kept"
    )
    assert Notice.objects.filter(team__slug="demo", kind="alarm").count() == 1
    agent = person("agent")
    sheet = client.get(f"/api/v1/reports/performance/{agent.pk}/?month=2026-10").json()
    assert [answer["by"] for answer in sheet["answers"]] == [agent.display_name, person("manager").display_name]
    assert Decimal(sheet["total"]) > 0 and sheet["change"]


def test_its_printed_passwords_are_for_a_try_out_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "LOCAL", False)
    with pytest.raises(CommandError):
        call_command("demo")
    assert not Member.objects.exists()
