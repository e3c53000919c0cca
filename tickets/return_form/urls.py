"""The pages of return forms."""

from django.urls import path

from tickets.return_form.views import compensations, deeds, filing, lists, refunds, show, team, warehouse

app_name = "return_form"

urlpatterns = [
    # /returns/
    path("returns/", lists.index, name="list"),
    path("returns/export.<str:kind>", lists.export, name="export"),
    path("returns/filters/", lists.filters, name="filters"),
    path("returns/new/", filing.new, name="new"),
    path("returns/desk/", warehouse.desk, name="desk"),
    path("returns/decide/", lists.decide_together, name="decide_together"),
    path("returns/parcels/", warehouse.parcels, name="parcels"),
    path("returns/parcels/<int:pk>/match/", warehouse.match, name="match"),
    path("returns/people/", team.people, name="people"),
    path("returns/policy/", team.policy, name="policy"),
    path("returns/refunds/", refunds.index, name="refunds"),
    path("returns/compensations/", compensations.index, name="compensations"),
    path("returns/photos/<int:pk>/", deeds.photo, name="photo"),
    # /returns/7/
    path("returns/<int:pk>/", show.show, name="show"),
    path("returns/<int:pk>/edit/", filing.edit, name="edit"),
    path("returns/<int:pk>/print/", team.sheet, name="print"),
    path("returns/<int:pk>/submit/", deeds.submit, name="submit"),
    path("returns/<int:pk>/cancel/", deeds.cancel, name="cancel"),
    path("returns/<int:pk>/reopen/", deeds.reopen, name="reopen"),
    path("returns/<int:pk>/send_back/", deeds.send_back, name="send_back"),
    path("returns/<int:pk>/comment/", deeds.comment, name="comment"),
    path("returns/<int:pk>/parcel/", deeds.parcel, name="parcel"),
    path("returns/<int:pk>/receive/", deeds.receive, name="receive"),
    path("returns/<int:pk>/count/", warehouse.count, name="count"),
    path("returns/<int:pk>/decide/", deeds.decide, name="decide"),
    path("returns/<int:pk>/settle/", deeds.settle, name="settle"),
]
