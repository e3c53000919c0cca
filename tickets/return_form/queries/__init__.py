"""What is asked about return forms, each in a bounded number of queries."""

from tickets.return_form.queries.beside import Beside, Panel, beside_customer, beside_ticket
from tickets.return_form.queries.desks import (
    WHAT,
    Waiting,
    like,
    most_urgent_ids,
    overdue,
    to_decide,
    waiting_at_once,
    waiting_count,
    waiting_for,
)
from tickets.return_form.queries.matching import candidates
from tickets.return_form.queries.people import PersonFigures, performance
from tickets.return_form.queries.reading import Offer, asks_because, blocked_because, forms_of, offer, one, signatures_of, story_of, told
from tickets.return_form.queries.rows import Row, listed, newest_ids
from tickets.return_form.queries.scanning import Scan, scan
from tickets.return_form.queries.stages import Stage, stages
from tickets.return_form.queries.warehouse import Desk, warehouse_desk

__all__ = [
    "WHAT",
    "Beside",
    "Desk",
    "Offer",
    "Panel",
    "PersonFigures",
    "Row",
    "Scan",
    "Stage",
    "Waiting",
    "asks_because",
    "beside_customer",
    "beside_ticket",
    "blocked_because",
    "candidates",
    "forms_of",
    "like",
    "listed",
    "most_urgent_ids",
    "newest_ids",
    "offer",
    "one",
    "overdue",
    "performance",
    "scan",
    "signatures_of",
    "stages",
    "story_of",
    "to_decide",
    "told",
    "waiting_at_once",
    "waiting_count",
    "waiting_for",
    "warehouse_desk",
]
