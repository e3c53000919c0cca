"""What the small marks say by word and shape."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.template import engines
from django.utils import timezone

from tickets.people.models import Presence

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [(-2 * HOUR, HOUR, "on until"), (-2 * HOUR, -HOUR / 4, "on past"), (-2 * HOUR, None, "on duty"), (None, None, "off duty")],
)
def test_a_duty_that_runs_past_its_shift_says_so(since: timedelta | None, until: timedelta | None, said: str) -> None:
    now = timezone.now()
    presence = Presence(on_since=since and now + since, on_until=until and now + until)
    drawn = engines["jinja2"].from_string("{{ ui.duty_state(presence) }}").render({"presence": presence})
    assert said in drawn
