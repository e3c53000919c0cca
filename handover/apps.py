"""The roof as a Django app."""

from typing import Any

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps  # the class itself, in our namespace, would be taken for our app
from django.core.management import call_command
from django.db.models.signals import post_migrate


def make_cache_table(sender: AppConfig, using: str, **_kwargs: object) -> None:
    """The shared cache is a table that no migration knows; making it is idempotent."""
    call_command("createcachetable", database=using, verbosity=0)


class HandoverConfig(AppConfig):
    name = "handover"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(make_cache_table, sender=self)
        self.register_departures()
        self.register_handover()
        self.register_sentences()
        self.register_lists()

    def register_departures(self) -> None:
        """What must happen to duty and roster when somebody leaves: duty first, since its end looks at the roster."""
        from handover.duty.actions import end_for_departure
        from handover.roster.actions import free
        from handover.roster.actions.swaps import give_back
        from tickets.people.actions import departure_hooks

        departure_hooks += [hook for hook in (end_for_departure, free, give_back) if hook not in departure_hooks]

    def register_lists(self) -> None:
        """What the imports take besides the lists of the rooms below."""
        from handover.report.service_actions import introduce_figures

        introduce_figures()

    def register_sentences(self) -> None:
        """How the ledger rows of these rooms read."""
        from handover import telling
        from handover.duty import telling as duty
        from handover.message import telling as message
        from handover.roster import telling as roster
        from handover.webhook import telling as webhook

        roster.register_all()
        duty.register_all()
        message.register_all()
        webhook.register_all()
        telling.register_words()

    def register_handover(self) -> None:
        """What a duty's end, a signed note and a notice bring about in the rooms above them."""
        from handover.digest.actions import addenda, links
        from handover.digest.campaigns import campaigns_running
        from handover.digest.queries import section_providers
        from handover.digest.returns import forms_waiting
        from handover.duty.actions import duty_end_hooks
        from handover.message.actions import composers
        from handover.note.actions import signing
        from handover.notice.actions import published_hooks
        from handover.report import schedules

        wired: list[tuple[list[Any], Any]] = [
            (duty_end_hooks, signing.after_duty),
            (signing.signed_hooks, addenda.tell_note),
            (signing.addendum_hooks, addenda.tell_correction),
            (published_hooks, addenda.tell_notice),
            (section_providers, forms_waiting),
            (section_providers, campaigns_running),
        ]
        composers["digest.ready"] = links.words_of_link
        composers["report.ready"] = schedules.words_of_report
        for hooks, hook in wired:
            if hook not in hooks:
                hooks.append(hook)


class SetUpAdmin(admin_apps.AdminConfig):
    """The admin site, with our policy laid over what the libraries have registered."""

    default = False

    def ready(self) -> None:
        super().ready()
        from handover.admin import register_all

        register_all()
