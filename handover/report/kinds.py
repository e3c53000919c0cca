"""What the marks of counted rows are called, where the rows are listed."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from handover.note.models import Offer
from handover.report.measures import COMPENSATION, CONVERSION, HANDOVER, PROMISES, SERVICE, Text
from tickets.return_form.models import Settlement
from tickets.ticket.models import HandlerRequest, Reason, Ticket

NONE: dict[str, Text] = {"": ""}
COMPLAINTS = NONE | dict(Ticket.Complaint.choices)
HOPS: dict[str, Text] = {
    "claimed": _("claimed"), "transferred": _("passed on"), "taken_over": _("taken over at shift change"), "reopened": _("reopened"),
}  # fmt: skip

OFFERS: Mapping[str, Text] = dict(Offer.State.choices) | {"late": _("Late"), "in_time": _("On time")}
ANSWERS: Mapping[str, Text] = {"take": _("taken"), "owner": _("owner named"), "ask": _("question back")}

KINDS: dict[str, Mapping[str, Text]] = {
    "matters": {"0": _("1 person"), "1": _("1 person"), "2": _("2 people"), "3": _("3 people"), "4": _("4 people or more")},
    "complaints": COMPLAINTS,
    "cohort": COMPLAINTS,
    "hops": HOPS,
    "requests": dict(HandlerRequest.State.choices),
    "promises": PROMISES.marks,
    "made": PROMISES.marks,
    "attended": {"": _("minutes on duty")},
    "calls": {"answered": _("answered"), "routed": _("routed")},
    "filed": {"bounced": _("sent back"), "passed": ""},
    "returns": dict(Reason.Fault.choices),
    "compensated": COMPENSATION.marks,
    "settled": dict(Settlement.Kind.choices) | {"reship": _("Goods sent again")},
    "offers": OFFERS,
    "offered": OFFERS,
    "notes": HANDOVER.marks,
    "readbacks": ANSWERS,
    "answered": ANSWERS,
    "service": {
        mark: measure.label
        for report in (SERVICE, CONVERSION)
        for measure in report.measures
        for count in (measure.bottom, measure.top)
        if count
        for mark in count.marks
    },
}


def kind_word(fact: str, mark: str) -> str:
    """The word for a mark of a fact; nothing for a fact whose rows are all alike."""
    return str(KINDS.get(fact, NONE).get(mark, mark))
