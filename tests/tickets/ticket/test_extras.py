"""What hangs on a ticket: edits, mentions, watchers, files, saved views; and the words of rules."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cast import NOON, Cast, make_member
from tickets.activity.models import Activity, Alert
from tickets.customer.models import Customer
from tickets.ticket import rules
from tickets.ticket.actions import (
    attach,
    attach_all,
    bulk,
    complain,
    contact,
    delete_view,
    edit,
    note,
    open_ticket,
    reopen,
    resolve,
    resume,
    save_view,
    unwatch,
    wait,
    watch,
)
from tickets.ticket.models import Attachment, Reason, Resolution, SavedView, Ticket, TicketText, Watcher
from tickets.ticket.queries import matching
from tickets.web.refusals import Refused

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
PDF = b"%PDF-1.7\n" + b"\0" * 40


def code_of(deed, *args, **kwargs) -> str:
    with pytest.raises(Refused) as found:
        deed(*args, **kwargs)
    return found.value.code


# -- editing -------------------------------------------------------------------------------------------------------------
def test_an_edit_keeps_before_and_after_in_the_ledger(cast: Cast, ticket: Ticket, leak: Reason) -> None:
    found = edit(ticket, by=cast.carol, version=1, reason=leak, severity="act_now", tags=[" vip", "vip", ""], at=NOON)
    assert (found.version, found.reason, found.tags) == (2, leak, ["vip"])
    row = Activity.objects.get(code="ticket.edited")
    assert row.data == {
        "before": {"reason": None, "severity": "watch", "tags": []},
        "after": {"reason": leak.pk, "severity": "act_now", "tags": ["vip"]},
    }


def test_an_edit_that_changes_nothing_is_no_change(cast: Cast, ticket: Ticket) -> None:
    assert edit(ticket, by=cast.carol, version=1, subject=ticket.subject).version == 1
    assert not Activity.objects.filter(code="ticket.edited").exists()


@pytest.mark.parametrize(
    "changes", [{"subject": " "}, {"severity": "x"}, {"holder": None}, {"status": "resolved"}, {"kind": ""}, {"channel": "fax"}]
)
def test_an_edit_takes_only_what_may_be_changed(cast: Cast, ticket: Ticket, changes: dict) -> None:
    assert code_of(edit, ticket, by=cast.carol, version=1, **changes) == "invalid"
    assert Ticket.objects.get(pk=ticket.pk).version == 1


def test_the_next_action_is_somebodys_who_can(cast: Cast, ticket: Ticket) -> None:
    assert code_of(edit, ticket, by=cast.bob, version=1, next_by=cast.wen) == "invalid"
    assert code_of(edit, ticket, by=cast.bob, version=1, next_by=cast.mallory) == "invalid"
    assert edit(ticket, by=cast.bob, version=1, next_by=cast.dora).next_by == cast.dora


def test_contacts_and_notes_do_not_make_an_edit_stale(cast: Cast, ticket: Ticket) -> None:
    contact(ticket, by=cast.carol, text="x")
    note(ticket, by=cast.carol, text="x")
    assert edit(ticket, by=cast.bob, version=1, severity="stable").version == 2


def test_the_search_text_follows(cast: Cast, ticket: Ticket) -> None:
    note(ticket, by=cast.carol, text="顺丰查件")
    edit(ticket, by=cast.bob, version=1, subject="杯盖坏了")
    assert matching(cast.team.pk, "杯盖") == matching(cast.team.pk, "查件") == [ticket.pk]
    assert matching(cast.team.pk, "漏水") == []
    assert matching(cast.other_team.pk, "杯盖") == []


def test_the_search_text_is_bounded(cast: Cast, ticket: Ticket) -> None:
    for _turn in range(3):
        note(ticket, by=cast.carol, text="长" * 9000)
    assert len(TicketText.objects.get(ticket=ticket).text) == rules.TEXT_BOUND


# -- who is told ---------------------------------------------------------------------------------------------------------
def test_a_mention_tells_and_watches(cast: Cast, ticket: Ticket) -> None:
    note(ticket, by=cast.bob, text="@Carol, @Bob and @Mallory: look; mail bob@example.com")
    assert list(Watcher.objects.values_list("member", "mentioned")) == [(cast.carol.pk, True)]
    assert list(Alert.objects.filter(code="ticket.mentioned").values_list("member", flat=True)) == [cast.carol.pk]
    assert not Alert.objects.filter(code="ticket.noted", member=cast.carol).exists(), "one note, one alert"
    note(ticket, by=cast.bob, text="and the courier called")
    assert Alert.objects.filter(code="ticket.noted", member=cast.carol).count() == 1, "she watches from now on"


def test_editing_tells_only_the_newly_mentioned(cast: Cast, liu: Customer) -> None:
    found = open_ticket(by=cast.bob, customer=liu, subject="x", body="@Carol look")
    edit(found, by=cast.bob, version=1, body="@Carol look, and @Dan")
    assert list(Alert.objects.filter(code="ticket.mentioned").order_by("id").values_list("member", flat=True)) == [
        cast.carol.pk,
        cast.dan.pk,
    ]


def test_holder_and_watchers_hear_of_what_others_say(cast: Cast, ticket: Ticket) -> None:
    watch(ticket, by=cast.dora)
    watch(ticket, by=cast.dora)
    contact(ticket, by=cast.carol, text="x")
    assert set(Alert.objects.filter(code="ticket.contacted").values_list("member", flat=True)) == {cast.bob.pk, cast.dora.pk}
    unwatch(ticket, by=cast.dora)
    contact(ticket, by=cast.bob, text="x")
    assert Alert.objects.filter(code="ticket.contacted").count() == 2


def test_mentions_are_names() -> None:
    assert rules.mentions("@小王 @bob. see a@b.c and @@x") == {"小王", "bob"}
    assert rules.called("bob") == ["bob"]
    assert rules.called("小王看") == ["小王看", "小王", "小"]


def test_a_mention_in_chinese_needs_no_blank(cast: Cast, ticket: Ticket) -> None:
    short, longer = make_member(cast.team, "小王", "agent"), make_member(cast.team, "小王子", "agent")
    note(ticket, by=cast.bob, text="请@小王看一下")
    assert list(Alert.objects.filter(code="ticket.mentioned").values_list("member", flat=True)) == [short.pk]
    note(ticket, by=cast.bob, text="请@小王子看一下")
    assert Alert.objects.filter(code="ticket.mentioned", member=longer).count() == 1


# -- states --------------------------------------------------------------------------------------------------------------
def test_waiting_keeps_the_holder_and_sets_the_next_look(cast: Cast, ticket: Ticket) -> None:
    at = NOON + timedelta(hours=3)
    found = wait(ticket, by=cast.bob, on="logistics", next_action="ask SF", next_at=at, at=NOON)
    assert (found.status, found.waiting_on, found.due_at, found.holder) == ("waiting", "logistics", at, cast.bob)
    assert code_of(wait, ticket, by=cast.bob, on="nobody") == "invalid"
    assert resume(ticket, by=cast.bob).status == "open"
    assert code_of(resume, ticket, by=cast.bob) == "wrong_state"


def test_resolving_needs_the_teams_own_resolution(cast: Cast, ticket: Ticket, refund: Resolution) -> None:
    theirs = Resolution.objects.create(team=cast.other_team, name="x")
    old = Resolution.objects.create(team=cast.team, name="old", is_active=False)
    assert code_of(resolve, ticket, by=cast.bob, resolution=theirs) == "invalid"
    assert code_of(resolve, ticket, by=cast.bob, resolution=old) == "invalid"
    found = resolve(ticket, by=cast.bob, resolution=refund, at=NOON)
    assert (found.resolved_at, found.next_action, found.due_at) == (NOON, "", None)
    assert code_of(resolve, ticket, by=cast.bob, resolution=refund) == "wrong_state"
    assert code_of(reopen, ticket, by=cast.bob, reason=" ") == "invalid"


def test_a_complaint_keeps_its_first_instant_and_tells_the_managers(cast: Cast, ticket: Ticket) -> None:
    complain(ticket, by=cast.bob, level="bad_review", at=NOON)
    found = complain(ticket, by=cast.bob, level="platform", at=NOON + timedelta(hours=1))
    assert (found.complaint, found.complained_at, found.severity) == ("platform", NOON, "act_now")
    assert Alert.objects.filter(code="ticket.complained", member=cast.alice).count() == 2
    assert code_of(complain, ticket, by=cast.bob, level="angry") == "invalid"


# -- files ---------------------------------------------------------------------------------------------------------------
def test_a_file_is_known_by_its_content_and_keeps_its_unicode_name(cast: Cast, ticket: Ticket) -> None:
    found = attach(ticket, by=cast.wen, file=SimpleUploadedFile("照片/../漏水 照片.html", PNG, "text/html"), at=NOON)
    assert (found.name, found.content_type, found.size) == ("漏水 照片.html.png", "image/png", len(PNG)), "saved, it is opened as a picture"
    assert found.file.name.endswith(".png")
    assert "漏水" not in found.file.name
    assert attach(ticket, by=cast.bob, file=SimpleUploadedFile("a.png", PDF)).content_type == "application/pdf"
    assert attach(ticket, by=cast.bob, file=SimpleUploadedFile("漏水.JPG", PNG)).name == "漏水.JPG"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "unsupported_media"),
        (b"<html><script>alert(1)</script>", "unsupported_media"),
        (b"MZ" + b"\0" * 60, "unsupported_media"),
        (b"", "invalid"),
        (PNG + b"\0" * (10 * 1024 * 1024), "too_large"),
    ],
)
def test_what_can_run_or_is_too_large_is_refused(cast: Cast, ticket: Ticket, content: bytes, code: str) -> None:
    assert code_of(attach, ticket, by=cast.bob, file=SimpleUploadedFile("x.png", content, "image/png")) == code
    assert not Attachment.objects.exists()


def test_a_refused_file_leaves_nothing_on_disk(cast: Cast, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.ticket.actions.extras.tell_ledger", lambda *a, **k: 1 / 0)

    def files() -> set[str]:
        return {str(p) for p in settings.FILES.rglob("*") if p.is_file()}

    before = files()
    with pytest.raises(ZeroDivisionError):
        attach(ticket, by=cast.bob, file=SimpleUploadedFile("x.png", PNG))
    assert files() == before
    assert default_storage is not None
    told = iter([None])  # the first of two is written down, the second is not
    monkeypatch.setattr("tickets.ticket.actions.extras.tell_ledger", lambda *a, **k: next(told))
    with pytest.raises(StopIteration):
        attach_all(ticket, by=cast.bob, files=[SimpleUploadedFile("x.png", PNG), SimpleUploadedFile("y.png", PNG)])
    assert files() == before and not Attachment.objects.exists()


def test_another_teams_ticket_takes_no_file(cast: Cast, ticket: Ticket) -> None:
    assert code_of(attach, ticket, by=cast.mallory, file=SimpleUploadedFile("x.png", PNG)) == "not_found"


# -- views and bulk ------------------------------------------------------------------------------------------------------
def test_saved_views_are_ones_own_or_the_teams(cast: Cast) -> None:
    own = save_view(by=cast.bob, name="urgent", query="severity=act_now")
    assert save_view(by=cast.bob, name="urgent", query="severity=watch") == own
    shared = save_view(by=cast.bob, name="all", query="", shared=True)
    assert code_of(delete_view, own, by=cast.alice) == "forbidden"
    assert code_of(delete_view, own, by=cast.mallory) == "not_found"
    delete_view(shared, by=cast.alice)
    delete_view(own, by=cast.bob)
    assert not SavedView.objects.exists()
    assert code_of(save_view, by=cast.bob, name=" ", query="") == "invalid"


def test_bulk_knows_its_deeds_and_its_bounds(cast: Cast, ticket: Ticket) -> None:
    assert code_of(bulk, [ticket], "delete", by=cast.bob) == "invalid"
    assert code_of(bulk, range(1, 300), "claim", by=cast.bob) == "invalid"
    assert [t.severity for t in bulk([ticket], "severity", by=cast.bob, severity="stable")] == ["stable"]


def test_bulk_writes_down_who_was_one_too_many(cast: Cast, ticket: Ticket) -> None:
    for member in (cast.carol, cast.dan):
        contact(ticket, by=member)
    assert code_of(bulk, [ticket], "transfer", by=cast.bob, to=cast.eve, reason="r", next_step="n") == "bulk_refused"
    assert Activity.objects.filter(code="handler.refused", ticket=ticket).count() == 1
