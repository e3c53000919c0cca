"""What pages and the API ask of tickets, each in a bounded number of queries."""

from tickets.ticket.queries.chains import merged_below
from tickets.ticket.queries.holders import SendTo, suggest_holders, whom_to_send
from tickets.ticket.queries.lists import VIEWS, leaves, listing, open_matters, promises_by_urgency, told
from tickets.ticket.queries.search import matching
from tickets.ticket.queries.story import Dot, custody, handlers, ticket_story

__all__ = [
    "VIEWS",
    "Dot",
    "SendTo",
    "custody",
    "handlers",
    "leaves",
    "listing",
    "matching",
    "merged_below",
    "open_matters",
    "promises_by_urgency",
    "suggest_holders",
    "ticket_story",
    "told",
    "whom_to_send",
]
