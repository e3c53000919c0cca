"""What of a view's filters, or of its breakdown, says nothing to a figure: in words, so that nobody takes the whole for a part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from django.utils.translation import gettext as _

from handover.report import queries
from handover.report.asking import Asked
from handover.report.breakdown import MARK_WORDS
from handover.report.building import FILTERS, Built
from handover.report.measures import BY_WORDS, REPORTS, Count, Measure

NARROWS = (*FILTERS, "channel")


def unheard(built: Built) -> list[str]:
    """Sentences on the filters that some figures, or what these are shares of, do not know; on the breakdown likewise. No query."""
    asked, found = built.asked, not_narrowed(built.asked, built.report.measures)
    left = _left_out(built)
    if left:
        found.append(_("Not broken down by %(what)s: %(figures)s.") % {"what": BY_WORDS[asked.by], "figures": _listed(left)})
    if asked.by not in MARK_WORDS:
        half = _split(built.report.measures, lambda count: queries.knows(queries.fact_of(count.fact, asked), asked.by))[1]
        if half:
            said = {"what": BY_WORDS[asked.by], "figures": _listed(half)}
            found.append(_("%(what)s tells apart what is counted, not what it is a share of: %(figures)s.") % said)
    return found


def _left_out(built: Built) -> list[Measure]:
    """Figures of the report that this breakdown, common to all reports, leaves out: what they count does not know it."""
    if built.asked.by not in FILTERS:
        return []
    shown = {measure.code for measure in built.report.measures}
    return [measure for measure in REPORTS[built.report.name].measures if measure.code not in shown]


def not_narrowed(asked: Asked, measures: Sequence[Measure]) -> list[str]:
    """Sentences on the filters alone, of these figures."""
    found = []
    for word in (word for word in NARROWS if word in asked.values):
        deaf, half = _split(measures, partial(_narrows, asked, word))
        said = {"what": BY_WORDS[word], "figures": _listed(deaf)}
        if len(deaf) == len(measures):
            found.append(_("Not narrowed by %(what)s: what this report counts does not know it.") % said)
        elif deaf:
            found.append(_("Not narrowed by %(what)s: %(figures)s.") % said)
        if half:
            said["figures"] = _listed(half)
            found.append(_("%(what)s narrows what is counted, not what it is a share of: %(figures)s.") % said)
    return found


def _narrows(asked: Asked, word: str, count: Count) -> bool:
    fact = queries.fact_of(count.fact, asked)
    return queries.dim_of(word) in queries.filters_of(asked, fact)


def _split(measures: Iterable[Measure], knows: Callable[[Count], bool]) -> tuple[list[Measure], list[Measure]]:
    """The measures that do not know it, and those whose denominator alone does not."""
    measures = list(measures)
    hearing = [m for m in measures if knows(m.top)]
    return [m for m in measures if m not in hearing], [m for m in hearing if m.bottom is not None and not knows(m.bottom)]


def _listed(measures: list[Measure]) -> str:
    return _(", ").join(str(m.label) for m in measures)
