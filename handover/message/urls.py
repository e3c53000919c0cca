"""/me/messages/ and /team/messages/"""

from django.urls import path

from handover.message import views

app_name = "message"
urlpatterns = [
    # /me/messages/
    path("me/messages/", views.mine, name="mine"),
    path("me/messages/add/", views.add, name="add"),
    path("me/messages/<int:pk>/", views.place, name="place"),
    path("me/messages/<int:pk>/test/", views.test, name="test"),
    path("me/messages/<int:pk>/remove/", views.remove, name="remove"),
    # /team/messages/
    path("team/messages/", views.team, name="team"),
    path("team/messages/add/", views.add_channel, name="add_channel"),
    path("team/messages/<uuid:pk>/again/", views.again, name="again"),
]
