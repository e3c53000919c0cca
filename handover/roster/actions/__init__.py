"""The only writer of the roster: `planning` (who is on), `patterns` (which shifts there are), `swaps` (who changes with whom)."""

from handover.roster.actions.grid import plan_grid, remember_codes, take_grid
from handover.roster.actions.patterns import change_pattern, create_pattern, materialise
from handover.roster.actions.planning import (
    add_absence,
    assign,
    copy_week,
    create_shift,
    end_absence,
    free,
    refresh_next,
    set_day,
    sign_off,
    stand_in,
)

__all__ = [
    "add_absence",
    "assign",
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
    "take_grid",
]
