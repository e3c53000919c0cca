"""What changes tickets: the only writer of custody, touches, promises and states.

Every deed runs in one transaction under the ticket's row lock, writes one ledger row, and returns the row as it is now (the
instance that was passed in is not touched). `by` is the member who acts, `at` an aware instant (now by default).
"""

from tickets.ticket.actions.adding import add_to
from tickets.ticket.actions.bulk import BULK, bulk, set_severity, tag
from tickets.ticket.actions.custody import claim, leave_behind, put_into_pool, release, take_over, transfer
from tickets.ticket.actions.editing import edit
from tickets.ticket.actions.extras import attach, attach_all, unwatch, watch
from tickets.ticket.actions.handing import adopt, hand_over
from tickets.ticket.actions.handlers import approve_handler, ask_handler, refuse_handler
from tickets.ticket.actions.kept_views import delete_view, open_plainly, open_with, restore_view, save_view
from tickets.ticket.actions.merging import merge, move_to_customer
from tickets.ticket.actions.moving_in import Before, move_in, say_before
from tickets.ticket.actions.opening import open_ticket
from tickets.ticket.actions.promises import break_overdue, keep, promise, remind_due, stand_again, withdraw
from tickets.ticket.actions.states import complain, reopen, resolve, resume, wait
from tickets.ticket.actions.talking import contact, note
from tickets.ticket.actions.writing_in import add_letter, attach_from_letter, open_from_letter

__all__ = [
    "BULK",
    "Before",
    "add_letter",
    "add_to",
    "adopt",
    "approve_handler",
    "ask_handler",
    "attach",
    "attach_all",
    "attach_from_letter",
    "break_overdue",
    "bulk",
    "claim",
    "complain",
    "contact",
    "delete_view",
    "edit",
    "hand_over",
    "keep",
    "leave_behind",
    "merge",
    "move_in",
    "move_to_customer",
    "note",
    "open_from_letter",
    "open_plainly",
    "open_ticket",
    "open_with",
    "promise",
    "put_into_pool",
    "refuse_handler",
    "release",
    "remind_due",
    "reopen",
    "resolve",
    "restore_view",
    "resume",
    "save_view",
    "say_before",
    "set_severity",
    "stand_again",
    "tag",
    "take_over",
    "transfer",
    "unwatch",
    "wait",
    "watch",
    "withdraw",
]
