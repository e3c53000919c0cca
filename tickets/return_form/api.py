"""The API paths of return forms: `returns/`, `parcels/`, `compensations/`."""

from rest_framework.routers import SimpleRouter

from tickets.return_form.rest.compensations import Compensations
from tickets.return_form.rest.forms import Returns
from tickets.return_form.rest.parcels import Parcels

router = SimpleRouter()
router.register("returns", Returns, basename="api-return")
router.register("parcels", Parcels, basename="api-parcel")
router.register("compensations", Compensations, basename="api-compensation")

urlpatterns = router.urls
