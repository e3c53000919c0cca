"""/alerts/: what one has been told."""

from django.urls import path

from tickets.activity import views

app_name = "activity"

urlpatterns = [
    # /alerts/
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/seen/", views.seen, name="seen"),
]
