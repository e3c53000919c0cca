"""What the shops run is in everybody's digest while it runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handover.digest.campaigns import campaigns_running
from handover.digest.queries import read, section_providers
from tests.cast import NOON, Cast, make_cast
from tests.handover.matters import again
from tickets.script.actions import create_campaign, end_campaign
from tickets.script.models import Campaign

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def announce(cast: Cast, name: str, begins: float, ends: float, **values: object) -> Campaign:
    """A campaign from and until so many hours after noon."""
    return create_campaign(
        by=cast.alice, name=name, text="300 - 40", starts_at=NOON + begins * HOUR, ends_at=NOON + ends * HOUR, at=NOON, **values
    )


def test_what_runs_or_begins_within_the_shift_is_told(cast: Cast, django_assert_num_queries) -> None:
    announce(cast, "Soon", 3, 30, shop=cast.shop)
    announce(cast, "Now", -1, 5)
    announce(cast, "Next week", 100, 120)
    announce(cast, "Over", -5, 0)
    end_campaign(announce(cast, "Called off", -1, 5), by=cast.alice, at=NOON)
    with django_assert_num_queries(1):
        section = campaigns_running(cast.bob, NOON, NOON + 7 * HOUR)
    assert section is not None
    assert [row["text"].partition(":")[0].partition(",")[0] for row in section.rows] == ["Now", "Soon (Lotus Kitchen)"]
    assert all("300 - 40" in row["text"] for row in section.rows)
    assert campaigns_running(cast.mallory, NOON, NOON + 7 * HOUR) is None


def test_it_stands_in_the_digest(cast: Cast) -> None:
    assert campaigns_running in section_providers
    announce(cast, "Now", -1, 5)
    assert [section.code for section in read(again(cast.bob), at=NOON).sections] == ["campaigns"]
