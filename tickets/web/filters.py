"""Filtering and sorting API lists: what is not offered is refused, never ignored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_filters.fields import IsoDateTimeField
from rest_framework.request import Request

from tickets.web.refusals import Refused
from tickets.web.rest import Cursor

BESIDES = frozenset({"cursor", "page_size", "ordering", "team", "format"})
"""What a list's address may hold that is no filter."""

UNKNOWN = _("This list has no such filter.")
ORDERS = _("This list can be sorted by: %(names)s.")


def refuse_unknown(data: QueryDict, known: Sequence[str]) -> None:
    """Refuse `invalid` where the address names a filter that does not exist: `?holder__password=` is not ignored."""
    unknown = [name for name in data if name not in known and name not in BESIDES]
    if unknown:
        raise Refused("invalid", errors={name: [UNKNOWN] for name in unknown})


class Filters(django_filters.FilterSet):
    """A FilterSet that refuses (`invalid`) what it does not know."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        refuse_unknown(data if data is not None else QueryDict(), list(self.filters))


class Id(django_filters.Filter):
    """The id of a row: digits only, no larger than the database counts."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=2**63 - 1, **kwargs)


class InstantField(IsoDateTimeField):
    """In UTC: the database knows no offset of sixteen hours or more, and no year before the first."""

    def clean(self, value: Any) -> datetime | None:
        found = super().clean(value)
        try:
            return found.astimezone(UTC) if found else found
        except OverflowError as wrong:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from wrong


class Instant(django_filters.IsoDateTimeFilter):
    """An instant such as 2026-11-21T17:00:00Z."""

    field_class = InstantField


class Ordered(Cursor):
    """Cursor paging in an order of the reader's choice: the view's `orderings`, the first of which is the usual one.

    Only columns that are never empty: a cursor cannot stand on nothing.
    """

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        offered: Sequence[str] = getattr(view, "orderings", ("-id",))
        asked = request.query_params.get("ordering") or offered[0]
        if asked not in offered:
            raise Refused("invalid", errors={"ordering": [ORDERS % {"names": ", ".join(offered)}]})
        return (asked,) if asked.lstrip("-") == "id" else (asked, "-id" if asked.startswith("-") else "id")

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        found = super().get_schema_operation_parameters(view)
        offered = list(getattr(view, "orderings", ("-id",)))
        found.append({"name": "ordering", "in": "query", "required": False, "schema": {"type": "string", "enum": offered}})
        return found
