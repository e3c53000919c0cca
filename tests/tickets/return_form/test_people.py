"""Evidence for performance: a form counts once for each person and stage, whatever happened to the signatures."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tickets.return_form import actions, queries
from tickets.return_form.models import Stage

DAY = timedelta(days=1)


def told(scene, start, end, **more):
    found = queries.performance(scene.cast.team, start, end, **more)
    return {
        x.member.display_name: (x.filed, x.bounced, x.counted, x.disagreed, x.decided, x.filing_days, x.counting_days, x.deciding_days)
        for x in found
    }


def test_filed_bounced_counted_disagreed_decided_and_the_days_each_took(scene, django_assert_num_queries):
    start = timezone.now() - 20 * DAY
    first = scene.filed(at=start)
    actions.submit(first, by=scene.dora, at=start + 1 * DAY)
    actions.inspect(first, by=scene.wen, counts=[actions.Counted(1, damaged=1, disposition="scrap")], at=start + 2 * DAY)
    actions.cosign(first, by=scene.wen, at=start + 4 * DAY)
    actions.send_back(first, by=scene.alice, question="photo?", at=start + 5 * DAY)
    actions.submit(first, by=scene.dora, at=start + 6 * DAY)
    actions.cosign(first, by=scene.wen, at=start + 8 * DAY)
    actions.decide(first, by=scene.alice, at=start + 9 * DAY)
    second = scene.filed(scene.ask(scene.lid, resolution="refund_only"), at=start)
    actions.submit(second, by=scene.dora, at=start + 1 * DAY)
    actions.cosign(second, by=scene.wen, outcome="no_goods_expected", at=start + 2 * DAY)
    with django_assert_num_queries(2):
        found = told(scene, start, start + 10 * DAY)
    assert found["Dora"] == (2, 1, 0, 0, 0, 1.0, None, None), (
        "two forms, one of them signed twice and sent back once; after 1, 6 and 1 days"
    )
    assert found["Wen"] == (0, 0, 2, 1, 0, None, 2.0, None), "one of two found damaged; 3, 2 and 1 days after the first signature"
    assert found["Alice"] == (0, 0, 0, 0, 1, None, None, 1.0)
    assert told(scene, start, start + 10 * DAY, only=scene.wen).keys() == {"Wen"}
    assert told(scene, start + 9 * DAY, start + 10 * DAY) == {"Alice": (0, 0, 0, 0, 1, None, None, 1.0)}, "the start belongs to it"
    assert told(scene, start, start + 1 * DAY) == {}, "the end does not"
    assert first.signatures.filter(stage=Stage.INITIATOR).count() == 2


def test_the_page_tells_a_quarter_at_a_time(scene, client):
    client.force_login(scene.alice.user)
    page = client.get("/returns/people/?from=2020-01-01&to=2026-06-30").content.decode()
    assert 'value="2026-03-30"' in page
    assert 'value="2026-05-31"' in client.get("/returns/people/?to=2026-06-30").content.decode(), "else thirty days"
    assert {client.get(f"/returns/people/?to={day}").status_code for day in ("0001-01-01", "9999-12-31", "2026-02-30", "x")} == {200}
