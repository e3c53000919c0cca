"""What happened to a customer, as a Django app."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A lower room calls what a higher one must do; here they are introduced to each other."""
        from django.contrib.auth.signals import user_logged_in

        from tickets.customer.actions import merge_hooks
        from tickets.mail.queries import beside_ticket as reply_address_beside
        from tickets.order.actions import follow_customer
        from tickets.order.telling import register_words
        from tickets.people.actions import departure_hooks
        from tickets.return_form.actions import follow_merged_customer, follow_merged_ticket
        from tickets.return_form.actions.compensations import introduce_sheets
        from tickets.return_form.actions.refunds import introduce_refund_list
        from tickets.return_form.queries import asks_because, beside_ticket
        from tickets.ticket.actions import leave_behind, move_to_customer
        from tickets.ticket.actions.merging import ticket_merge_hooks
        from tickets.ticket.case import beside_hooks
        from tickets.ticket.wording import chosen_hooks
        from tickets.web.confirmation import remember_sign_in

        user_logged_in.connect(remember_sign_in, dispatch_uid="tickets.web.confirmation")
        departure_hooks.append(leave_behind)
        ticket_merge_hooks.append(follow_merged_ticket)
        beside_hooks.append(("returns", "tickets/return_form/_beside.html", beside_ticket))
        beside_hooks.append(("reply_to", "tickets/mail/_beside.html", reply_address_beside))
        merge_hooks.extend([follow_customer, move_to_customer, follow_merged_customer])
        chosen_hooks.append(asks_because)
        register_words()
        introduce_refund_list()
        introduce_sheets()
