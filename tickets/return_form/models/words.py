"""The words of a return form: its states, resolutions, stages, outcomes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for the warehouse")
    INSPECTED = "inspected", _("Waiting for the manager")
    APPROVED = "approved", _("Approved")
    PARTLY_APPROVED = "partly_approved", _("Partly approved")
    REJECTED = "rejected", _("Rejected")
    SETTLING = "settling", _("Being settled")
    CLOSED = "closed", pgettext_lazy("return form", "Closed")
    SENT_BACK = "sent_back", _("Sent back")
    CANCELLED = "cancelled", _("Cancelled")


EDITABLE = ("draft", "sent_back", "submitted", "inspected", "approved", "partly_approved", "rejected")
"""Where the content may still change; with a signature on it, the change voids that signature."""

DECIDED = ("approved", "partly_approved", "rejected")
FINAL = ("closed", "cancelled")
OPEN = tuple(state.value for state in State if state.value not in FINAL)


class Resolution(models.TextChoices):
    REFUND_ONLY = "refund_only", _("Refund only")
    RETURN_AND_REFUND = "return_and_refund", _("Return and refund")
    EXCHANGE = "exchange", _("Exchange")
    RESHIP = "reship", _("Reship")
    COMPENSATION = "compensation", _("Compensation")
    REJECT = "reject", _("Reject")


class Stage(models.TextChoices):
    """Who signs, in this order; the rank is the place in the order."""

    INITIATOR = "initiator", _("After-sale")
    WAREHOUSE = "warehouse", _("Warehouse")
    MANAGER = "manager", _("Manager")


class Outcome(models.TextChoices):
    """How the warehouse answers."""

    COUNTED = "counted", _("Counted")
    NO_GOODS_EXPECTED = "no_goods_expected", _("No goods expected")
    NOT_RECEIVED = "not_received", _("Not received")


class Disposition(models.TextChoices):
    """Where the goods that came go."""

    RESTOCK = "restock", _("Back to stock")
    QUARANTINE = "quarantine", _("Quarantine")
    SCRAP = "scrap", _("Scrap")
    SEND_BACK = "send_back", _("Send back to the customer")


class Fault(models.TextChoices):
    """Whose fault it was, as the manager decides."""

    CUSTOMER = "customer", _("Customer")
    WAREHOUSE = "warehouse", _("Warehouse")
    AGENT = "agent", _("Agent")
    SUPPLIER = "supplier", _("Supplier")
    COURIER = "courier", _("Courier")


class FreightPayer(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    US = "us", _("We")
