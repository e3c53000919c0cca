"""/team/ and /me/: the settings of a team and of a person."""

from django.urls import path

from tickets.people import token_views, views

app_name = "people"

urlpatterns = [
    # /team/
    path("team/", views.team, name="team"),
    path("team/add/", views.add, name="add"),
    path("team/members/<int:pk>/", views.edit, name="member"),
    path("team/members/<int:pk>/leave/", views.leave, name="leave"),
    path("team/settings/", views.team_settings, name="settings"),
    path("team/lead/", views.name_lead, name="lead"),
    path("team/shops/", views.shops, name="shops"),
    path("team/shops/add/", views.shop, name="add_shop"),
    path("team/shops/<int:pk>/", views.shop, name="shop"),
    # /me/
    path("me/", views.me, name="me"),
    path("me/tokens/", token_views.tokens, name="tokens"),
    path("me/tokens/<int:pk>/revoke/", token_views.revoke, name="revoke_token"),
]
