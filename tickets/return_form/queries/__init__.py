"""What is asked about return forms, each in a bounded number of queries."""

from tickets.return_form.queries.beside import Beside, Panel, beside_customer, beside_ticket
from tickets.return_form.queries.desks import Desk, Waiting, overdue, waiting_at_once, waiting_count, waiting_for, warehouse_desk
from tickets.return_form.queries.people import PersonFigures, performance
from tickets.return_form.queries.reading import Offer, blocked_because, forms_of, offer, one, signatures_of, story_of, told
from tickets.return_form.queries.scanning import Scan, scan

__all__ = [
    "Beside",
    "Desk",
    "Offer",
    "Panel",
    "PersonFigures",
    "Scan",
    "Waiting",
    "beside_customer",
    "beside_ticket",
    "blocked_because",
    "forms_of",
    "offer",
    "one",
    "overdue",
    "performance",
    "scan",
    "signatures_of",
    "story_of",
    "told",
    "waiting_at_once",
    "waiting_count",
    "waiting_for",
    "warehouse_desk",
]
