"""/duty/"""

from django.urls import path

from handover.duty import views

app_name = "duty"

urlpatterns = [
    path("duty/", views.duties, name="list"),
    path("duty/let-in/", views.let_in, name="let_in"),
    path("duty/<int:pk>/", views.show, name="show"),
    path("duty/<int:pk>/end/", views.end, name="end"),
    path("duty/<int:pk>/extend/", views.extend, name="extend"),
]
