"""The cast, off duty, with a day and a night pattern and Saturday's shifts."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from handover.roster.models import Shift, ShiftPattern
from tests.cast import Cast, make_cast
from tests.handover.plans import make_pattern, make_shift
from tickets.people.models import Presence


@dataclass
class Plan:
    cast: Cast
    day_pattern: ShiftPattern
    night_pattern: ShiftPattern
    day: Shift
    night: Shift


@pytest.fixture
def plan(db: None) -> Plan:
    cast = make_cast()
    Presence.objects.exclude(member=cast.mallory).update(on_since=None)
    day_pattern = make_pattern(cast.team, "Day", "09:00", "17:00", place=1)
    night_pattern = make_pattern(cast.team, "Night", "17:00", "00:00", place=2)
    return Plan(cast, day_pattern, night_pattern, make_shift(day_pattern), make_shift(night_pattern))
