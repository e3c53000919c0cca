"""/team/mail/"""

from django.urls import path

from tickets.mail import views

app_name = "mail"
urlpatterns = [
    path("team/mail/", views.index, name="index"),
    path("team/mail/<int:pk>/take/", views.take, name="take"),
]
