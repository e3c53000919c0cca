"""The main pages, each with the demo account that works on it, and how to get there. Every other page: `ux/doors.py`."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Visit:
    """`path` is opened as `who`. A `{word}` in it stands for the number of a row, found through FOUND_ON."""

    name: str
    who: str
    path: str

    @property
    def word(self) -> str:
        """What has to be found before the page can be opened; nothing for most."""
        found = re.search(r"{(\w+)}", self.path)
        return found[1] if found else ""


FOUND_ON = {
    "ticket": ("/tickets/", r"/tickets/(\d+)/"),
    "held": ("/tickets/?view=mine", r"/tickets/(\d+)/"),
    "any_ticket": ("/tickets/?view=team", r"/tickets/(\d+)/"),
    "promise": ("/tickets/?view=promises", r"/promises/(\d+)/"),
    "customer": ("/orders/", r"/customers/(\d+)/"),
    "order": ("/orders/", r"/orders/(\d+)/"),
    "form": ("/returns/", r"/returns/(\d+)/"),
    "draft_form": ("/returns/?state=draft", r"/returns/(\d+)/"),
    "to_count": ("/returns/desk/", r"/returns/(\d+)/count/"),
    "note": ("/handover/notes/", r"/handover/notes/(\d+)/"),
    "member": ("/team/", r"/team/members/(\d+)/"),
    "shop": ("/team/shops/", r"/team/shops/(\d+)/"),
    "reason": ("/team/reasons/", r"/team/reasons/(\d+)/"),
    "resolution": ("/team/resolutions/", r"/team/resolutions/(\d+)/"),
    "script": ("/scripts/", r"/scripts/(\d+)/"),
    "campaign": ("/campaigns/", r"/campaigns/(\d+)/"),
    "shift": ("/roster/", r"/roster/shifts/(\d+)/"),
    "pattern": ("/roster/patterns/", r"/roster/patterns/(\d+)/"),
    "duty": ("/duty/", r"/duty/(\d+)/"),
    "notice": ("/notices/", r"/notices/(\d+)/"),
    "place": ("/me/messages/", r"/me/messages/(\d+)/"),
    "sheet": ("/reports/performance/", r"/reports/performance/(\d+)/"),
}
"""A word of a path → the page on which the demo team's rows of that kind stand, and how their addresses look."""


STRANGER = ""
"""Somebody who is not signed in."""

DESK = Visit("desk", "agent", "/desk/")
NOTE = Visit("note", "agent", "/handover/")
DIGEST = Visit("digest", "night", "/digest/")
BOARD = Visit("board", "manager", "/board/")
TICKET = Visit("ticket", "agent", "/tickets/{ticket}/")
FORM = Visit("return-form", "aftersale", "/returns/{form}/")
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
    Visit("customer", "agent", "/customers/{customer}/"),
    Visit("order", "agent", "/orders/{order}/"),
    Visit("orders", "agent", "/orders/"),
    Visit("log-order", "agent", "/orders/new/"),
    Visit("returns", "aftersale", "/returns/"),
    Visit("count", "warehouse", "/returns/{to_count}/count/"),
    Visit("parcels", "warehouse", "/returns/parcels/"),
    Visit("decisions", "manager", "/returns/{form}/"),
    Visit("policy", "manager", "/returns/policy/"),
    Visit("roster", "manager", "/roster/"),
    Visit("patterns", "manager", "/roster/patterns/"),
    Visit("leave", "manager", "/roster/leave/"),
    Visit("swaps", "agent", "/roster/swaps/"),
    Visit("duty", "manager", "/duty/"),
    Visit("handover-notes", "manager", "/handover/notes/"),
    Visit("handover-note", "manager", "/handover/notes/{note}/"),
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
