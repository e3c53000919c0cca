"""A change of the roster is taken back as a whole, exactly, and only while nobody has touched the same days."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from handover.roster import actions
from handover.roster.actions import swaps
from handover.roster.models import RosterEntry, Shift, Swap
from tests.cast import Cast
from tests.handover.plans import rostered
from tests.handover.roster.test_pages import HTMX, ahead, coming, edit_url, field, signed_in
from tickets.activity.models import Activity
from tickets.people.models import Presence

__all__ = ["ahead"]


def planned(cast: Cast) -> list[tuple[object, ...]]:
    """The whole roster, with its keys and what hangs on it."""
    entries = RosterEntry.objects.filter(team=cast.team).order_by("pk")
    found: list[tuple[object, ...]] = list(entries.values_list("pk", "member", "shift", "during", "instead_of", "left_at"))
    return found + list(Swap.objects.order_by("pk").values_list())


def toast(html: str) -> dict[str, str]:
    token = re.search(r'name="undo" value="([^"]+)"', html)
    assert token and f'action="{reverse("roster:undo")}"' in html, "no undo is offered"
    return {"undo": unescape(token[1])}


def typed(client, shift, member, was, value):
    """One cell, as the page's script sends it; the undo that comes back."""
    answer = client.post(edit_url(shift), {field(shift, member, was): value}, headers=HTMX)
    assert answer.status_code == 200
    return toast(answer.content.decode())


@pytest.mark.parametrize(("was", "value"), [("", "D"), ("D", ""), ("D", "N"), ("D", "D N")])
def test_a_typed_cell_is_taken_back(client, ahead, was, value):
    cast, shift = ahead.cast, coming(ahead)
    seen = ""
    if was:
        rostered(shift, cast.bob)
        seen = str(ahead.day_pattern.pk)
    before, client = planned(cast), signed_in(client, cast.alice)
    undo = typed(client, shift, cast.bob, seen, value)
    assert planned(cast) != before
    rows = Activity.objects.count()
    answer = client.post(reverse("roster:undo"), undo)
    assert answer.status_code == 303 and shift.business_date.isoformat() in answer["Location"]
    assert planned(cast) == before
    assert Activity.objects.count() == rows + 1 and Activity.objects.latest("pk").code == "roster.undone"
    assert client.post(reverse("roster:undo"), undo).status_code == 409


def test_an_undo_gives_presence_back_as_well(client, ahead):
    cast, shift = ahead.cast, coming(ahead)
    client = signed_in(client, cast.alice)
    undo = typed(client, shift, cast.bob, "", "D")
    assert Presence.objects.get(member=cast.bob).next_on == shift.starts_at
    client.post(reverse("roster:undo"), undo)
    assert Presence.objects.get(member=cast.bob).next_on is None


def test_a_part_a_stand_in_and_a_swap_come_back_as_they_were(client, ahead):
    cast, shift = ahead.cast, coming(ahead)
    half = shift.starts_at + (shift.ends_at - shift.starts_at) / 2
    entry = rostered(shift, cast.bob, end=half)
    RosterEntry.objects.filter(pk=entry.pk).update(instead_of=cast.carol)
    swaps.take(swaps.ask(entry, by=cast.bob, note="孩子发烧"), by=cast.dan)
    before, client = planned(cast), signed_in(client, cast.alice)
    undo = typed(client, shift, cast.bob, str(ahead.day_pattern.pk), "")
    assert not Swap.objects.exists()
    assert client.post(reverse("roster:undo"), undo).status_code == 303
    assert planned(cast) == before


def test_all_cells_of_the_form_are_taken_back_together(client, ahead):
    cast, shift = ahead.cast, coming(ahead)
    rostered(shift, cast.bob)
    before, client = planned(cast), signed_in(client, cast.alice)
    data = {field(shift, cast.bob, str(ahead.day_pattern.pk)): "N", field(shift, cast.carol): "D"}
    undo = toast(client.post(edit_url(shift), data, follow=True).content.decode())
    assert client.post(reverse("roster:undo"), undo).status_code == 303
    assert planned(cast) == before


def test_a_copied_week_is_taken_back_and_nothing_else(client, ahead):
    cast, shift = ahead.cast, coming(ahead)
    later = Shift.objects.get(pattern=ahead.day_pattern, business_date=shift.business_date + timedelta(days=7))
    for member in (cast.bob, cast.carol):
        rostered(shift, member)
    night = rostered(coming(ahead, ahead.night_pattern), cast.dan)
    mine = rostered(later, cast.eve)
    before, client = planned(cast), signed_in(client, cast.alice)
    answer = client.post(f"{reverse('roster:copy')}?week={later.business_date}", follow=True)
    assert "3 shifts were copied." in answer.content.decode()
    undo = toast(answer.content.decode())
    assert RosterEntry.objects.count() == len(before) + 3
    actions.stand_in(mine, cast.dora, later.starts_at, later.ends_at, by=cast.alice)  # another person's day: not in the way
    assert client.post(reverse("roster:undo"), undo).status_code == 303
    assert set(RosterEntry.objects.values_list("pk", flat=True)) >= {night.pk} and RosterEntry.objects.filter(shift=later).count() == 1


def test_a_stand_in_is_taken_back(client, ahead):
    cast, shift = ahead.cast, coming(ahead)
    entry = rostered(shift, cast.bob)
    before, client = planned(cast), signed_in(client, cast.alice)
    hour = {name: (shift.starts_at + timedelta(hours=n)).astimezone(cast.team.zone) for name, n in (("start", 1), ("end", 2))}
    data = {name: at.strftime("%Y-%m-%dT%H:%M") for name, at in hour.items()} | {"entry": entry.pk, "member": "carol"}
    answer = client.post(reverse("roster:shift", args=[shift.pk]), data, follow=True)
    assert RosterEntry.objects.filter(shift=shift).count() == 3
    assert client.post(reverse("roster:undo"), toast(answer.content.decode())).status_code == 303
    assert planned(cast) == before


def test_a_day_that_somebody_changed_meanwhile_stays(client, ahead):
    cast, shift = ahead.cast, coming(ahead)
    client = signed_in(client, cast.alice)
    undo = typed(client, shift, cast.bob, "", "D")
    typed(client, shift, cast.bob, str(ahead.day_pattern.pk), "N")
    before, rows = planned(cast), Activity.objects.count()
    answer = client.post(reverse("roster:undo"), undo)
    assert answer.status_code == 409 and "Somebody changed it meanwhile" in answer.content.decode()
    assert (planned(cast), Activity.objects.count()) == (before, rows)


def test_a_shift_that_moved_or_a_person_who_left_is_not_put_back(client, ahead):
    cast, shift = ahead.cast, coming(ahead)
    rostered(shift, cast.bob)
    rostered(shift, cast.carol)
    client, seen = signed_in(client, cast.alice), str(ahead.day_pattern.pk)
    bobs, carols = (typed(client, shift, member, seen, "") for member in (cast.bob, cast.carol))
    Shift.objects.filter(pk=shift.pk).update(starts_at=shift.starts_at + timedelta(hours=1))
    assert client.post(reverse("roster:undo"), bobs).status_code == 409
    Shift.objects.filter(pk=shift.pk).update(starts_at=shift.starts_at)
    cast.carol.is_active = False
    cast.carol.save()
    assert client.post(reverse("roster:undo"), carols).status_code == 409
    assert not RosterEntry.objects.exists()


def test_h2_who_is_rostered_elsewhere_by_now_is_not_put_back(client, ahead):
    cast, shift = ahead.cast, coming(ahead)
    rostered(shift, cast.bob)
    client = signed_in(client, cast.alice)
    undo = typed(client, shift, cast.bob, str(ahead.day_pattern.pk), "")
    day_before = shift.business_date - timedelta(days=1)
    own = actions.create_shift(cast.team, "Fair", shift.starts_at - timedelta(hours=12), shift.ends_at, by=cast.alice)
    assert own.business_date == day_before
    rostered(own, cast.bob)
    before = planned(cast)
    assert client.post(reverse("roster:undo"), undo).status_code == 409 and planned(cast) == before


def test_a_shift_that_is_over_by_now_stays_as_it_was_worked(ahead):
    cast, shift = ahead.cast, coming(ahead)
    now = timezone.now()
    with actions.traced([cast.bob.pk], [shift.business_date]) as trace:
        actions.set_day(cast.bob, shift.business_date, [ahead.day_pattern], by=cast.alice, at=now)
    from tickets.web.refusals import Refused

    with pytest.raises(Refused) as refused:
        actions.take_back(trace, by=cast.alice, at=shift.ends_at)
    assert refused.value.code == "wrong_state" and RosterEntry.objects.count() == 1
    with pytest.raises(Refused) as refused:
        actions.take_back(trace, by=cast.mallory)
    assert refused.value.code == "not_found"


def test_a_trace_of_hundreds_of_people_is_small_and_comes_back_the_same(ahead):
    day = coming(ahead).business_date
    trace = actions.Trace(sorted((member, day + timedelta(n)) for member in range(500) for n in range(0, 7, 2)), [], "x")
    again = actions.Trace.unpack(trace.pack())
    assert sorted(again.days) == trace.days and len(str(trace.pack())) < 8000
