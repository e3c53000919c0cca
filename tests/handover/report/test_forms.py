"""D3: forms filed, sent back and counted, by member, are rolled up and stay right through all that befalls a form."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from handover.report import counting
from handover.report.models import Figure, StaleDay
from handover.report.performance_asking import ask
from handover.report.performance_months import year
from tests.cast import NOON
from tests.tickets.return_form.scene import Scene, all_ok, make_scene
from tickets.people.models import Member
from tickets.return_form import actions
from tickets.return_form.models import ReturnForm

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=31)


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def figure(member: Member, at: datetime, name: str) -> tuple[int, int | None]:
    """Of the sheet of that month: how many, and of how many."""
    sheet = year(ask({"month": f"{at:%Y-%m}"}, member), date(at.year, at.month, 1), only=member)[-1]
    cell = sheet.line(f"return-reasons.{name}").cell
    return int(cell.top), None if cell.bottom is None else int(cell.bottom)


def brought_up(scene: Scene) -> None:
    counting.count_stale()
    assert counting.recount(scene.cast.team, write=False) == {}


def received(scene: Scene, form: ReturnForm, at: datetime) -> ReturnForm:
    actions.inspect(form, by=scene.wen, counts=all_ok(form), at=at)
    return actions.cosign(form, by=scene.wen, at=at)


def submitted(scene: Scene) -> ReturnForm:
    return actions.submit(scene.filed(at=NOON), by=scene.dora, at=NOON)


def test_each_deed_moves_the_figure_with_it(scene):
    form = submitted(scene)
    brought_up(scene)
    assert (figure(scene.dora, NOON, "filed"), figure(scene.dora, NOON, "bounced")) == ((1, None), (0, 1))
    actions.send_back(form, by=scene.wen, question="Which pot?", revision=form.revision, at=NOON)
    brought_up(scene)
    assert figure(scene.dora, NOON, "bounced") == (1, 1)
    form.refresh_from_db()
    actions.cancel(form, by=scene.dora, reason="kept it after all", at=NOON)
    brought_up(scene)
    assert figure(scene.dora, NOON, "filed") == (0, None)


def test_a_form_counted_again_in_another_month_is_one_form_of_the_first(scene):
    form = received(scene, submitted(scene), NOON)
    brought_up(scene)
    form.refresh_from_db()
    actions.send_back(form, by=scene.alice, question="Which pot?", revision=form.revision, at=LATER)
    form.refresh_from_db()
    again = actions.submit(form, by=scene.dora, at=LATER)
    received(scene, again, LATER)
    brought_up(scene)
    assert again.signatures.filter(meaning="counted").count() == 2
    assert (figure(scene.wen, NOON, "counted"), figure(scene.wen, LATER, "counted")) == ((1, None), (0, None))


def test_what_no_figure_of_forms_tells_marks_no_day(scene):
    form = submitted(scene)
    counting.count_stale()
    ReturnForm.objects.filter(pk=form.pk).update(sent_backs=0, question="Which pot?")
    assert not StaleDay.objects.filter(source="forms").exists()
    assert set(Figure.objects.filter(fact="filed").values_list("member", flat=True)) == {0, scene.dora.pk}, "in all, and by member"
