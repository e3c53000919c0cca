"""A kept statement gives what its queryset gives, for any values, and is composed once."""

from __future__ import annotations

from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from tests.cast import Cast, make_cast
from tickets.people.models import Member, Team
from tickets.web.kept import Kept

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def of_team(team: int, pk: int) -> QuerySet[Member]:
    return Member.objects.filter(pk=pk, team_id=team).select_related("team", "user")


def test_gives_the_row_that_the_queryset_gives(cast: Cast, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    kept = Kept(of_team)
    for member in (cast.alice, cast.bob):
        with django_assert_num_queries(1):
            found = kept.first(team=member.team_id, pk=member.pk)
            assert found is not None and found.team.name == member.team.name and found.user.username == member.user.username
        assert found == member and found.roles == member.roles and found.created_at == member.created_at and not found._state.adding


def test_says_when_there_is_none(cast: Cast) -> None:
    assert Kept(of_team).first(team=cast.alice.team_id, pk=cast.mallory.pk) is None


def test_is_composed_once(cast: Cast) -> None:
    kept = Kept(of_team)
    kept.all(team=1, pk=1)
    with patch.object(SQLCompiler, "as_sql", side_effect=AssertionError("composed again")):
        assert kept.first(team=cast.bob.team_id, pk=cast.bob.pk) == cast.bob


def test_takes_instants_annotations_and_prefetched_rows(cast: Cast, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    def older(team: int, before: datetime) -> QuerySet[Team]:
        return Team.objects.filter(pk=team, created_at__lt=before).annotate(people=Count("members")).prefetch_related("members")

    kept, now = Kept(older), timezone.now()
    assert kept.first(team=cast.bob.team_id, before=now - timedelta(days=36500)) is None
    with django_assert_num_queries(2):
        found = kept.first(team=cast.bob.team_id, before=now + timedelta(days=1))
        assert found is not None and found.people == len(found.members.all())  # type: ignore[attr-defined]


def test_gives_dictionaries_where_the_queryset_does(cast: Cast) -> None:
    kept = Kept(lambda team: Member.objects.filter(team_id=team).order_by("pk").values("team__name", "roles", "pk")[:3])
    assert kept.all(team=cast.team.pk) == list(cast.team.members.order_by("pk").values("team__name", "roles", "pk")[:3])


def test_an_argument_that_is_not_in_the_statement_is_a_mistake(db: None) -> None:
    with pytest.raises(ValueError, match="not in the statement"):
        Kept(lambda pk, other: Member.objects.filter(pk=pk)).all(pk=1, other=2)
    assert Kept(lambda pk, other: Member.objects.filter(pk=pk), spare=True).all(pk=1, other=2) is not None


@pytest.mark.django_db(transaction=True)
def test_locks_only_inside_a_transaction(cast: Cast) -> None:
    kept = Kept(lambda pk: Member.objects.select_for_update(of=("self",)).filter(pk=pk))
    with transaction.atomic():
        assert kept.first(pk=cast.bob.pk) == cast.bob
    with pytest.raises(transaction.TransactionManagementError):
        kept.first(pk=cast.bob.pk)
