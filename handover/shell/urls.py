"""/manifest.webmanifest, /language/, /styleguide/, /tour/"""

from django.urls import path

from . import views

app_name = "shell"

urlpatterns = [
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("language/", views.language, name="language"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("tour/", views.tour, name="tour"),
]
