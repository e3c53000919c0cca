"""/reports/"""

from django.urls import path

from handover.report import views

app_name = "report"

urlpatterns = [
    path("reports/", views.index, name="index"),
    path("reports/surprise/", views.surprise, name="surprise"),
    path("reports/<slug:name>/", views.show, name="show"),
    path("reports/<slug:name>/rows/", views.rows, name="rows"),
]
