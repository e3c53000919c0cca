"""What changes return forms: the only writer. Each deed is one transaction: lock the order, lock the form, change, one ledger row."""

from tickets.return_form.actions.asking import Asked
from tickets.return_form.actions.counting import Counted, cosign, inspect, send_back
from tickets.return_form.actions.deciding import Granted, decide, decide_together
from tickets.return_form.actions.filing import cancel, edit, file, policy_of, submit
from tickets.return_form.actions.lateness import tell_overdue
from tickets.return_form.actions.owing import owed
from tickets.return_form.actions.parcels import add_parcel, as_scanned, match_parcel, receive, record_unclaimed
from tickets.return_form.actions.reopening import reopen
from tickets.return_form.actions.settings import change_policy
from tickets.return_form.actions.settling import close_idle, settle
from tickets.return_form.actions.talking import comment, follow_merged_customer, follow_merged_ticket

__all__ = [
    "Asked",
    "Counted",
    "Granted",
    "add_parcel",
    "as_scanned",
    "cancel",
    "change_policy",
    "close_idle",
    "comment",
    "cosign",
    "decide",
    "decide_together",
    "edit",
    "file",
    "follow_merged_customer",
    "follow_merged_ticket",
    "inspect",
    "match_parcel",
    "owed",
    "policy_of",
    "receive",
    "record_unclaimed",
    "reopen",
    "send_back",
    "settle",
    "submit",
    "tell_overdue",
]
