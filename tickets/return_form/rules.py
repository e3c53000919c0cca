"""What may be asked, counted, granted and paid. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tickets.order.models import OrderStatus
from tickets.return_form.models.guards import MOVES
from tickets.return_form.models.words import Outcome, Resolution, Stage

CENT = Decimal("0.01")
GOODS = frozenset({Resolution.RETURN_AND_REFUND, Resolution.EXCHANGE})
"""What the customer sends back: the warehouse counts these."""
NEED_SHIPPED = GOODS | {Resolution.RESHIP}
"""What can only be asked for units that left the house."""
REFUNDS = frozenset({Resolution.REFUND_ONLY, Resolution.RETURN_AND_REFUND})
SHIPS = frozenset({Resolution.EXCHANGE, Resolution.RESHIP})
STAGES = (Stage.INITIATOR, Stage.WAREHOUSE, Stage.MANAGER)
COUNTS = ("ok", "opened", "damaged", "wrong", "missing")
_SHIPPED_STATUSES = frozenset({OrderStatus.SHIPPED, OrderStatus.COMPLETED, OrderStatus.UNKNOWN})


def may_move(before: str, after: str) -> bool:
    """R1: whether a form may go from one state to the other."""
    return after in MOVES[before]


def was_shipped(status: str, shipped_at: Any) -> bool:
    """Whether the order left the house. An order of unknown status counts as shipped: we do not know better than the customer."""
    return shipped_at is not None or status in _SHIPPED_STATUSES


@dataclass(frozen=True)
class Units:
    """One order line: units bought, those a replacement was shipped for, those other live forms claim (`used`, of which `goods`)."""

    bought: int
    shipped: bool
    used: int = 0
    goods: int = 0
    replaced: int = 0

    def left(self, resolution: str) -> int:
        """R6: how many units can still be asked for with this resolution. Compensation takes no unit away."""
        if resolution == Resolution.COMPENSATION:
            return self.bought
        left = self.bought + self.replaced - self.used
        if resolution in NEED_SHIPPED:
            left = min(left, (self.bought if self.shipped else 0) + self.replaced - self.goods)
        return max(left, 0)


def units_used(*, resolution: str, quantity: int, granted: str, approved_quantity: int | None) -> int:
    """Units a line takes away from its order line: what was granted once decided, what is asked until then."""
    if granted in (Resolution.REJECT, Resolution.COMPENSATION):
        return 0
    if granted:
        return approved_quantity or 0
    return 0 if resolution == Resolution.COMPENSATION else quantity


def overdrawn(asked: Iterable[tuple[int, str, int]], units: Mapping[int, Units]) -> list[int]:
    """R6 over the whole form: the order lines of which more is asked than is left. `asked`: (order line, resolution, quantity)."""
    taken: dict[int, list[tuple[str, int]]] = {}
    for line, resolution, quantity in asked:
        taken.setdefault(line, []).append((resolution, quantity))
    return [line for line, parts in taken.items() if _is_overdrawn(parts, units[line])]


def _is_overdrawn(parts: list[tuple[str, int]], units: Units) -> bool:
    consuming = sum(quantity for resolution, quantity in parts if resolution != Resolution.COMPENSATION)
    goods = sum(quantity for resolution, quantity in parts if resolution in NEED_SHIPPED)
    compensated = sum(quantity for resolution, quantity in parts if resolution == Resolution.COMPENSATION)
    return (
        consuming > units.left(Resolution.REFUND_ONLY)
        or (goods > 0 and goods > units.left(Resolution.RETURN_AND_REFUND))
        or compensated > units.bought
    )


def paid_shares(lines: Iterable[tuple[int, Decimal, int, Decimal | None]], paid: Decimal, freight: Decimal) -> dict[int, Decimal]:
    """What was paid for each order line, as `{line: amount}`. `lines`: (id, unit price, quantity, paid or None).

    The platform's own figure where it gave one; the rest of `paid` (less `freight`) is shared by price, the last line takes what
    rounding left, so that the shares add up to what was paid.
    """
    rows = list(lines)
    shares = {line: own for line, _price, _quantity, own in rows if own is not None}
    open_rows = [(line, price * quantity) for line, price, quantity, own in rows if own is None]
    rest = max(paid - freight - sum(shares.values(), Decimal(0)), Decimal(0))
    weight = sum((value for _line, value in open_rows), Decimal(0))
    given = Decimal(0)
    for place, (line, value) in enumerate(open_rows):
        last = place == len(open_rows) - 1
        share = rest - given if last else cents(rest * value / weight if weight else rest / len(open_rows))
        shares[line] = min(share, rest - given)
        given += shares[line]
    return shares


def cents(amount: Decimal) -> Decimal:
    """Rounded to hundredths, half up, as people do on paper."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def line_cap(paid: Decimal, bought: int, approved: int, already: Decimal) -> Decimal:
    """R7: the most that may be refunded for `approved` units of a line of which `paid` was paid for `bought` units and `already`
    was granted by other lines: the rounded share, and never more than what is left of the line."""
    if bought <= 0 or approved <= 0:
        return Decimal(0)
    return max(min(cents(paid * approved / bought), paid - already), Decimal(0))


def order_left(*, paid: Decimal, refunded: Decimal, granted: Decimal, settled: Decimal) -> Decimal:
    """R7: what remains paid of an order: `paid` less what live forms granted less what the platform refunded besides them
    (`refunded` as the platform reports it includes what of ours is `settled`)."""
    return max(paid - granted - max(refunded - settled, Decimal(0)), Decimal(0))


def outcome_of(lines: Iterable[tuple[str, str, int, int]]) -> str:
    """`approved`, `partly_approved` or `rejected`, from (wanted, granted, asked, approved quantity) of each line."""
    rows = list(lines)
    if all(granted == Resolution.REJECT or approved == 0 for _wanted, granted, _asked, approved in rows):
        return "rejected"
    if all(granted == wanted and approved == asked for wanted, granted, asked, approved in rows):
        return "approved"
    return "partly_approved"


def fitting_outcomes(resolutions: Iterable[str]) -> tuple[str, ...]:
    """Which answers the warehouse may give: a count or “not received” where goods come, “no goods expected” where none do."""
    if any(resolution in GOODS for resolution in resolutions):
        return (Outcome.COUNTED, Outcome.NOT_RECEIVED)
    return (Outcome.NO_GOODS_EXPECTED,)


def within_policy(*, amount: Decimal, resolutions: Iterable[str], agrees: bool, most: Decimal, allowed: Iterable[str]) -> bool:
    """Whether a manager may let a form pass by rule: a policy is set, the sum is within it, every resolution is named in it,
    and the warehouse found nothing else than what was asked."""
    return most > 0 and agrees and amount <= most and set(resolutions) <= set(allowed)
