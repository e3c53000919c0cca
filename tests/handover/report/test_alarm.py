"""The product alarm: exact, at the stated rate, once, with its matters."""

from __future__ import annotations

import random
from datetime import timedelta
from math import exp, factorial

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from handover.digest import queries
from handover.digest.models import Addendum
from handover.notice import actions as notices
from handover.notice.forms import NoticeForm
from handover.notice.models import Notice
from handover.report import alarming
from tests.cast import NOON, make_cast, make_customer
from tests.handover.matters import again
from tickets.activity.models import Alert
from tickets.activity.telling import tell_alerts
from tickets.order.models import Order
from tickets.ticket import actions


@given(st.floats(0.01, 30), st.integers(0, 60))
def test_the_tail_is_one_minus_the_sum(expected, seen):
    below = sum(exp(-expected) * expected**k / factorial(k) for k in range(seen))
    assert alarming.tail(expected, seen) == pytest.approx(1 - below, abs=1e-9)


def test_where_nothing_is_wrong_alarms_are_as_rare_as_stated():
    """1,000 looks at 30 products with steady tickets: at most α of them may alarm; four would be past any doubt."""
    draw = random.Random(11)

    def poisson(mean):
        count, product = 0, draw.random()
        while product > exp(-mean):
            count, product = count + 1, product * draw.random()
        return count

    raised = 0
    for _look in range(1000):
        looks = []
        for key in range(30):
            rate = 0.2 + key / 15
            before = sum(poisson(rate) for _day in range(28))
            looks.append(alarming.Look("product", key, poisson(rate), (before + 0.5) / 28, []))
        raised += bool(list(alarming.alarms(looks)))
    assert raised <= 4


@pytest.fixture
def cast(db):
    return make_cast()


def matter(cast, number, at, title="Thermos"):
    order = Order.objects.create(
        team=cast.team, shop=cast.shop, number=f"{title}{number}", title=title, paid_at=at - timedelta(days=2), created_at=at, updated_at=at
    )
    customer = make_customer(cast.team, handle=f"{title}_{number}")
    return actions.open_ticket(by=cast.bob, customer=customer, subject=f"{title} leaks", at=at, orders=[order])


def test_a_product_that_draws_too_many_is_told_once_with_its_matters(cast):
    for number in range(28):
        matter(cast, number, NOON - timedelta(days=1 + number, hours=2), title="Pot")
    matter(cast, 90, NOON - timedelta(days=9))
    tickets = [matter(cast, 100 + number, NOON - timedelta(hours=1 + number)) for number in range(7)]
    matter(cast, 99, NOON - timedelta(hours=1), title="Pot")
    assert alarming.watch(at=NOON) == 1
    notice = Notice.objects.get()
    assert notice.kind == "alarm" and "Thermos" in notice.text and all(f"#{t.pk}" in notice.text for t in tickets)
    assert Notice.objects.standing(NOON + timedelta(hours=1)).filter(pk=notice.pk).exists(), "the next digest has it"
    assert [a.member for a in Alert.objects.filter(code="report.alarm")] == [cast.alice]
    assert alarming.watch(at=NOON + timedelta(minutes=30)) == 0
    assert Notice.objects.count() == 1


def surge(cast):
    """Seven matters about a product that had none before; the notice that tells of them."""
    for number in range(7):
        matter(cast, number, NOON - timedelta(hours=1 + number))
    assert alarming.watch(at=NOON) == 1
    return Notice.objects.get()


def rung(member):
    return [(told.text, told.said) for told in tell_alerts(member)]


def test_an_alarm_is_said_in_the_language_of_each_reader(cast):
    """The lead has English: whoever reads Chinese reads Chinese, in the list, the digest, what came since and the bell."""
    notice = surge(cast)
    assert notice.text == notice.said and "7 tickets in 24 hours" in notice.said
    later = NOON + timedelta(minutes=1)
    with translation.override("zh-hans"):
        assert notice.said.startswith("“Thermos”") and "24 小时内" in notice.said
        assert [one.said for one in queries.read(again(cast.bob), at=later).notices] == [notice.said]
        assert Addendum(content={"kind": "notice", "text": notice.text, "facts": notice.facts}).said == notice.said
        assert [text for text, _said in rung(cast.alice) if notice.said in text], "the bell says it, too"
        assert "tickets in 24 hours" not in str(rung(cast.alice))


def test_an_alarm_written_before_facts_were_kept_is_still_read(cast):
    notice = surge(cast)
    Notice.objects.update(facts=None)
    Alert.objects.filter(code="report.alarm").update(data={"text": notice.text, "notice": notice.pk})
    notice.refresh_from_db()
    with translation.override("zh-hans"):
        assert notice.said == notice.text
        assert notice.text in rung(cast.alice)[0][0]
    assert alarming.watch(at=NOON + timedelta(minutes=30)) == 0, "it is not raised again because it is old"


def test_who_rewrites_an_alarm_is_read_word_by_word(cast):
    notice = surge(cast)
    changed = notices.change(notice, by=cast.alice, version=1, kind="other", at=NOON)
    assert changed.facts == notice.facts, "its words were left as they are"
    changed = notices.change(changed, by=cast.alice, version=2, text="Lids of the 500 ml thermos: do not sell", at=NOON)
    with translation.override("zh-hans"):
        assert changed.said == "Lids of the 500 ml thermos: do not sell"


def test_saving_an_alarm_in_another_language_does_not_make_it_somebodys_words(cast):
    notice = surge(cast)
    with translation.override("zh-hans"):
        shown = NoticeForm(member=cast.alice, instance=notice).initial["text"]
        form = NoticeForm({"text": shown, "kind": "other", "version": 1}, member=cast.alice, instance=notice)
        assert form.is_valid() and form.values()["text"] == notice.text


def test_the_usual_number_raises_nothing(cast):
    for number in range(56):
        matter(cast, number, NOON - timedelta(days=1 + number / 2, hours=2))
    for number in range(3):
        matter(cast, 100 + number, NOON - timedelta(hours=1 + number))
    assert alarming.watch(at=NOON) == 0


def test_more_sales_make_more_tickets_likely():
    assert alarming.growth(0, 0) == pytest.approx(1 / 28)
    assert alarming.growth(100, 1000) == pytest.approx(0.1)
    assert alarming.growth(1, 1000) == pytest.approx(1 / 28)
