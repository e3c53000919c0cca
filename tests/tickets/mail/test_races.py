"""Letters that come at the same instant, each on a connection of its own."""

from __future__ import annotations

import pytest

from tests.cast import make_cast
from tests.tickets.mail.letters import letter, take
from tests.tickets.ticket.test_races import at_once
from tests.turns import turns
from tickets.mail.models import Letter
from tickets.ticket.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_letter_by_many_at_once_is_one_matter() -> None:
    cast, raw = make_cast(), letter().as_bytes()
    found = at_once(*[lambda: take(cast, raw)] * 5)
    assert len({letter.ticket_id for letter in found}) == 1
    assert (Ticket.objects.count(), Letter.objects.count()) == (1, 1)


def test_c7_many_letters_of_one_person_at_once_are_one_matter() -> None:
    cast = make_cast()
    for turn in turns(4):
        sender = f"Liu <liu{turn}@example.com>"
        raw = [letter(number=10 * turn + n, sender=sender).as_bytes() for n in range(3)]
        found = at_once(*[lambda one=one: take(cast, one) for one in raw])
        assert len({letter.ticket_id for letter in found}) == 1
        assert sorted(letter.outcome for letter in found) == ["added", "added", "opened"]
