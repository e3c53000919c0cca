"""Files that the API answers with: `?format=` is ours."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer

from tickets.web.sheets import XLSX


def or_file(answer: Any) -> dict[Any, Any]:
    """For the schema: this answer as JSON, or as the file that `?format=` asks for."""
    return {(200, "application/json"): answer, (200, "text/csv"): OpenApiTypes.STR, (200, XLSX): OpenApiTypes.BINARY}


class FormatIsOurs(DefaultContentNegotiation):
    """`?format=csv` names a file of ours, not one of the framework's renderers."""

    def filter_renderers(self, renderers: list[BaseRenderer], format: str) -> list[BaseRenderer]:  # type: ignore[override]
        return renderers
