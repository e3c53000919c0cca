"""/team/move-in/"""

from django.urls import path

from tickets.movein import views

app_name = "movein"
urlpatterns = [
    path("team/move-in/", views.index, name="list"),
    path("team/move-in/<int:pk>/", views.show, name="show"),
    path("team/move-in/<int:pk>/start/", views.begin, name="start"),
    path("team/move-in/<int:pk>/report.csv", views.report, name="report"),
]
