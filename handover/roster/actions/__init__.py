"""The only writer of the roster: `planning` (who is on), `undoing` (as it was), `absences` (who is away), `patterns` (which shifts there
are), `swaps` (who changes with whom)."""

from handover.roster.actions.absences import add_absence, away_again, end_absence
from handover.roster.actions.grid import plan_grid, remember_codes, take_grid
from handover.roster.actions.patterns import change_pattern, create_pattern, materialise
from handover.roster.actions.planning import (
    assign,
    copy_week,
    create_shift,
    free,
    refresh_next,
    set_day,
    sign_off,
    stand_in,
)
from handover.roster.actions.undoing import Trace, take_back, traced

__all__ = [
    "Trace",
    "add_absence",
    "assign",
    "away_again",
    "change_pattern",
    "copy_week",
    "create_pattern",
    "create_shift",
    "end_absence",
    "free",
    "materialise",
    "plan_grid",
    "refresh_next",
    "remember_codes",
    "set_day",
    "sign_off",
    "stand_in",
    "take_back",
    "take_grid",
    "traced",
]
