"""The roof as a Django app."""

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

    def register_departures(self) -> None:
        """What must happen to duty and roster when somebody leaves: duty first, since its end looks at the roster."""
        from handover.duty.actions import end_for_departure
        from handover.roster.actions import free
        from tickets.people.actions import departure_hooks

        departure_hooks += [hook for hook in (end_for_departure, free) if hook not in departure_hooks]


class SetUpAdmin(admin_apps.AdminConfig):
    """The admin site, with our policy laid over what the libraries have registered."""

    default = False

    def ready(self) -> None:
        super().ready()
        from handover.admin import register_all

        register_all()
