"""A day shift with a night shift after it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handover.roster.actions import refresh_next
from tests.handover.conftest import Plan
from tests.handover.matters import FOUR, begin
from tests.handover.plans import rostered


@pytest.fixture
def day(plan: Plan) -> Plan:
    """Bob is on duty by day; Carol comes for the night."""
    rostered(plan.day, plan.cast.bob)
    rostered(plan.night, plan.cast.carol)
    refresh_next([plan.cast.bob.pk, plan.cast.carol.pk], FOUR - timedelta(hours=6))
    begin(plan.cast.bob, FOUR - timedelta(hours=5))
    return plan
