"""Every table of this app, room by room (Django looks for them here)."""

from tickets.activity.models import Activity, Alert
from tickets.customer.models import Customer, Handle
from tickets.draft.models import Draft
from tickets.mail.models import Letter, Mailbox
from tickets.movein.models import Move, MoveProblem, Twin
from tickets.order.models import Goods, Import, ImportProblem, Layout, Order, OrderLine, PushDoor, Pushed
from tickets.people.models import Member, Presence, Shop, Team, TokenCalls, TokenGrant, User
from tickets.return_form.models import (
    Evidence,
    FormRevision,
    Parcel,
    PlatformCompensation,
    PlatformRefund,
    ReturnForm,
    ReturnLine,
    ReturnPolicy,
    Settlement,
    Signature,
    Voiding,
)
from tickets.script.models import Campaign, Script
from tickets.ticket.models import (
    Assignment,
    Attachment,
    HandlerRequest,
    OpeningView,
    Promise,
    Reason,
    Resolution,
    SavedView,
    Ticket,
    TicketOrder,
    TicketText,
    Touch,
    Watcher,
)
from tickets.web.models import Reply

__all__ = [
    "Activity",
    "Alert",
    "Assignment",
    "Attachment",
    "Campaign",
    "Customer",
    "Draft",
    "Evidence",
    "FormRevision",
    "Goods",
    "Handle",
    "HandlerRequest",
    "Import",
    "ImportProblem",
    "Layout",
    "Letter",
    "Mailbox",
    "Member",
    "Move",
    "MoveProblem",
    "OpeningView",
    "Order",
    "OrderLine",
    "Parcel",
    "PlatformCompensation",
    "PlatformRefund",
    "Presence",
    "Promise",
    "PushDoor",
    "Pushed",
    "Reason",
    "Reply",
    "Resolution",
    "ReturnForm",
    "ReturnLine",
    "ReturnPolicy",
    "SavedView",
    "Script",
    "Settlement",
    "Shop",
    "Signature",
    "Team",
    "Ticket",
    "TicketOrder",
    "TicketText",
    "TokenCalls",
    "TokenGrant",
    "Touch",
    "Twin",
    "User",
    "Voiding",
    "Watcher",
]
