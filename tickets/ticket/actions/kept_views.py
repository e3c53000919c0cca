"""Views of the lists that people keep under a name, and the one that a list opens with: bookmarks, of which the ledger knows nothing."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tickets.people.access import may
from tickets.people.models import Member
from tickets.ticket.actions._base import SAY, invalid
from tickets.ticket.actions._deed import deed
from tickets.ticket.models import OpeningView, SavedView
from tickets.web.refusals import Refused
from tickets.web.undo import MEANWHILE

NOT_YOURS = _("Only who saved a view, or a manager, can remove it.")


@deed
def save_view(*, by: Member, name: str, query: str, page: str = "tickets", shared: bool = False) -> SavedView:
    """Keep a list's filters (its query string) under a name; the same name of the same person is overwritten. Refuses `invalid`."""
    if not name.strip():
        raise invalid("name", SAY)
    if len(query) > 500:
        raise invalid("query", _("These filters are too long to be kept."))
    found, _made = SavedView.objects.update_or_create(
        owner=by, page=page, name=name.strip()[:60], defaults={"team": by.team, "query": query, "shared": shared}
    )
    if not shared:
        OpeningView.objects.filter(view=found).exclude(member=by).delete()
    return found


@deed
def open_with(view: SavedView, *, by: Member) -> None:
    """Open one's list with a view of one's own or a shared one, instead of with what one holds. Refuses `not_found` for any other."""
    if not SavedView.objects.visible_to(by).select_for_update().filter(pk=view.pk).exists():
        raise Refused("not_found")
    OpeningView.objects.update_or_create(member=by, defaults={"view": view})


@deed
def open_plainly(*, by: Member) -> None:
    """Open one's list as everybody's opens. Twice is once."""
    OpeningView.objects.filter(member=by).delete()


@deed
def restore_view(view: dict[str, Any], *, by: Member) -> SavedView:
    """Keep a view that was removed by mistake again, its owner's as before; the lists that opened with it do again.

    Refuses `stale` where the owner has another of its name by now, `not_found` where the owner is of another team."""
    owner = Member.objects.filter(pk=view["owner"], team=by.team_id).first()
    if owner is None:
        raise Refused("not_found")
    kept = {"team": by.team, "query": view["query"], "shared": view["shared"]}
    found, made = SavedView.objects.get_or_create(owner=owner, page=view["page"], name=view["name"], defaults=kept)
    if not made:
        raise Refused("stale", MEANWHILE)
    whose = Member.objects.filter(pk__in=view["opens_for"], team_id=by.team_id)
    OpeningView.objects.bulk_create([OpeningView(member=member, view=found) for member in whose], ignore_conflicts=True)
    return found


@deed
def delete_view(view: SavedView, *, by: Member) -> None:
    """Remove a saved view. Refuses `not_found` for another team's, `forbidden` unless it is one's own or a manager removes a shared one."""
    if view.team_id != by.team_id:
        raise Refused("not_found")
    if view.owner_id != by.pk and not (view.shared and may(by, "team.edit")):
        raise Refused("forbidden", NOT_YOURS)
    view.delete()
