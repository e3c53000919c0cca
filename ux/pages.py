"""The main pages, each with the demo account that works on it, and how to get there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Visit:
    """`path` is opened as `who`; with `follow` the first link that matches is followed from there."""

    name: str
    who: str
    path: str
    follow: str = ""


STRANGER = ""
"""Somebody who is not signed in."""

DESK = Visit("desk", "agent", "/desk/")
NOTE = Visit("note", "agent", "/handover/")
DIGEST = Visit("digest", "night", "/digest/")
BOARD = Visit("board", "manager", "/board/")
TICKET = Visit("ticket", "agent", "/tickets/", "#main a[data-open]")
FORM = Visit("return-form", "aftersale", "/returns/", "#main a[data-open]")
WAREHOUSE = Visit("warehouse", "warehouse", "/returns/desk/")
REPORTS = Visit("reports", "manager", "/reports/")

REPORT_PAGES = (
    Visit("report-complaints", "manager", "/reports/complaint-rate/"),
    Visit("report-compensation", "manager", "/reports/compensation/?window=90d"),
    Visit("report-returns", "manager", "/reports/return-reasons/?window=90d"),
    Visit("report-custody", "manager", "/reports/custody/"),
    Visit("report-handover", "manager", "/reports/handover/"),
    Visit("report-promises", "manager", "/reports/promises/"),
    Visit("report-service", "manager", "/reports/service/"),
    Visit("report-conversion", "manager", "/reports/conversion/"),
    Visit("report-pressure", "manager", "/reports/pressure/"),
    Visit("report-performance", "manager", "/reports/performance/"),
    Visit("report-sheet", "agent", "/reports/performance/"),
    Visit("report-targets", "manager", "/reports/targets/"),
    Visit("report-schedules", "manager", "/reports/schedules/"),
)
"""Every report, and what stands beside them."""

PAGES = (
    Visit("sign-in", STRANGER, "/accounts/login/"),
    DESK,
    TICKET,
    NOTE,
    DIGEST,
    BOARD,
    FORM,
    WAREHOUSE,
    REPORTS,
    Visit("tickets", "agent", "/tickets/"),
    Visit("new-entry", "agent", "/tickets/new/"),
    Visit("lookup", "agent", "/lookup/?q=杯"),
    Visit("customer", "agent", "/orders/", "#main a[href^='/customers/']"),
    Visit("order", "agent", "/orders/", "#main a[data-open]"),
    Visit("orders", "agent", "/orders/"),
    Visit("log-order", "agent", "/orders/new/"),
    Visit("returns", "aftersale", "/returns/"),
    Visit("count", "warehouse", "/returns/desk/", "#main a[data-open]"),
    Visit("parcels", "warehouse", "/returns/parcels/"),
    Visit("decisions", "manager", "/returns/", "#main a[data-open]"),
    Visit("policy", "manager", "/returns/policy/"),
    Visit("roster", "manager", "/roster/"),
    Visit("patterns", "manager", "/roster/patterns/"),
    Visit("leave", "manager", "/roster/leave/"),
    Visit("swaps", "agent", "/roster/swaps/"),
    Visit("duty", "manager", "/duty/"),
    Visit("handover-notes", "manager", "/handover/notes/"),
    Visit("handover-note", "manager", "/handover/notes/", "#main a[data-open]"),
    Visit("digests", "manager", "/digest/team/"),
    Visit("notices", "manager", "/notices/"),
    Visit("imports", "manager", "/imports/"),
    Visit("team", "manager", "/team/"),
    Visit("team-settings", "manager", "/team/settings/"),
    Visit("reasons", "manager", "/team/reasons/"),
    *REPORT_PAGES,
    Visit("me", "agent", "/me/"),
    Visit("alerts", "agent", "/alerts/"),
    Visit("tour", "agent", "/tour/"),
    Visit("home-operations", "operations", "/"),
    Visit("home-manager", "manager", "/"),
    Visit("home-aftersale", "aftersale", "/"),
)

TEN = ("desk", "ticket", "note", "digest", "board", "return-form", "warehouse", "tickets", "roster", "reports")
"""The pages that carry the work: Lighthouse and the picture book look at these."""

WRONG = (
    Visit("log-order", "agent", "/orders/new/"),
    Visit("new-entry", "agent", "/tickets/new/"),
    Visit("team/add", "manager", "/team/add/"),
    Visit("shop", "manager", "/team/shops/add/"),
    Visit("leave", "manager", "/roster/leave/"),
    Visit("notices", "manager", "/notices/"),
    Visit("sign-in", STRANGER, "/accounts/login/"),
)
"""Pages whose largest form is sent empty, to look at how errors are shown."""
