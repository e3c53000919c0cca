"""Quick replies: written, changed, ended; one shortcut means one reply."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.cast import Cast, make_shop
from tests.tickets.script.conftest import script
from tickets.activity.models import Activity
from tickets.activity.telling import tell_all
from tickets.script import actions, queries
from tickets.script.models import Script
from tickets.ticket.models import Reason, Ticket
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db


def test_writing_changing_and_ending_are_told_in_the_ledger(cast: Cast) -> None:
    made = script(cast.bob, "/Refund", title="Refunds")
    changed = actions.change_script(made, by=cast.carol, version=1, body="Within three days.")
    assert (changed.shortcut, changed.body, changed.version) == ("refund", "Within three days.", 2)
    actions.end_script(changed, by=cast.bob)
    rows = Activity.objects.filter(code__startswith="script.").select_related("actor").order_by("id")
    told = [(line.who, line.text) for line in tell_all(rows, cast.bob)]
    assert told == [
        ("Bob", "wrote the quick reply Refunds"),
        ("Carol", "changed the quick reply Refunds"),
        ("Bob", "took the quick reply Refunds out of use"),
    ]
    assert rows[1].data["before"] == {"body": "We see to your /Refund."} and rows[1].data["after"] == {"body": "Within three days."}


def test_nothing_different_is_no_change(cast: Cast) -> None:
    made = script(cast.bob)
    assert actions.change_script(made, by=cast.bob, version=1, title=f" {made.title} ").version == 1
    assert not Activity.objects.filter(code="script.changed").exists()


def test_a_stale_change_is_refused_with_what_is_there(cast: Cast) -> None:
    made = script(cast.bob)
    actions.change_script(made, by=cast.bob, version=1, title="b")
    with pytest.raises(Refused) as refused:
        actions.change_script(made, by=cast.carol, version=1, title="c")
    assert refused.value.code == "stale"
    assert (refused.value.extra["current"]["version"], refused.value.extra["current"]["title"]) == (2, "b")
    assert Script.objects.get().title == "b"


def test_an_ended_reply_does_not_change_and_frees_its_shortcut(cast: Cast) -> None:
    made = script(cast.bob)
    for _twice in range(2):
        actions.end_script(made, by=cast.bob)
    assert Activity.objects.filter(code="script.ended").count() == 1
    with pytest.raises(Refused, match="wrong_state"):
        actions.change_script(made, by=cast.bob, version=1, title="b")
    assert script(cast.carol).shortcut == made.shortcut


def test_a_shortcut_means_one_reply_of_the_team(cast: Cast) -> None:
    script(cast.bob)
    with pytest.raises(Refused) as refused:
        script(cast.carol, "REFUND")
    assert refused.value.code == "duplicate" and "shortcut" in refused.value.errors
    other = script(cast.carol, "other")
    with pytest.raises(Refused, match="duplicate"):
        actions.change_script(other, by=cast.carol, version=1, shortcut="refund")
    assert script(cast.mallory).team == cast.other_team


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"title": " "}, "title"), ({"body": ""}, "body"), ({"body": "{name}"}, "body"), ({"shortcut": "two words"}, "shortcut"),
     ({"title": "x" * 81}, "title")],
)  # fmt: skip
def test_a_reply_must_make_sense(cast: Cast, wrong: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        script(cast.bob, **wrong)
    assert (refused.value.code, list(refused.value.errors)) == ("invalid", [field])
    assert not Script.objects.exists()


def test_shop_and_reason_are_the_teams_own(cast: Cast) -> None:
    group = Reason.objects.create(team=cast.team, name="Quality")
    leaf = Reason.objects.create(team=cast.team, parent=group, name="Leaks")
    assert script(cast.bob, shop=cast.shop, reason=leaf).reason == leaf
    with pytest.raises(Refused, match="invalid"):
        script(cast.bob, "group", reason=group)
    with pytest.raises(Refused, match="invalid"):
        script(cast.mallory, shop=cast.shop)
    with pytest.raises(Refused, match="invalid"):
        script(cast.mallory, reason=leaf)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"shortcut": "two words"}, "script_shortcut_is_one_word"),
        ({"shortcut": ""}, "script_shortcut_is_one_word"),
        ({"body": ""}, "script_says_something"),
        ({"shortcut": "refund"}, "script_shortcut_means_one_reply"),
        ({"shop": "theirs"}, "script_is_of_its_shops_team"),
        ({"reason": "theirs"}, "script_is_of_its_reasons_team"),
    ],
)
def test_the_database_refuses_what_must_not_be(cast: Cast, values: dict[str, object], constraint: str) -> None:
    script(cast.bob)
    theirs = {"shop": make_shop(cast.other_team, "Orchid"), "reason": Reason.objects.create(team=cast.other_team, name="Theirs")}
    values = {name: theirs[name] if value == "theirs" else value for name, value in values.items()}
    row = {"team": cast.team, "shortcut": "new", "title": "t", "body": "b", "created_at": timezone.now()} | values
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        Script.objects.create(**row)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_what_is_offered_on_a_ticket_is_filled_in_and_fits_shop_and_reason(cast: Cast, held: Ticket, django_assert_num_queries) -> None:
    leak = Reason.objects.create(team=cast.team, name="Leaks")
    Ticket.objects.filter(pk=held.pk).update(reason=leak)
    script(cast.bob, "all", body="{customer}, {order}, {agent}")
    script(cast.bob, "here", shop=cast.shop)
    script(cast.bob, "leak", reason=leak)
    script(cast.bob, "elsewhere", shop=make_shop(cast.team, "Other"))
    script(cast.mallory, "theirs")
    actions.end_script(script(cast.bob, "ended"), by=cast.bob)
    ticket = Ticket.objects.select_related("customer").get(pk=held.pk)
    with django_assert_num_queries(2):
        found = queries.offered(ticket, cast.carol)
    assert [one.shortcut for one in found] == ["leak", "all", "here"]
    assert found[1].text == "刘女士, 4021188000123456789, Carol"
