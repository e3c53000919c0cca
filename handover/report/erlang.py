"""How many people it takes: Erlang C, the waiting probability of an M/M/c queue. Pure.

A. K. Erlang, “Solution of some Problems in the Theory of Probabilities of Significance in Automatic Telephone Exchanges” (1917):
with A = arrivals × handling time (in erlangs), C(c, A) = [Aᶜ/c! · c/(c−A)] ÷ [Σ_{k<c} Aᵏ/k! + Aᶜ/c! · c/(c−A)], and the share answered
within T is 1 − C · e^(−(c−A)·T/handling time). Computed through Erlang B's recursion, which neither overflows nor cancels.
"""

from __future__ import annotations

from math import ceil, exp

MOST = 2000


def blocked(load: float, people: int) -> float:
    """Erlang B: the share of contacts that find everybody busy, where nobody waits."""
    found = 1.0
    for count in range(1, people + 1):
        found = load * found / (count + load * found)
    return found


def waits(load: float, people: int) -> float:
    """Erlang C: the share of contacts that must wait. With no more people than load, all of them, ever longer."""
    if load <= 0:
        return 0.0
    if people <= load:
        return 1.0
    busy = blocked(load, people)
    return people * busy / (people - load * (1 - busy))


def answered_within(load: float, people: int, seconds: float, handling: float) -> float:
    """The share answered within `seconds`; `handling` in seconds, `load` in erlangs."""
    if people <= load:
        return 0.0 if load > 0 else 1.0
    return 1 - waits(load, people) * exp(-(people - load) * seconds / handling)


def people_needed(per_hour: float, *, handling: float, seconds: float, share: float, at_once: int = 1) -> int:
    """How few people answer `share` of `per_hour` contacts within `seconds`.

    `handling` is seconds of work per contact. A chat agent who serves several customers `at_once` spends that much less on each.
    """
    work = handling / at_once
    load = per_hour * work / 3600
    if load <= 0:
        return 0
    people = max(1, ceil(load))
    while people < MOST and answered_within(load, people, seconds, work) < share:
        people += 1
    return people
