"""/notices/"""

from django.urls import path

from handover.notice import views

app_name = "notice"
urlpatterns = [
    # /notices/
    path("notices/", views.notices, name="list"),
    path("notices/<int:pk>/", views.notice, name="show"),
    path("notices/<int:pk>/end/", views.end, name="end"),
    path("notices/<int:pk>/resume/", views.resume, name="resume"),
]
