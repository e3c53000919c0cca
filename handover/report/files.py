"""Files that the API answers with: `?format=` is ours."""

from __future__ import annotations

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer


class FormatIsOurs(DefaultContentNegotiation):
    """`?format=csv` names a file of ours, not one of the framework's renderers."""

    def filter_renderers(self, renderers: list[BaseRenderer], format: str) -> list[BaseRenderer]:  # type: ignore[override]
        return renderers
