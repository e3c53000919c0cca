"""Made-up people and times for the styleguide: nothing of it is in a database."""

from datetime import timedelta
from types import SimpleNamespace

from django import forms
from django.utils import timezone

from handover.shell.places import PLACES
from tickets.people.models import Member, Presence, Team, User


class SampleForm(forms.Form):
    """A Django form as rooms use them, once clean and once refused."""

    order = forms.CharField(label="Order number", help_text="as the platform writes it")
    amount = forms.DecimalField(label="Amount", min_value=0)
    note = forms.CharField(label="What happened", required=False, widget=forms.Textarea(attrs={"rows": 2}))


def _person(pk: int, name: str, team: Team, **presence: object) -> Member:
    member = Member(pk=pk, team=team, user=User(username=f"sample{pk}"), display_name=name, roles=["agent"])
    member.presence = Presence(member=member, **presence)
    return member


def styleguide_context() -> dict:
    """One team of three, seen now."""
    now = timezone.now()
    team = Team(name="Lotus", slug="lotus")
    hour = timedelta(hours=1)
    refused = SampleForm({"order": "", "amount": "-3", "note": "杯子漏水"})
    refused.is_valid()
    sample_places = [{"place": place, "url": f"#{place.code}", "current": place.code == "desk"} for place in PLACES]
    return {
        "places": lambda _request: sample_places,
        "first_url": lambda _names: "#sample",
        "addenda": None,
        "at": now,
        "hour": hour,
        "minute": timedelta(minutes=1),
        "load": SimpleNamespace(open=6, due=2, url="#"),
        "people": [
            _person(1, "小李", team, on_since=now - 3 * hour, on_until=now + 5 * hour),
            _person(2, "Alice Wong", team, next_on=now + 9 * hour, next_until=now + 17 * hour),
            _person(3, "小周", team),
        ],
        "clean": SampleForm(auto_id="clean_%s"),
        "refused": refused,
        "rates": [0.024, 0.022, 0.026, 0.023, 0.021, None, 0.02, 0.019, 0.031, 0.02, 0.018],
    }
