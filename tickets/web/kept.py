"""Statements that are composed once.

Composing a wide select through the ORM takes several times what running it does, and comes to the same SQL each time. `Kept`
composes it at its first use and from then on only fills in the values; the rows are model instances, as the queryset gives them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection, models
from django.db.models.query import get_related_populators, prefetch_related_objects  # type: ignore[attr-defined]
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=models.Model)
ID = 9_100_000_000_000_000
INSTANT = datetime(1871, 3, 7, tzinfo=UTC)
"""What stands for an argument while the statement is composed: ids that no row has, instants before there was a telephone."""


class Composed(NamedTuple):
    """A statement and how its rows become instances: the columns of the model itself, of what is joined, of annotations."""

    model: type[models.Model]
    sql: str
    params: tuple[Any, ...]
    places: dict[int, str]
    start: int
    end: int
    columns: list[str]
    converters: list[tuple[int, tuple[Any, Any]]]
    related: list[Any]
    annotations: dict[str, int]
    prefetched: tuple[Any, ...]
    locks: bool


class Kept(Generic[M]):
    """`kept = Kept(lambda pk: Ticket.objects.select_related("team").filter(pk=pk))`, then `kept.all(pk=7)` or `kept.first(pk=7)`.

    The arguments are ids, or instants where annotated `datetime`, each compared with a column: the function is called once and
    cannot decide anything by them. `select_related`, annotations, row locks and `prefetch_related` work as ever; `values()` does not.
    """

    def __init__(self, make: Callable[..., models.QuerySet[M]]) -> None:
        self._make = make

    def all(self, **values: int | datetime) -> list[M]:
        """The rows, in one statement (and one for each prefetched relation)."""
        kept = self._composed
        if kept.locks and connection.get_autocommit():
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        params = [values[kept.places[place]] if place in kept.places else param for place, param in enumerate(kept.params)]
        with connection.cursor() as cursor:
            cursor.execute(kept.sql, params)
            found: list[Any] = [_instance(kept, row) for row in cursor.fetchall()]
        if found and kept.prefetched:
            prefetch_related_objects(found, *kept.prefetched)
        return found

    def first(self, **values: int | datetime) -> M | None:
        """The only row, or the first in the queryset's order; None where there is none."""
        return next(iter(self.all(**values)), None)

    @cached_property
    def _composed(self) -> Composed:
        names = {_stand_in(parameter, place): name for place, (name, parameter) in enumerate(_parameters(self._make))}
        queryset: Any = self._make(**{name: mark for mark, name in names.items()})
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        places = {place: names[value] for place, value in enumerate(params) if isinstance(value, int | datetime) and value in names}
        if set(places.values()) != set(names.values()):
            raise ValueError(f"an argument is not in the statement: {sql}")
        own = compiler.klass_info["select_fields"]
        start, end = own[0], own[-1] + 1
        return Composed(
            model=queryset.model,
            sql=sql,
            params=tuple(params),
            places=places,
            start=start,
            end=end,
            columns=[column.target.attname for column, _sql, _alias in compiler.select[start:end]],
            converters=list(compiler.get_converters([column for column, _sql, _alias in compiler.select]).items()),
            related=get_related_populators(compiler.klass_info, compiler.select, connection.alias),  # type: ignore[call-arg]  # as of Django 5
            annotations=compiler.annotation_col_map or {},
            prefetched=queryset._prefetch_related_lookups,
            locks=queryset.query.select_for_update,
        )


def _parameters(make: Callable[..., Any]) -> Iterable[tuple[str, inspect.Parameter]]:
    return inspect.signature(make).parameters.items()


def _stand_in(parameter: inspect.Parameter, place: int) -> int | datetime:
    return INSTANT + timedelta(seconds=place) if parameter.annotation in (datetime, "datetime") else ID + place


def _instance(kept: Composed, row: Any) -> models.Model:
    if kept.converters:
        row = list(row)
        for place, (functions, expression) in kept.converters:
            for convert in functions:
                row[place] = convert(row[place], expression, connection)
    found = kept.model.from_db(connection.alias, kept.columns, row[kept.start : kept.end])
    for populator in kept.related:
        populator.populate(row, found)
    for name, place in kept.annotations.items():
        setattr(found, name, row[place])
    return found
