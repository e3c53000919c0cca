"""Every deed that a page offers has chosen: it can be undone, it asks first, or it is said here why neither is needed.

A new door that takes a POST must choose as well."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from tickets.ticket.deeds import DEEDS

UNDO = {
    "ticket:keep": "ticket:stand",
    "ticket:forget_view": "ticket:restore_view",
    "script:end_script": "script:resume_script",
    "script:end_campaign": "script:resume_campaign",
    "notice:end": "notice:resume",
    "report:schedule_end": "report:schedule_resume",
    "roster:edit": "roster:undo",
    "roster:copy": "roster:undo",
    "roster:shift": "roster:undo",
    "roster:back": "roster:away_again",
    "digest:answer": "digest:undo",
    "digest:accept": "digest:undo",
}
"""The door that takes it back; tests/hand/test_taking_back.py and the rooms' own tests press it. For tickets `ticket.deeds` says it."""

CONFIRM = frozenset({
    "people:leave", "people:revoke_token", "customer:merge", "roster:calendar", "roster:decide", "digest:revoke", "digest:revoke_for",
    "message:remove", "webhook:deed",
})  # fmt: skip
"""Cannot be undone, and asks: its form has `data-confirm`."""

NEITHER = {
    "a form of what stands there: saving it again with the former words brings them back, and the ledger keeps both": (
        "people:member people:settings people:lead people:shop people:me order:push_door ticket:reason ticket:resolution customer:edit "
        "script:show script:campaign return_form:edit return_form:policy mail:index roster:pattern notice:show message:place webhook:show "
        "report:performance_weights report:targets note:item note:parts draft:drafts order:import_columns duty:extend"
    ),
    "adds something that can be changed, ended or removed on its own page": (
        "people:add people:add_shop people:tokens order:log ticket:new ticket:save_view ticket:files ticket:add_reason "
        "ticket:add_resolution customer: customer:panel customer:add_handle script:new script:new_campaign return_form:new "
        "return_form:parcels roster:leave roster:patterns notice:list message:add message:add_channel webhook:add "
        "report:schedules mail:take"
    ),
    "its opposite stands in the same place": (
        "roster:ask roster:take roster:step_back roster:withdraw return_form:match return_form:parcel ticket:open_with ticket:open_plainly"
    ),
    "is shown as a whole before it is done, on a page of its own": (
        "ticket:bulk order:imports order:start_import return_form:refunds return_form:compensations return_form:decide_together "
        "movein:list movein:start roster:grid report:service_import"
    ),
    "a signature or a receipt: what is signed stands above the button, whoever signs says so, and corrections are added, never made": (
        "return_form:submit return_form:count return_form:decide return_form:settle note:sign digest:ack digest:addendum digest:notices"
    ),
    "asks for a reason or a choice in words, which is more than a yes": (
        "ticket:withdraw ticket:handler board:decide return_form:cancel return_form:reopen return_form:send_back duty:let_in duty:end "
        "digest:question"
    ),
    "was said: the story keeps what was said to somebody, and a correction is said after it": (
        "ticket:contact return_form:comment report:performance_sheet note:show note:signed report:surprise"
    ),
    "a fact of the ground, and what contradicts it is the next step's own answer (“not received”)": "return_form:receive",
    "changes nothing but what the ledger or the reader's own marks say": (
        "order:unmask customer:unmask activity:seen shell:tour message:test message:again webhook:again"
    ),
}


def posting(resolver: URLResolver, space: str = "") -> set[str]:
    """The names of our pages that take a POST."""
    found: set[str] = set()
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            found |= posting(one, space + (f"{one.namespace}:" if one.namespace else ""))
        elif isinstance(one, URLPattern) and "POST" in _deeds(one.callback):
            found.add(space + (one.name or ""))
    return found


def _deeds(view: Any) -> dict[str, str]:
    deeds = getattr(view, "deeds", {})
    return deeds if isinstance(deeds, dict) else {}


def test_every_deed_of_a_page_has_chosen_once() -> None:
    reasons = [name for names in NEITHER.values() for name in names.split()]
    chosen = [*UNDO, *set(UNDO.values()), *CONFIRM, *reasons, *(f"ticket:{name}" for name in DEEDS)]
    assert sorted(name for name in set(chosen) if chosen.count(name) > 1) == []
    assert set(chosen) == posting(get_resolver())


@pytest.mark.parametrize("name", sorted(CONFIRM))
def test_what_cannot_be_undone_asks_first(name: str) -> None:
    """Wherever a page leads to it. Making a first calendar address, a test event, sending again: nothing is lost by these."""
    harmless = ("Make an address", 'word="test"', "word='replay'")
    forms = [
        line
        for template in Path(settings.BASE_DIR, "templates").rglob("*.html")
        for line in template.read_text().splitlines()
        if re.search(rf"""url\(["']{name}["']""", line) and not any(word in line for word in harmless)
    ]
    assert forms and all("confirm=" in form for form in forms)  # `data-confirm=` of a form, `confirm=` of ui.post
