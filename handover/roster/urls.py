"""/roster/"""

from django.urls import path

from handover.roster import grid_views, swap_views, views

app_name = "roster"

urlpatterns = [
    path("roster/", views.week, name="week"),
    path("roster/edit/", views.edit, name="edit"),
    path("roster/copy/", views.copy, name="copy"),
    path("roster/undo/", views.undo, name="undo"),
    path("roster/grid/", grid_views.grid, name="grid"),
    path("roster/grid.<str:kind>", grid_views.grid_file, name="grid_file"),
    path("roster/shifts/<int:pk>/", views.shift, name="shift"),
    path("roster/leave/", views.leave, name="leave"),
    path("roster/leave/<int:pk>/back/", views.back, name="back"),
    path("roster/leave/again/", views.away_again, name="away_again"),
    path("roster/patterns/", views.patterns, name="patterns"),
    path("roster/patterns/<int:pk>/", views.pattern, name="pattern"),
    path("roster/swaps/", swap_views.swaps, name="swaps"),
    path("roster/swaps/calendar/", swap_views.calendar, name="calendar"),
    path("roster/entries/<int:pk>/ask/", swap_views.ask, name="ask"),
    path("roster/swaps/<int:pk>/take/", swap_views.take, name="take"),
    path("roster/swaps/<int:pk>/step-back/", swap_views.step_back, name="step_back"),
    path("roster/swaps/<int:pk>/withdraw/", swap_views.withdraw, name="withdraw"),
    path("roster/swaps/<int:pk>/decide/", swap_views.decide, name="decide"),
]
