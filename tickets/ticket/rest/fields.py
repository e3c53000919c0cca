"""Fields that name rows of one's own team by id; another team's id does not exist."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tickets.web.kept import Kept

NOT_FOUND = _("There is no such id.")
MOST = 2**63 - 1


@cache
def of_team(model: type[Model]) -> Kept[Any]:
    """One row of a team, composed once for each model."""
    return Kept(lambda pk, team: model._default_manager.filter(pk=pk, team_id=team))


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": MOST})
class Row(serializers.IntegerField):
    """One row of the team, by id."""

    def __init__(self, model: type[Model], **kwargs: Any) -> None:
        self.model = model
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        pk = super().to_internal_value(data)
        if not 0 < pk <= MOST:
            raise serializers.ValidationError(NOT_FOUND)
        found = of_team(self.model).first(pk=pk, team=self.context["member"].team_id)
        if found is None:
            raise serializers.ValidationError(NOT_FOUND)
        return found


class Rows(serializers.ListField):
    """Several rows of the team, by id, in the order given; one query."""

    def __init__(self, model: type[Model], **kwargs: Any) -> None:
        self.model = model
        super().__init__(child=serializers.IntegerField(min_value=1, max_value=MOST), max_length=50, **kwargs)

    def to_internal_value(self, data: Any) -> list[Any]:
        ids = super().to_internal_value(data)
        found = {row.pk: row for row in self.model._default_manager.filter(pk__in=ids, team_id=self.context["member"].team_id)}
        if set(ids) - set(found):
            raise serializers.ValidationError(NOT_FOUND)
        return [found[pk] for pk in dict.fromkeys(ids)]
