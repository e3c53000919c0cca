"""The API paths of tickets: `tickets/`, `promises/`, `reasons/`, `resolutions/`."""

from rest_framework.routers import SimpleRouter

from tickets.ticket.rest.promises import Promises, Reasons, Resolutions
from tickets.ticket.rest.tickets import Tickets

router = SimpleRouter()
router.register("tickets", Tickets, basename="api-ticket")
router.register("promises", Promises, basename="api-promise")
router.register("reasons", Reasons, basename="api-reason")
router.register("resolutions", Resolutions, basename="api-resolution")

urlpatterns = router.urls
