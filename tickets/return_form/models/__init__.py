"""What the room remembers: the form, who signed it, its parcels and photos, its money, and the platform's own refunds."""

from tickets.return_form.models.form import FormRevision, ReturnForm, ReturnLine
from tickets.return_form.models.money import PlatformCompensation, PlatformRefund, ReturnPolicy, Settlement
from tickets.return_form.models.parcels import Evidence, Parcel
from tickets.return_form.models.signing import Signature, Voiding
from tickets.return_form.models.words import (
    DECIDED,
    EDITABLE,
    FINAL,
    OPEN,
    Disposition,
    Fault,
    FreightPayer,
    Outcome,
    Resolution,
    Stage,
    State,
)

__all__ = [
    "DECIDED",
    "EDITABLE",
    "FINAL",
    "OPEN",
    "Disposition",
    "Evidence",
    "Fault",
    "FormRevision",
    "FreightPayer",
    "Outcome",
    "Parcel",
    "PlatformCompensation",
    "PlatformRefund",
    "Resolution",
    "ReturnForm",
    "ReturnLine",
    "ReturnPolicy",
    "Settlement",
    "Signature",
    "Stage",
    "State",
    "Voiding",
]
