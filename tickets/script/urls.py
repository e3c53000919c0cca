"""/scripts/ and /campaigns/"""

from django.urls import path

from tickets.script import views

app_name = "script"
urlpatterns = [
    # /scripts/
    path("scripts/", views.scripts, name="list"),
    path("scripts/new/", views.script, name="new"),
    path("scripts/for/<int:ticket>/", views.offer, name="offer"),
    path("scripts/<int:pk>/", views.script, name="show"),
    path("scripts/<int:pk>/end/", views.end_script, name="end_script"),
    path("scripts/<int:pk>/resume/", views.resume_script, name="resume_script"),
    # /campaigns/
    path("campaigns/", views.campaigns, name="campaigns"),
    path("campaigns/new/", views.campaign, name="new_campaign"),
    path("campaigns/<int:pk>/", views.campaign, name="campaign"),
    path("campaigns/<int:pk>/end/", views.end_campaign, name="end_campaign"),
    path("campaigns/<int:pk>/resume/", views.resume_campaign, name="resume_campaign"),
]
