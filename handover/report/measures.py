"""Which reports there are: each declares its measures, how they can be broken down, and which way is better. Nothing else is written
per report: reading, files, drill-down, sentence and chart follow from the declaration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | LazyText


@dataclass(frozen=True)
class Count:
    """How many of a fact (or, with `amount`, how much): only these marks, if any are named."""

    fact: str
    marks: tuple[str, ...] = ()
    amount: bool = False


@dataclass(frozen=True)
class Measure:
    """A figure: `top`, or `top` ÷ `bottom`. `show`: percent, number, decimal, money or minutes. `better`: less, more, or nothing.

    `chance` says that `top` are some of what `bottom` counts, so that a p-chart and a test of two shares apply.
    """

    code: str
    label: Text
    top: Count
    bottom: Count | None = None
    show: str = "number"
    better: str = ""
    chance: bool = False
    help: Text = ""


@dataclass(frozen=True)
class Report:
    """The first measure is the headline, the first of `bys` the usual breakdown. `marks` words the marks of the headline's fact; `only`
    gives the figures of a breakdown that has other ones.

    `deed`: what one must be allowed besides reading reports. `also`: further words of its address; of numbers the usual, the least and
    the most. `file`: the panel that csv and xlsx are of, where it is not the breakdown."""

    name: str
    title: Text
    question: Text
    measures: tuple[Measure, ...]
    bys: tuple[str, ...]
    marks: dict[str, Text] = field(default_factory=dict)
    money: bool = False
    extras: tuple[str, ...] = ()
    only: dict[str, tuple[Measure, ...]] = field(default_factory=dict)
    deed: str = ""
    also: Mapping[str, tuple[int, int, int] | None] = field(default_factory=dict)
    file: str = "by"

    def seen_by(self, by: str) -> Report:
        """The report as this breakdown shows it."""
        return replace(self, measures=self.only[by], extras=(), file="by") if by in self.only else self


ORDERS, MATTERS = Count("orders"), Count("matters")
SALES = Count("orders", amount=True)
PLACES = ("shop", "platform")


def _passed(code: str, label: Text, *marks: str, better: str = "") -> Measure:
    return Measure(code, label, Count("matters", marks), MATTERS, "percent", better, chance=True)


COMPLAINTS = Report(
    "complaint-rate",
    _("Complaint rate"),
    _("How many orders end in a complaint, and what drives it?"),
    (
        Measure(
            "rate", _("Complaint rate"), Count("complaints"), ORDERS, "percent", "less", chance=True,
            help=_("Complaints opened in the period ÷ orders paid in the period."),
        ),
        Measure(
            "cohort", _("Of these orders"), Count("cohort"), ORDERS, "percent", "less", chance=True,
            help=_("Complaints about the orders paid in the period, whenever they came, ÷ those orders. Still rises for recent days."),
        ),
        Measure("bad_review", _("Bad reviews"), Count("complaints", ("bad_review",)), ORDERS, "percent", "less", chance=True),
        Measure("dispute", _("Disputes"), Count("complaints", ("dispute",)), ORDERS, "percent", "less", chance=True),
        Measure("platform", _("Platform interventions"), Count("complaints", ("platform",)), ORDERS, "percent", "less", chance=True),
    ),
    ("product", "reason", *PLACES, "member", "shift", "level"),
    {"bad_review": _("Bad review"), "dispute": _("Dispute"), "platform": _("Platform intervention")},
    extras=("rolling", "windows"),
)  # fmt: skip

COMPENSATION = Report(
    "compensation",
    _("Compensation"),
    _("What do we pay customers to make up for it, and for what?"),
    (
        Measure("sum", _("Compensation"), Count("compensated", amount=True), None, "money", "less",
                help=_("Compensation of return forms and of the platforms' sheets, on the day it was paid; what both tell counts once.")),
        Measure("per_order", _("Per order"), Count("compensated", amount=True), ORDERS, "money", "less"),
        Measure("per_case", _("Per case"), Count("compensated", amount=True), Count("compensated"), "money", "less"),
        Measure("cases", _("Cases"), Count("compensated"), None, "number", "less"),
    ),
    ("reason", "fault", "product", "member", *PLACES, "shift"),
    {
        "customer": pgettext_lazy("fault", "Customer"), "warehouse": pgettext_lazy("fault", "Warehouse"),
        "agent": pgettext_lazy("fault", "Agent"), "supplier": pgettext_lazy("fault", "Supplier"),
        "courier": pgettext_lazy("fault", "Courier"), "": _("not said"),
    },
    money=True,
    extras=("rolling", "windows"),
)  # fmt: skip

RETURNS = Report(
    "return-reasons",
    _("Return reasons"),
    _("Why do goods come back, did the top reasons shrink, and what does it cost?"),
    (
        Measure("asked", _("Return rate"), Count("returns"), ORDERS, "percent", "less", chance=True,
                help=_("Positions on return forms handed in in the period ÷ orders paid in the period.")),
        Measure("lines", _("Positions"), Count("returns"), None, "number", "less"),
        Measure("ours", _("Our fault"), Count("returns", ("ours",)), Count("returns"), "percent", "less", chance=True,
                help=_("Positions whose reason is our fault ÷ all positions.")),
        Measure("choice", _("Customer's choice"), Count("returns", ("customer",)), Count("returns"), "percent", chance=True),
        Measure("cost", _("Cost of after-sale"), Count("settled", amount=True), SALES, "percent", "less",
                help=_("Refunds, freight, compensation and the value of goods sent again (reship), of the period ÷ sales of the period.")),
        Measure("refunded", _("Orders refunded"), Count("refunds"), ORDERS, "percent", "less", chance=True,
                help=_("Orders paid in the period that the platform shows as refunded, in part or in full ÷ those orders.")),
    ),
    ("reason", "product", "fault", *PLACES, "member", "shift"),
    {"ours": _("Our fault"), "customer": _("Customer's choice"), "nobody": _("Nobody's fault")},
    money=True,
    extras=("months",),
)  # fmt: skip

PASSED_ON = _("Times a matter went from one person to another.")
MOVED = _("Times a matter went from one person to another: from the shift that the giver worked to the one that the taker works or begins.")

CUSTODY = Report(
    "custody",
    _("Passed around"),
    _("Through how many hands does a customer's matter go?"),
    (
        _passed("four", _("4 people or more"), "4", better="less"),
        _passed("one", _("1 person"), "0", "1", better="more"),
        _passed("two", _("2 people"), "2"),
        _passed("three", _("3 people"), "3"),
        Measure("mean", _("People per matter"), Count("matters", amount=True), MATTERS, "decimal", "less"),
        Measure("hops", _("Passed on"), Count("hops"), None, "number", "less", help=PASSED_ON),
        Measure("refused", _("4th refused"), Count("refusals"), None, "number", help=_("Times one handler too many was refused.")),
        Measure("let", _("4th let in"), Count("requests", ("approved", "let_through")), None, "number", "less"),
        Measure("repeat", _("Back within 72 h"), Count("repeats"), MATTERS, "percent", "less", chance=True,
                help=_("Matters opened within 72 hours after another matter of the same customer was resolved ÷ matters.")),
    ),
    ("reason", "hour", *PLACES, "product", "member", "shift", "pair", "moves"),
    extras=("passed", "worst"),
    only={
        "pair": (Measure("hops", _("Passed on"), Count("pairs"), None, "number", "less", help=PASSED_ON),),
        "moves": (Measure("hops", _("Passed on"), Count("moves"), None, "number", "less", help=MOVED),),
    },
)  # fmt: skip


def _promises(fact: str) -> tuple[Measure, ...]:
    return (
        Measure("kept", _("Kept in time"), Count(fact, ("kept",)), Count(fact, ("kept", "late", "broken")), "percent", "more", chance=True,
                help=_("Promises due in the period and kept by their time ÷ all that were due and not withdrawn.")),
        Measure("late", _("Kept late"), Count(fact, ("late",)), None, "number", "less"),
        Measure("broken", _("Broken"), Count(fact, ("broken",)), None, "number", "less"),
        Measure("open", _("Not due yet"), Count(fact, ("open",)), None, "number"),
        Measure("withdrawn", _("Withdrawn"), Count(fact, ("withdrawn",)), None, "number"),
    )  # fmt: skip


PROMISES = Report(
    "promises",
    _("Promises"),
    _("Is what we tell customers kept, by whom, and on time?"),
    _promises("promises"),
    ("member", "maker", "shift", "reason", "product", *PLACES, "outcome"),
    {"kept": _("Kept"), "late": _("Kept late"), "broken": _("Broken"), "open": _("Open"), "withdrawn": _("Withdrawn")},
    only={"maker": _promises("made")},
)  # fmt: skip

OF_MATTERS = (
    Measure("readbacks", _("Read back"), Count("readbacks", ("take", "owner")), None, "number"),
    Measure("questions", _("Questions back"), Count("readbacks", ("ask",)), None, "number"),
    Measure("nobody", _("Nobody took"), Count("offers", ("late", "pooled")), Count("offers"), "percent", "less", chance=True,
            help=_("Matters handed over that nobody took within the time the team set ÷ all handed over.")),
)  # fmt: skip
"""What of a handover is told of matters, and so of their reasons, products and shops; the rest is of a whole shift."""

HANDOVER = Report(
    "handover",
    _("Handover"),
    _("Does the next shift know what this one learned?"),
    (
        Measure("on_time", _("Notes signed on time"), Count("notes", ("on_time",)), Count("notes"), "percent", "more", chance=True,
                help=_("Duties that ended with a note signed by their own end, 15 minutes of grace included ÷ all duties that ended.")),
        Measure("complete", _("Complete"), Count("notes", ("on_time", "late", "system"), amount=True),
                Count("notes", ("on_time", "late", "system")), "percent", "more",
                help=_("Of five parts per matter (severity, state, next action, time, “if …, then …”): how many were filled.")),
        Measure("minutes", _("Minutes to read"), Count("receipts", amount=True), Count("receipts"), "minutes", "less",
                help=_("From the start of the shift to the acknowledged digest; 0 for whoever read it before.")),
        *OF_MATTERS,
        Measure("surprises", _("Surprises"), Count("surprises"), None, "number", "less",
                help=_("“Something I was not told”, said with one tap at the end of a shift.")),
    ),
    ("shift", "member", "outcome", "reason", "product", *PLACES),
    {"on_time": _("On time"), "late": _("Late"), "system": _("Built from the ledger"), "missing": _("Missing")},
    only=dict.fromkeys(("reason", "product", *PLACES), (OF_MATTERS[2], *OF_MATTERS[:2])),
)  # fmt: skip


def _service(*marks: str) -> Count:
    return Count("service", marks, amount=True)


SERVICE = Report(
    "service",
    _("Service"),
    _("How quickly and how well are customers served?"),
    (
        Measure("reply", _("Reply rate"), _service("answered"), _service("answered_of"), "percent", "more",
                help=_("Customers answered ÷ customers who asked.")),
        Measure("first", _("First response, s"), _service("first_cost"), _service("first_times"), "decimal", "less",
                help=_("Σ of the time ÷ Σ of the customers received; automatic replies do not count.")),
        Measure("average", _("Average response, s"), _service("average_cost"), _service("average_times"), "decimal", "less"),
        Measure("received", _("Received"), _service("received"), None, "number", help=_("Customers received.")),
        Measure("in", _("Transferred in"), _service("in"), None, "number", "less"),
        Measure("out", _("Transferred out"), _service("out"), None, "number", "less"),
        Measure("satisfied", _("Satisfied"), _service("satisfied"), _service("rated"), "percent", "more",
                help=_("Very satisfied and satisfied ÷ all ratings.")),
    ),
    ("account", "member", *PLACES),
    extras=("imports",),
)  # fmt: skip

CONVERSION = Report(
    "conversion",
    _("Conversion"),
    _("Do those who ask order, and do those who order pay?"),
    (
        Measure("paid", _("Asked → paid"), _service("paid"), _service("paid_of"), "percent", "more",
                help=_("Customers who asked and finally paid ÷ customers who asked to buy; only days whose figures are final.")),
        Measure("ordered", _("Asked → ordered"), _service("ordered"), _service("ordered_of"), "percent", "more"),
        Measure("inquired", _("Asked to buy"), _service("inquired"), None, "number"),
        Measure("pending", _("Not final yet"), _service("pending"), None, "number",
                help=_("Days of an account that the platform has not settled: a day is final once the time to pay is over, after a week.")),
    ),
    ("account", "member", *PLACES),
    extras=("imports",),
)  # fmt: skip

TICKETS = Measure("tickets", _("Tickets"), MATTERS)

PRESSURE = Report(
    "pressure",
    _("Pressure"),
    _("When do customers come, who is there, and how many would it take?"),
    (Measure("contacts", _("Contacts"), Count("contacts")), TICKETS),
    ("reason", *PLACES, "member", "shift", "product"),
    extras=("week",),
    only={"product": (TICKETS,)},
    deed="board.read",
    also={"channel": None, "share": (80, 1, 99), "seconds": (30, 1, 3600), "minutes": (6, 1, 240), "at_once": (3, 1, 20)},
    file="hours",
)

REPORTS: dict[str, Report] = {
    r.name: r for r in (COMPLAINTS, COMPENSATION, RETURNS, CUSTODY, HANDOVER, PROMISES, SERVICE, CONVERSION, PRESSURE)
}
BY_WORDS: dict[str, Text] = {
    "shop": _("Shop"), "platform": _("Platform"), "product": _("Product"), "reason": _("Reason"), "member": _("Member"),
    "shift": _("Shift"), "hour": _("Hour"), "level": _("Level"), "fault": _("Fault"), "outcome": _("Outcome"), "maker": _("Promised by"),
    "account": _("Account"), "channel": _("Channel"), "pair": _("From whom to whom"), "moves": _("From shift to shift"),
}  # fmt: skip
