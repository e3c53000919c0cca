"""Fresh figures in the place of old ones: only what differs is written, so that counting anew what did not change leaves no dead rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kept:
    """A table of figures: what tells its rows apart, and what they say."""

    table: str
    keys: tuple[str, ...]
    says: tuple[str, ...]

    @property
    def fresh(self) -> str:
        """The temporary table of this transaction that is filled with what the rows say now."""
        return f"fresh_{self.table}"

    @property
    def columns(self) -> str:
        return ", ".join((*self.keys, *self.says))

    @property
    def same(self) -> str:
        return " AND ".join(f"o.{key} = f.{key}" for key in self.keys)

    @property
    def differs(self) -> str:
        old, fresh = (", ".join(f"{name}.{column}" for column in self.says) for name in ("o", "f"))
        return f"({old}) IS DISTINCT FROM ({fresh})"


def open_fresh(cursor: Any, kept: Kept) -> None:
    """An empty `kept.fresh`, gone with the transaction."""
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{kept.fresh}")
    cursor.execute(f"CREATE TEMP TABLE {kept.fresh} ON COMMIT DROP AS SELECT {kept.columns} FROM {kept.table} WITH NO DATA")


def clear_fresh(cursor: Any, kept: Kept) -> None:
    cursor.execute(f"TRUNCATE pg_temp.{kept.fresh}")


def swap(cursor: Any, kept: Kept, which: str, values: Mapping[str, Any]) -> int:
    """Make the rows `which` (a condition on `o`, the old ones) equal to the fresh ones. Gives how many differed."""
    there = f"SELECT 1 FROM {kept.fresh} f WHERE {kept.same}"
    taken = f"SELECT 1 FROM {kept.table} o WHERE {which} AND {kept.same}"
    says = ", ".join(f"{column} = f.{column}" for column in kept.says)
    statements = (
        f"DELETE FROM {kept.table} o WHERE {which} AND NOT EXISTS ({there})",
        f"UPDATE {kept.table} o SET {says} FROM {kept.fresh} f WHERE {which} AND {kept.same} AND {kept.differs}",
        f"INSERT INTO {kept.table} ({kept.columns}) SELECT {kept.columns} FROM {kept.fresh} f WHERE NOT EXISTS ({taken})"
        f" ORDER BY {', '.join(kept.keys)}",  # what is read together lies together
    )
    _prepare(cursor)
    differed = 0
    for sql in statements:
        cursor.execute(sql, values)
        differed += cursor.rowcount
    cursor.execute("SET LOCAL enable_nestloop = on")
    return differed


def differing(cursor: Any, kept: Kept, which: str, values: Mapping[str, Any]) -> int:
    """How many of the rows `which` (a condition on `o`) are not as the fresh ones, are missing, or are too many."""
    _prepare(cursor)
    cursor.execute(
        f"SELECT count(*) FROM (SELECT {kept.columns} FROM {kept.table} o WHERE {which}) o FULL JOIN {kept.fresh} f ON {kept.same}"
        f" WHERE {kept.differs}",
        values,
    )
    found: int = cursor.fetchone()[0]
    cursor.execute("SET LOCAL enable_nestloop = on")
    return found


def _prepare(cursor: Any) -> None:
    """Nobody has told the planner how many rows are fresh: it must not go through them once for each old one."""
    cursor.execute("SET LOCAL enable_nestloop = off")
