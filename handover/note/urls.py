"""/handover/"""

from django.urls import path

from handover.note import views

app_name = "note"
urlpatterns = [
    # /handover/
    path("handover/", views.write, name="write"),
    path("handover/items/<int:pk>/", views.save_item, name="item"),
    path("handover/parts/", views.save_parts, name="parts"),
    path("handover/notes/", views.notes, name="list"),
    path("handover/notes/<int:pk>/", views.show, name="show"),
    path("handover/notes/<int:pk>/sign/", views.sign, name="sign"),
    path("handover/notes/<int:pk>/signed/", views.signed, name="signed"),
]
