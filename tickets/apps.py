"""What happened to a customer, as a Django app."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tickets.people.actions import departure_hooks
        from tickets.ticket.actions import leave_behind

        departure_hooks.append(leave_behind)
