"""What a token may be used for: the member's roles say which deeds, the token's scopes say which of them through it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """A token with several has them all; none contains another."""

    READ = "read", _("read: look at the team's customers, orders, tickets, forms, shifts")
    WRITE = "write", _("write: log, claim, answer, file, plan")
    IMPORT = "import", _("import: bring in files of orders, refunds and figures")
    REPORTS = "reports", _("reports: read the figures")


ALWAYS = frozenset({"me.read"})
"""Deeds of any token: to ask whose it is, and to give itself back."""

IMPORTS = frozenset({"team.move_in"})
"""Deeds that are imports besides those that are called so."""


def scope_of(deed: str, method: str) -> Scope | None:
    """The scope that a token needs for a deed by an HTTP method; None: any token may.

    Reports are a scope of their own, and so are imports, whether they are started or watched; of the rest a reading method
    needs `read` and a changing one `write`.
    """
    if deed in ALWAYS:
        return None
    room, _dot, what = deed.partition(".")
    if what == "import" or deed in IMPORTS:
        return Scope.IMPORT
    if method not in ("GET", "HEAD", "OPTIONS"):
        return Scope.WRITE
    return Scope.REPORTS if room == "report" else Scope.READ
