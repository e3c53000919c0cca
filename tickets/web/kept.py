"""Statements that are composed once.

Composing a wide select through the ORM takes several times what running it does, and comes to the same SQL each time. `Kept`
composes it at its first use and from then on only fills in the values; the rows are model instances, as the queryset gives them.
The database plans it once for each connection, too.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Container, Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection, models
from django.db.models.query import ValuesIterable, get_related_populators, prefetch_related_objects
from django.db.transaction import TransactionManagementError
from psycopg.sql import Literal

from tickets.web.prepared import prepared_cursor

M = TypeVar("M")
ID = 9_100_000_000_000_000
INSTANT = datetime(1871, 3, 7, tzinfo=UTC)
"""What stands for an argument while the statement is composed: ids that no row has, instants before there was a telephone."""


class Composed(NamedTuple):
    """A statement, its arguments in their order, and what makes a row of the queryset out of a row of the database."""

    sql: str
    names: list[str]
    converters: list[tuple[int, tuple[Any, Any]]]
    made: Callable[[Any], Any]
    prefetched: tuple[Any, ...]
    locks: bool


class Kept(Generic[M]):
    """`kept = Kept(lambda pk: Ticket.objects.select_related("team").filter(pk=pk))`, then `kept.all(pk=7)` or `kept.first(pk=7)`.

    The arguments are ids, or instants where annotated `datetime`, each compared with a column: the function is called once and
    cannot decide anything by them. `select_related`, annotations, row locks, `prefetch_related` and `values()` (dictionaries) work as
    ever; `values_list()` does not. An argument that is not in the statement is a mistake, unless `spare`.
    """

    def __init__(self, make: Callable[..., models.QuerySet[Any, M]], *, spare: bool = False) -> None:
        self._make, self._spare = make, spare

    def all(self, **values: int | datetime) -> list[M]:
        """The rows, in one statement (and one for each prefetched relation)."""
        kept = self._composed
        if kept.locks and connection.get_autocommit():
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        with prepared_cursor() as cursor:
            cursor.execute(kept.sql, [values[name] for name in kept.names])
            rows: list[Any] = cursor.fetchall()
        if kept.converters:
            rows = [_converted(kept.converters, row) for row in rows]
        found = list(map(kept.made, rows))
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
        if set(places.values()) != set(names.values()) and not self._spare:
            raise ValueError(f"an argument is not in the statement: {sql}")
        return Composed(
            sql=_spelled_out(sql, params, places),
            names=list(places.values()),
            converters=list(compiler.get_converters([column for column, _sql, _alias in compiler.select]).items()),
            made=_dictionary(queryset.query) if queryset._iterable_class is ValuesIterable else _instance(queryset.model, compiler),
            prefetched=queryset._prefetch_related_lookups,
            locks=queryset.query.select_for_update,
        )


class Written(Generic[M]):
    """A statement written by hand that gives rows of a model: `Written(Shift, "SELECT {columns}, e.during FROM … s …", "s", "during")`.

    `columns` are all of the model's, by name, of the table that stands under `alias`; what follows them in the statement is set on each row
    under the names in `more`.
    """

    def __init__(self, model: Any, sql: str, alias: str, *more: str) -> None:
        self._model, self._sql, self._alias, self._more = model, sql, alias, more

    def all(self, **values: Any) -> list[M]:
        """The rows, in one statement."""
        sql, names, converters = self._composed
        with prepared_cursor() as cursor:
            cursor.execute(sql, values)
            rows: list[Any] = cursor.fetchall()
        if converters:
            rows = [_converted(converters, row) for row in rows]
        return [self._made(names, row) for row in rows]

    def _made(self, names: list[str], row: Any) -> M:
        found: M = self._model.from_db(connection.alias, names, row[: len(names)])
        for name, value in zip(self._more, row[len(names) :], strict=True):
            setattr(found, name, value)
        return found

    @cached_property
    def _composed(self) -> tuple[str, list[str], list[tuple[int, tuple[Any, Any]]]]:
        fields = self._model._meta.concrete_fields
        columns = ", ".join(f"{self._alias}.{connection.ops.quote_name(field.column or '')}" for field in fields)
        functions = [(place, (field.get_db_converters(connection), None)) for place, field in enumerate(fields)]
        return self._sql.replace("{columns}", columns), [f.attname for f in fields], [each for each in functions if each[1][0]]


class Inserted(Generic[M]):
    """`DUTIES = Inserted(Duty)`, then `DUTIES.add(Duty(member=…))`: a row with its id, as `save(force_insert=True)`, composed once.

    For tables without defaults of the database and without listeners to their signals, into which many requests write one row.
    """

    def __init__(self, model: type[M]) -> None:
        self._model: Any = model

    def add(self, row: M) -> M:
        """Write the row; returns it, with its id."""
        sql, fields = self._composed
        values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
        written: Any = row
        with prepared_cursor() as cursor:
            cursor.execute(sql, values)
            (written.pk,) = cursor.fetchone()
        written._state.adding, written._state.db = False, connection.alias
        return row

    @cached_property
    def _composed(self) -> tuple[str, list[Any]]:
        meta, quote = self._model._meta, connection.ops.quote_name
        fields = [field for field in meta.concrete_fields if not field.primary_key]
        columns, marks = ", ".join(quote(field.column) for field in fields), ", ".join(["%s"] * len(fields))
        return f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({marks}) RETURNING {quote(meta.pk.column)}", fields  # noqa: S608


def _spelled_out(sql: str, params: Iterable[Any], places: Container[int]) -> str:
    """The statement with everything but its arguments written into it: by `status IN ('open', 'waiting')` the planner knows which partial
    index serves, by `status IN ($2, $3)` it does not."""
    connection.ensure_connection()
    found = enumerate(params)

    def said(mark: re.Match[str]) -> str:
        if mark[0] == "%%":
            return mark[0]
        place, value = next(found)
        return mark[0] if place in places else Literal(value).as_string(connection.connection).replace("%", "%%")

    return re.sub("%%|%s", said, sql)


def _parameters(make: Callable[..., Any]) -> Iterable[tuple[str, inspect.Parameter]]:
    return inspect.signature(make).parameters.items()


def _stand_in(parameter: inspect.Parameter, place: int) -> int | datetime:
    return INSTANT + timedelta(seconds=place) if parameter.annotation in (datetime, "datetime") else ID + place


def _converted(converters: list[tuple[int, tuple[Any, Any]]], row: Any) -> list[Any]:
    """What the fields make of the database's values, such as JSON of its text."""
    values = list(row)
    for place, (functions, expression) in converters:
        for convert in functions:
            values[place] = convert(values[place], expression, connection)
    return values


def _dictionary(query: Any) -> Callable[[Any], dict[str, Any]]:
    """A row of `values()`."""
    names = list(query.selected)
    return lambda row: dict(zip(names, row, strict=False))  # what it is only sorted by stands behind


def _instance(model: type[models.Model], compiler: Any) -> Callable[[Any], models.Model]:
    """A row of models: the columns of the model itself, of what is joined to it, and annotations."""
    own = compiler.klass_info["select_fields"]
    start, end, alias = own[0], own[-1] + 1, connection.alias
    columns = [column.target.attname for column, _sql, _alias in compiler.select[start:end]]
    related: list[Any] = get_related_populators(compiler.klass_info, compiler.select, alias)  # type: ignore[call-arg]  # as of Django 5
    annotations = list((compiler.annotation_col_map or {}).items())

    def made(row: Any) -> models.Model:
        found = model.from_db(alias, columns, row[start:end])
        for populator in related:
            populator.populate(row, found)
        for name, place in annotations:
            setattr(found, name, row[place])
        return found

    return made
