"""What a shortcut is, and how a reply is filled in."""

from __future__ import annotations

import pytest

from tickets.script import rules


def test_what_is_known_is_put_in_and_the_rest_stays_to_be_seen() -> None:
    body = "{customer}，订单 {order} 已登记。{agent} {customer}"
    assert rules.fill(body, {"customer": "刘女士", "order": "", "agent": "小周"}) == "刘女士，订单 {order} 已登记。小周 刘女士"


def test_a_value_with_braces_is_not_filled_again() -> None:
    assert rules.fill("{customer}", {"customer": "{agent}", "agent": "Bob"}) == "{agent}"


def test_only_three_names_can_be_filled_in() -> None:
    assert rules.unknown_places("{customer} {ordre} {name} {ordre} { x }") == ["ordre", "name"]


@pytest.mark.parametrize(("typed", "stored"), [("/Refund", "refund"), (" 退款 ", "退款"), ("、催发货", "催发货")])
def test_a_shortcut_is_stored_without_slash_and_in_small_letters(typed: str, stored: str) -> None:
    assert rules.plain_shortcut(typed) == stored
    assert rules.is_shortcut(stored)


@pytest.mark.parametrize("wrong", ["", "two words", "a/b", "a{b", "退、款", "x" * 21, "line\nend"])
def test_what_is_no_shortcut(wrong: str) -> None:
    assert not rules.is_shortcut(wrong)
