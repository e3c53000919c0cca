"""/board/"""

from django.urls import path

from handover.board import views

app_name = "board"

urlpatterns = [
    path("board/", views.show, name="show"),
    path("board/coming/", views.coming, name="coming"),
    path("board/requests/<int:pk>/", views.decide, name="decide"),
]
