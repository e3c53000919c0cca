"""Two wishes for one product in one form: one pot comes back for its money, the other is exchanged (R6 holds over both)."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from tickets.return_form.models import ReturnForm


@pytest.fixture
def dora(scene) -> Client:
    client = Client()
    client.force_login(scene.dora.user)
    return client


def wish(n: int, line: int, quantity: int, resolution: str, reason: int, **more: object) -> dict[str, object]:
    said = {"line": line, "quantity": quantity, "resolution": resolution, "reason": reason} | more
    return {f"{name}-{n}": value for name, value in said.items()}


def two(scene, first: int = 1, second: int = 1) -> dict[str, object]:
    money = wish(0, scene.pot.pk, first, "return_and_refund", scene.ours.pk)
    other = wish(1, scene.pot.pk, second, "exchange", scene.choice.pk, exchange_for="the blue one", again=1)
    return {"order": scene.order.pk} | money | other


def asked(form: ReturnForm) -> list[tuple[int, int, int, str]]:
    return list(form.lines.values_list("place", "order_line", "quantity", "resolution"))


def test_one_product_with_two_wishes(scene, dora):
    assert dora.post(reverse("return_form:new"), two(scene)).status_code == 303
    form = ReturnForm.objects.get()
    assert asked(form) == [(1, scene.pot.pk, 1, "return_and_refund"), (2, scene.pot.pk, 1, "exchange")]


@pytest.mark.parametrize(("first", "second"), [(2, 1), (1, 2)])
def test_r6_holds_over_both_wishes(scene, dora, first, second):
    page = dora.post(reverse("return_form:new"), two(scene, first, second))
    assert page.status_code == 409
    assert "the blue one" in page.content.decode(), "what was typed is kept"
    assert not ReturnForm.objects.exists()


def test_a_product_bought_twice_offers_a_further_wish_and_shows_those_it_has(scene, dora):
    page = dora.get(reverse("return_form:new") + f"?order={scene.order.pk}").content.decode()
    lines = re.findall(r'name="line-(\d)" value="(\d+)"', page)
    pot, lid = str(scene.pot.pk), str(scene.lid.pk)
    assert lines == [("0", pot), ("1", pot), ("2", lid)], "one lid was bought: there is no part of it"
    assert re.findall(r'name="again-(\d)"', page) == ["1"]
    dora.post(reverse("return_form:new"), two(scene))
    form = ReturnForm.objects.get()
    page = dora.get(reverse("return_form:edit", args=[form.pk])).content.decode()
    assert page.count(f'value="{pot}"') == 3, "both wishes, and room for one more"
    assert page.count("the blue one") == 1


def test_a_further_wish_comes_last_so_that_a_count_keeps_its_line(scene, dora):
    first = wish(0, scene.pot.pk, 1, "return_and_refund", scene.ours.pk)
    lid = wish(1, scene.lid.pk, 1, "return_and_refund", scene.ours.pk)
    dora.post(reverse("return_form:new"), {"order": scene.order.pk} | first | lid)
    form = ReturnForm.objects.get()
    further = wish(1, scene.pot.pk, 1, "refund_only", scene.ours.pk, again=1)
    lid = wish(2, scene.lid.pk, 1, "return_and_refund", scene.ours.pk)
    answer = dora.post(reverse("return_form:edit", args=[form.pk]), {"revision": 1} | first | further | lid)
    assert answer.status_code == 303
    assert [line for _place, line, *_rest in asked(form)] == [scene.pot.pk, scene.lid.pk, scene.pot.pk]


@pytest.mark.parametrize("line", ["", "x", "9" * 30])
def test_a_row_that_names_no_line_asks_for_nothing(scene, dora, line):
    page = dora.post(reverse("return_form:new"), {"order": scene.order.pk} | wish(0, line, 1, "refund_only", scene.ours.pk))
    assert page.status_code == 422
    assert dora.post(reverse("return_form:new"), {"order": line} | wish(0, scene.pot.pk, 1, "refund_only", 1)).status_code in (200, 404)
    assert not ReturnForm.objects.exists()
