"""/lookup/ and /customers/: finding a customer and seeing everything about one.

The pages stand above tickets, since they show them; the customers themselves are kept in the room `customer`.
"""

from django.urls import path

from tickets.lookup import list_views, panel_views, views

app_name = "customer"
urlpatterns = [
    path("lookup/", views.lookup_page, name="lookup"),
    path("panel", panel_views.panel),  # as chat tools are told it; a redirect would cost a second request
    path("panel/", panel_views.panel, name="panel"),
    path("customers/", list_views.index, name="list"),
    # /customers/<number>/
    path("customers/<int:pk>/", views.show, name="show"),
    path("customers/<int:pk>/edit/", views.edit, name="edit"),
    path("customers/<int:pk>/handles/", views.add_handle, name="add_handle"),
    path("customers/<int:pk>/handles/<int:handle>/unmask/", views.unmask, name="unmask"),
    path("customers/<int:pk>/merge/", views.merge, name="merge"),
]
