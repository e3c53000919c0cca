"""Campaigns: announced, changed, ended early; what runs at an instant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from tests.cast import NOON, Cast, make_shop
from tests.tickets.script.conftest import campaign
from tickets.activity.models import Activity
from tickets.activity.telling import tell_all
from tickets.script import actions, queries
from tickets.script.models import Campaign
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_it_runs_from_its_start_until_before_its_end(cast: Cast) -> None:
    made = campaign(cast.alice, starts_at=NOON, ends_at=NOON + HOUR)
    running = [queries.running_campaigns(cast.bob, NOON + after) for after in (-HOUR / 60, 0 * HOUR, HOUR * 0.99, HOUR)]
    assert running == [[], [made], [made], []]
    states = [[c.pk for c in queries.campaigns(cast.bob, at=NOON - HOUR, state=state)] for state in ("running", "coming", "over")]
    assert states == [[], [made.pk], []]


def test_writing_changing_and_ending_are_told_in_the_ledger(cast: Cast) -> None:
    made = campaign(cast.alice)
    changed = actions.change_campaign(made, by=cast.alice, version=1, ends_at=NOON + 48 * HOUR)
    assert changed.version == 2
    for _twice in range(2):
        actions.end_campaign(changed, by=cast.alice, at=NOON)
    assert queries.running_campaigns(cast.bob, NOON) == []
    rows = Activity.objects.filter(code__startswith="campaign.").select_related("actor").order_by("id")
    assert [line.text for line in tell_all(rows, cast.bob)] == [
        "announced the campaign Double 12", "changed the campaign Double 12", "ended the campaign Double 12",
    ]  # fmt: skip
    assert list(rows[1].data["after"]) == ["ends_at"]


def test_stale_ended_and_senseless_changes_are_refused(cast: Cast) -> None:
    made = campaign(cast.alice)
    actions.change_campaign(made, by=cast.alice, version=1, text="other")
    with pytest.raises(Refused) as stale:
        actions.change_campaign(made, by=cast.alice, version=1, text="mine")
    assert (stale.value.code, stale.value.extra["current"]["text"]) == ("stale", "other")
    with pytest.raises(Refused) as wrong:
        actions.change_campaign(made, by=cast.alice, version=2, ends_at=made.starts_at, name=" ", shop=make_shop(cast.other_team, "x"))
    assert set(wrong.value.errors) == {"ends_at", "name", "shop"}
    actions.end_campaign(made, by=cast.alice)
    with pytest.raises(Refused, match="wrong_state"):
        actions.change_campaign(made, by=cast.alice, version=2, text="late")
    assert Campaign.objects.get().text == "other"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"ends_at": NOON}, "campaign_ends_after_it_starts"),
        ({"name": ""}, "campaign_says_something"),
        ({"shop": "theirs"}, "campaign_is_of_its_shops_team"),
    ],
)
def test_the_database_refuses_what_must_not_be(cast: Cast, values: dict[str, object], constraint: str) -> None:
    if values.get("shop"):
        values = {"shop": make_shop(cast.other_team, "Orchid")}
    row = {"team": cast.team, "name": "n", "text": "t", "starts_at": NOON, "ends_at": NOON + HOUR, "created_at": NOON} | values
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        Campaign.objects.create(**row)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
