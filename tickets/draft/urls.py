"""/drafts/: what one has typed and not sent."""

from django.urls import path

from tickets.draft import views

app_name = "draft"

urlpatterns = [
    path("drafts/", views.drafts, name="drafts"),
]
