"""/orders/, /imports/ and /hooks/shopify/"""

from django.urls import path

from tickets.order import import_views, push_views, views

app_name = "order"
urlpatterns = [
    # /orders/
    path("orders/", views.index, name="list"),
    path("orders/new/", views.log, name="log"),
    path("orders/export.<str:kind>", views.export, name="export"),
    path("orders/<int:pk>/", views.show, name="show"),
    path("orders/<int:pk>/unmask/", views.unmask, name="unmask"),
    # /imports/
    path("imports/", import_views.index, name="imports"),
    path("imports/<int:pk>/", import_views.show, name="import"),
    path("imports/<int:pk>/columns/", import_views.columns, name="import_columns"),
    path("imports/<int:pk>/start/", import_views.begin, name="start_import"),
    path("imports/<int:pk>/report.csv", import_views.report, name="import_report"),
    # orders that a platform sends by itself
    path("hooks/shopify/<str:token>/", push_views.shopify, name="shopify"),
    path("team/shops/<int:pk>/push/", push_views.set_up, name="push_door"),
]
