"""/team/webhooks/"""

from django.urls import path

from handover.webhook import views

app_name = "webhook"
urlpatterns = [
    # /team/webhooks/
    path("team/webhooks/", views.index, name="list"),
    path("team/webhooks/add/", views.add, name="add"),
    path("team/webhooks/<int:pk>/", views.show, name="show"),
    path("team/webhooks/<int:pk>/<slug:word>/", views.deed, name="deed"),
    path("team/webhooks/<int:pk>/events/<int:delivery>/again/", views.again, name="again"),
]
