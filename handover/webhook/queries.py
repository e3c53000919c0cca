"""What pages and API ask about webhooks."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from handover.webhook.models import Endpoint, WebhookDelivery
from tickets.people.models import Member


def endpoints(member: Member) -> QuerySet[Endpoint]:
    """The team's endpoints, each with how many events wait and are parked."""
    waiting = Count("deliveries", filter=Q(deliveries__state__in=["waiting", "sending"]))
    parked = Count("deliveries", filter=Q(deliveries__state="parked"))
    return Endpoint.objects.visible_to(member).annotate(waiting=waiting, parked=parked).order_by("id")


def deliveries(member: Member, endpoint: int, state: str = "") -> QuerySet[WebhookDelivery]:
    """The events of one endpoint, newest first; only those in a state where one is given."""
    rows = WebhookDelivery.objects.visible_to(member).filter(endpoint=endpoint)
    return (rows.filter(state=state) if state else rows).select_related("activity__actor", "endpoint__team").order_by("-id")
