"""/reports/"""

from django.urls import path

from handover.report import performance_views, pressure_views, row_views, schedule_views, service_views, target_views, views

app_name = "report"

urlpatterns = [
    path("reports/", views.index, name="index"),
    path("reports/pressure/rows/", pressure_views.rows, name="pressure_rows"),
    path("reports/service/import/", service_views.bring, name="service_import"),
    path("reports/performance/", performance_views.index, name="performance"),
    path("reports/performance/weights/", performance_views.weights, name="performance_weights"),
    path("reports/performance/rows/", performance_views.rows, name="performance_team_rows"),
    path("reports/performance/<int:pk>/rows/", performance_views.rows, name="performance_rows"),
    path("reports/performance/<int:pk>/", performance_views.sheet, name="performance_sheet"),
    path("reports/schedules/", schedule_views.index, name="schedules"),
    path("reports/schedules/<int:pk>/end/", schedule_views.end, name="schedule_end"),
    path("reports/schedules/<int:pk>/resume/", schedule_views.resume, name="schedule_resume"),
    path("reports/targets/", target_views.show, name="targets"),
    path("reports/surprise/", views.surprise, name="surprise"),
    path("reports/<slug:name>/", views.show, name="show"),
    path("reports/<slug:name>/rows/", row_views.rows, name="rows"),
]
