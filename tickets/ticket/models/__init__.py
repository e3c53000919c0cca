"""A ticket: one matter of one customer, who has it, who had it, what was promised."""

from tickets.ticket.models.custody import Assignment, HandlerRequest, Touch
from tickets.ticket.models.extras import Attachment, OpeningView, SavedView, Watcher
from tickets.ticket.models.promise import Promise
from tickets.ticket.models.reasons import Reason, Resolution
from tickets.ticket.models.ticket import UNRESOLVED, Severity, Status, Ticket, TicketOrder, TicketText

__all__ = [
    "UNRESOLVED",
    "Assignment",
    "Attachment",
    "HandlerRequest",
    "OpeningView",
    "Promise",
    "Reason",
    "Resolution",
    "SavedView",
    "Severity",
    "Status",
    "Ticket",
    "TicketOrder",
    "TicketText",
    "Touch",
    "Watcher",
]
