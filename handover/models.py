"""Every table of this app, room by room (Django looks for them here)."""

from handover.digest.models import Addendum, Digest, DigestLink, Question, Receipt
from handover.duty.models import Duty
from handover.message.models import Delivery, Destination, Message, Parcel
from handover.note.models import Note, NoteAddendum, NoteItem, Offer
from handover.notice.models import Notice, NoticeRead
from handover.report.models import (
    Figure,
    HourFigure,
    Schedule,
    Sending,
    ServiceDay,
    SheetAnswer,
    SheetWeight,
    StaleDay,
    StaleRow,
    Surprise,
    Target,
)
from handover.roster.models import Absence, CalendarLink, RosterCode, RosterEntry, Shift, ShiftPattern, Swap
from handover.webhook.models import Endpoint, WebhookDelivery

__all__ = [
    "Absence",
    "Addendum",
    "CalendarLink",
    "Delivery",
    "Destination",
    "Digest",
    "DigestLink",
    "Duty",
    "Endpoint",
    "Figure",
    "HourFigure",
    "Message",
    "Note",
    "NoteAddendum",
    "NoteItem",
    "Notice",
    "NoticeRead",
    "Offer",
    "Parcel",
    "Question",
    "Receipt",
    "RosterCode",
    "RosterEntry",
    "Schedule",
    "Sending",
    "ServiceDay",
    "SheetAnswer",
    "SheetWeight",
    "Shift",
    "ShiftPattern",
    "StaleDay",
    "StaleRow",
    "Surprise",
    "Swap",
    "Target",
    "WebhookDelivery",
]
