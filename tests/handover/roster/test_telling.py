"""Every row that roster and duty write into the ledger has words, in the team's time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from handover.duty import actions as duty
from handover.roster import actions
from tests.handover.plans import SATURDAY, local
from tickets.activity.models import Activity
from tickets.activity.telling import SENTENCES, sentence
from tickets.people.access import DEEDS

ROOMS = ("handover/roster/actions", "handover/duty")


def codes() -> set[str]:
    """What the source says to `record` and `alert`."""
    files = [file for room in ROOMS for file in (Path(settings.BASE_DIR) / room).glob("*.py")]
    return {code for file in files for code in re.findall(r'"((?:roster|swap|duty)\.[a-z_]+)"', file.read_text())}


def test_every_code_has_words():
    deeds = set(DEEDS) - {"duty.let_in"}
    jobs = {"duty.lapse_overdue"}
    assert len(codes()) > 15
    assert codes() - deeds - jobs - set(SENTENCES) == set()


@pytest.mark.django_db
def test_rows_read_with_names_and_local_times(plan):
    at = local(plan.cast.team, "2026-11-20 12:00")
    actions.set_day(plan.cast.bob, SATURDAY, [plan.night_pattern], by=plan.cast.alice, at=at)
    duty.let_in(plan.cast.bob, by=plan.cast.alice, reason="page down", at=plan.night.starts_at)
    with timezone.override(plan.cast.team.zone):
        told = [sentence(row.code, row.data, {})[1] for row in Activity.objects.order_by("id")]
    assert told == ["rostered Bob on 21 Nov 2026: Night", "Bob was let in without the digest"]
