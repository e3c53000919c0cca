"""/digest/ and the personal link /d/…/"""

from django.urls import path

from handover.digest import views

app_name = "digest"
urlpatterns = [
    # /digest/
    path("digest/", views.read, name="read"),
    path("digest/answer/<slug:item>/", views.answer, name="answer"),
    path("digest/undo/<slug:item>/", views.undo, name="undo"),
    path("digest/accept/", views.accept, name="accept"),
    path("digest/owners/", views.owners, name="owners"),
    path("digest/notices/", views.notices_read, name="notices"),
    path("digest/ack/", views.acknowledge, name="ack"),
    path("digest/addenda/", views.addenda, name="addenda"),
    path("digest/addenda/<int:pk>/", views.answer_addendum, name="addendum"),
    path("digest/questions/", views.questions, name="questions"),
    path("digest/questions/<int:pk>/", views.answer_question, name="question"),
    path("digest/team/", views.team, name="team"),
    path("digest/links/revoke/", views.revoke, name="revoke"),
    path("digest/team/<int:pk>/revoke/", views.revoke_for, name="revoke_for"),
    # /d/
    path("d/<str:token>/", views.link, name="link"),
]
