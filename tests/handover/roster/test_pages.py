"""The week's grid, the shift, leave, patterns and swaps, as pages; the same through the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from handover.roster import actions
from handover.roster.models import Absence, CalendarLink, RosterEntry, Shift, ShiftPattern, Swap
from tests.cast import make_member
from tests.handover.plans import rostered
from tickets.people.models import Presence, Role

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def ahead(plan):
    """The shifts of the coming weeks, around the real present: pages ask the clock."""
    Presence.objects.update(on_since=timezone.now())  # at work: the gate lets them through
    actions.materialise(plan.cast.team)
    return plan


def signed_in(client, member):
    client.force_login(member.user)
    return client


def coming(plan, pattern=None):
    """A shift of the week after this one."""
    wanted = timezone.localdate(timezone=plan.cast.team.zone) + timedelta(days=7)
    return Shift.objects.get(pattern=pattern or plan.day_pattern, business_date=wanted)


def field(shift, member, was=""):
    return f"c:{member.pk}:{shift.business_date.isoformat()}:{was}"


def edit_url(shift):
    return f"{reverse('roster:edit')}?week={shift.business_date.isoformat()}"


def test_the_week_shows_people_days_and_what_is_missing(client, ahead):
    shift = coming(ahead)
    rostered(shift, ahead.cast.bob)
    html = signed_in(client, ahead.cast.alice).get(f"/roster/?week={shift.business_date}").content.decode()
    assert f'name="{field(shift, ahead.cast.bob, ahead.day_pattern.pk)}" value="D"' in html
    assert "nobody rostered" in html
    assert "Olga" not in html.split("<tbody>")[1].split("</tbody>")[0], "operations is on no shift"


def test_who_may_not_edit_sees_no_field(client, ahead):
    html = signed_in(client, ahead.cast.olga).get("/roster/").content.decode()
    assert "<input name=" not in html.split("<table")[1]


def test_one_typed_cell_is_saved_and_comes_back(client, ahead):
    shift, bob = coming(ahead), ahead.cast.bob
    response = signed_in(client, ahead.cast.alice).post(edit_url(shift), {field(shift, bob): "d n"}, headers=HTMX)
    assert response.status_code == 200
    html = response.content.decode()
    assert f'data-for="c-{bob.pk}-{shift.business_date}"' in html and 'data-for="cover"' in html
    assert 'value="D N"' in html
    assert RosterEntry.objects.filter(member=bob, shift__business_date=shift.business_date).count() == 2


def test_a_name_or_its_beginning_does_as_well_and_another_word_is_told(client, ahead):
    shift, bob = coming(ahead), ahead.cast.bob
    client = signed_in(client, ahead.cast.alice)
    assert client.post(edit_url(shift), {field(shift, bob): "nig"}, headers=HTMX).status_code == 200
    was = ahead.night_pattern.pk
    response = client.post(edit_url(shift), {field(shift, bob, was): "x"}, headers=HTMX)
    assert response.status_code == 422
    assert "No shift is called “x” here." in response.content.decode()
    assert RosterEntry.objects.get(member=bob).shift.name == "Night"


def test_a_cell_somebody_else_changed_is_not_overwritten(client, ahead):
    shift, bob = coming(ahead), ahead.cast.bob
    rostered(shift, bob)
    response = signed_in(client, ahead.cast.alice).post(edit_url(shift), {field(shift, bob): "N"}, headers=HTMX)
    assert response.status_code == 422
    assert "Somebody changed it meanwhile" in response.content.decode()
    assert RosterEntry.objects.get(member=bob).shift == shift


def test_without_script_the_whole_grid_is_saved_all_or_nothing(client, ahead):
    shift, cast = coming(ahead), ahead.cast
    client = signed_in(client, cast.alice)
    fine, wrong = {field(shift, cast.bob): "D"}, {field(shift, cast.carol): "?"}
    assert client.post(edit_url(shift), fine | wrong).status_code == 422
    assert not RosterEntry.objects.exists()
    assert client.post(edit_url(shift), fine | {field(shift, cast.carol): ""}).status_code == 303
    assert [e.member for e in RosterEntry.objects.all()] == [cast.bob]


def test_another_teams_person_is_not_found(client, ahead):
    shift = coming(ahead)
    response = signed_in(client, ahead.cast.alice).post(edit_url(shift), {field(shift, ahead.cast.mallory): "D"}, headers=HTMX)
    assert response.status_code == 404
    assert not RosterEntry.objects.exists()


def test_the_week_costs_the_same_queries_however_many_people(client, ahead, django_assert_num_queries):
    client, shift = signed_in(client, ahead.cast.alice), coming(ahead)
    url = f"/roster/?week={shift.business_date}"
    rostered(shift, ahead.cast.bob)
    client.get(url)
    with django_assert_num_queries(4 + 5 + 3):  # who asks, and their load in the bar; the week; on now, the next time, who then
        client.get(url)
    for number in range(12):
        rostered(shift, make_member(ahead.cast.team, f"Extra{number}", Role.AGENT))
    with django_assert_num_queries(4 + 5 + 3):
        client.get(url)


def test_a_shifts_page_takes_a_stand_in(client, ahead):
    shift, cast = coming(ahead), ahead.cast
    entry = rostered(shift, cast.bob)
    client = signed_in(client, cast.alice)
    start = timezone.localtime(shift.starts_at, cast.team.zone) + timedelta(hours=1)
    values = {
        "entry": entry.pk,
        "member": "carol",
        "start": f"{start:%Y-%m-%dT%H:%M}",
        "end": f"{start + timedelta(hours=1):%Y-%m-%dT%H:%M}",
    }
    assert client.post(f"/roster/shifts/{shift.pk}/", values | {"member": "nobody"}, headers=HTMX).status_code == 422
    assert client.post(f"/roster/shifts/{shift.pk}/", values).status_code == 303
    assert RosterEntry.objects.filter(shift=shift).count() == 3
    assert "for Bob" in client.get(f"/roster/shifts/{shift.pk}/").content.decode()


def test_leave_is_written_down_and_taken_back(client, ahead):
    client = signed_in(client, ahead.cast.alice)
    assert client.post("/roster/leave/", {"member": "bob", "start": "2027-01-01T09:00", "end": "2027-01-02T09:00"}).status_code == 303
    absence = Absence.objects.get()
    assert absence.during.lower.astimezone(ahead.cast.team.zone).hour == 9, "typed in the team's time"
    assert "Bob" in client.get("/roster/leave/").content.decode()
    assert client.post(f"/roster/leave/{absence.pk}/back/").status_code == 303
    assert not Absence.objects.exists()


def test_patterns_are_added_and_changed(client, ahead):
    client = signed_in(client, ahead.cast.alice)
    values = {"name": "Small hours", "letter": "S", "starts": "00:00", "ends": "08:00", "min_people": 1, "is_active": "on"}
    assert client.post("/roster/patterns/", values).status_code == 303
    pattern = ShiftPattern.objects.get(name="Small hours")
    assert Shift.objects.filter(pattern=pattern).exists()
    assert client.post("/roster/patterns/", values).status_code == 409, "the name is in use"
    assert client.get(f"/roster/patterns/{pattern.pk}/").status_code == 200
    assert client.post(f"/roster/patterns/{pattern.pk}/", values | {"min_people": 3}).status_code == 303
    assert set(Shift.objects.filter(pattern=pattern, starts_at__gt=timezone.now()).values_list("min_people", flat=True)) == {3}


def test_a_swap_by_page(client, ahead):
    cast, entry = ahead.cast, rostered(coming(ahead), ahead.cast.bob)
    assert signed_in(client, cast.bob).post(f"/roster/entries/{entry.pk}/ask/", {"note": "wedding"}).status_code == 303
    swap = Swap.objects.get()
    assert "wedding" in signed_in(client, cast.carol).get("/roster/swaps/").content.decode()
    assert client.post(f"/roster/swaps/{swap.pk}/take/").status_code == 303
    assert f'action="/roster/swaps/{swap.pk}/step-back/"' in client.get("/roster/swaps/").content.decode()
    assert client.post(f"/roster/swaps/{swap.pk}/step-back/").status_code == 303
    assert client.post(f"/roster/swaps/{swap.pk}/take/").status_code == 303
    assert client.post(f"/roster/swaps/{swap.pk}/decide/", {"decision": "approve"}).status_code == 403
    decided = {"decision": "approve", "reason": "of course"}
    assert signed_in(client, cast.alice).post(f"/roster/swaps/{swap.pk}/decide/", decided).status_code == 303
    assert "of course" in client.get("/roster/swaps/").content.decode()
    entry.refresh_from_db()
    assert entry.member == cast.carol
    assert signed_in(client, cast.mallory).post(f"/roster/swaps/{swap.pk}/take/").status_code == 404


def test_the_calendar_address_works_until_it_is_taken_back(client, ahead):
    bob = ahead.cast.bob
    rostered(coming(ahead), bob)
    html = signed_in(client, bob).post("/roster/swaps/calendar/", {"deed": "make"}).content.decode()
    token = html.split("?token=")[1].split('"')[0]
    client.logout()
    answer = client.get(f"/api/v1/shifts.ics?token={token}")
    assert answer["Content-Type"].startswith("text/calendar")
    text = answer.content.decode()
    assert text.count("BEGIN:VEVENT") == 1 and f"DTSTART:{coming(ahead).starts_at:%Y%m%dT%H%M%SZ}" in text
    assert token not in CalendarLink.objects.get().token_hash
    signed_in(client, bob).post("/roster/swaps/calendar/", {"deed": "revoke"})
    client.logout()
    for bad in (token, "", "x"):
        assert client.get(f"/api/v1/shifts.ics?token={bad}").status_code == 404


def test_api_lists_and_makes_shifts_entries_and_swaps(client, ahead):
    cast, client = ahead.cast, signed_in(client, ahead.cast.alice)
    begin = timezone.now() + timedelta(days=3)
    body = {"name": "Double 12", "starts_at": begin.isoformat(), "ends_at": (begin + timedelta(hours=4)).isoformat()}
    made = client.post("/api/v1/shifts/", body, content_type="application/json")
    assert made.status_code == 201
    assert client.post("/api/v1/shifts/", body | {"ends_at": body["starts_at"]}, content_type="application/json").status_code == 400
    entry = client.post("/api/v1/roster/", {"shift": made.json()["id"], "member": cast.bob.pk}, content_type="application/json")
    assert entry.status_code == 201
    again = client.post("/api/v1/roster/", {"shift": made.json()["id"], "member": cast.bob.pk}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")
    until = (begin + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    names = [row["name"] for row in client.get("/api/v1/shifts/", {"to": until}).json()["results"]]
    assert "Double 12" in names
    assert [row["name"] for row in client.get("/api/v1/roster/").json()["results"]] == ["Bob"]
    assert client.get("/api/v1/roster/", {"from": "soon"}).json()["code"] == "invalid"
    swap = signed_in(client, cast.bob).post("/api/v1/swaps/", {"entry": entry.json()["id"]}, content_type="application/json").json()
    assert signed_in(client, cast.carol).post(f"/api/v1/swaps/{swap['id']}/take/").json()["state"] == "taken"
    assert client.post(f"/api/v1/swaps/{swap['id']}/step_back/").json()["state"] == "open"
    assert client.post(f"/api/v1/swaps/{swap['id']}/take/").json()["state"] == "taken"
    assert client.post(f"/api/v1/swaps/{swap['id']}/approve/").status_code == 403
    assert signed_in(client, cast.alice).post(f"/api/v1/swaps/{swap['id']}/approve/").json()["state"] == "approved"
    assert signed_in(client, cast.mallory).get(f"/api/v1/swaps/{swap['id']}/").status_code == 404


def test_dates_that_no_calendar_holds_are_refused_and_not_failures(client, ahead):
    client = signed_in(client, ahead.cast.alice)
    assert client.get("/roster/?week=9999-12-31").status_code == client.get("/roster/?week=0001-01-01").status_code == 200
    assert client.post("/roster/edit/?week=9999-12-31", {f"c:{ahead.cast.bob.pk}:9999-12-31:": "D"}).status_code == 400
    assert client.get("/api/v1/roster/?from=2026-12-01T00:00:00Z&to=2026-01-01T00:00:00Z").status_code == 400
    far = {"name": "x", "starts_at": "9999-12-31T23:00:00Z", "ends_at": "9999-12-31T23:59:00Z"}
    assert client.post("/api/v1/shifts/", far, content_type="application/json").status_code == 400
    assert client.get("/api/v1/shifts/99999999999999999999/").status_code == 404
