"""The team's settings: managers change them, everybody else reads; one's own are one's own."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD, Cast, make_cast, make_customer
from tests.tickets.return_form.scene import make_scene
from tickets.activity.models import Activity
from tickets.people.actions import deactivate, set_lead, set_roles
from tickets.people.models import Member, Shop, Team, User
from tickets.ticket.actions import open_ticket
from tickets.ticket.models import Reason, Resolution
from tickets.web.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def browser(member: Member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


@pytest.fixture
def alice(cast: Cast) -> Client:
    return browser(cast.alice)


def text(response: Any) -> str:
    return response.content.decode()


NEW = {"username": "xiaozhou", "display_name": "小周", "email": "zhou@example.com", "roles": ["agent", "after_sale"]}


def test_a_new_colleague_can_sign_in_with_the_password_shown_once(alice: Client, cast: Cast) -> None:
    page = text(alice.post(reverse("people:add"), NEW))
    member = Member.objects.get(display_name="小周")
    assert sorted(member.roles) == ["after_sale", "agent"]
    password = page.split("First password</dt><dd>")[1].split("<")[0]
    assert member.user.check_password(password)
    assert password not in str(list(Activity.objects.values_list("data", flat=True)))


def test_an_account_of_another_team_joins_only_by_its_own_address(alice: Client, cast: Cast) -> None:
    known = cast.mallory.user
    refused = alice.post(reverse("people:add"), NEW | {"username": known.username, "email": "guess@example.com"})
    assert refused.status_code == 422 and not Member.objects.filter(team=cast.team, user=known).exists()
    alice.post(reverse("people:add"), NEW | {"username": known.username, "email": known.email})
    joined = Member.objects.get(team=cast.team, user=known)
    known.refresh_from_db()
    assert known.check_password(PASSWORD) and joined.display_name == "小周"
    assert User.objects.filter(username=known.username).count() == 1


def test_c1_who_leaves_leaves_nothing_behind_unowned(alice: Client, cast: Cast) -> None:
    ticket = open_ticket(by=cast.bob, customer=make_customer(cast.team), subject="x")
    alice.post(reverse("people:leave", args=[cast.bob.pk]))
    ticket.refresh_from_db()
    cast.bob.refresh_from_db()
    assert ticket.holder is None and not cast.bob.is_active
    alice.post(reverse("people:leave", args=[cast.bob.pk]))
    cast.bob.refresh_from_db()
    assert cast.bob.is_active


def test_the_button_to_let_somebody_go_names_that_person(alice: Client, cast: Cast) -> None:
    page = text(alice.get(reverse("people:member", args=[cast.bob.pk])))
    assert reverse("people:leave", args=[cast.bob.pk]) in page and reverse("people:leave", args=[cast.alice.pk]) not in page
    assert "Leaves the team" not in text(alice.get(reverse("people:settings"))) + text(alice.get(reverse("people:me")))


def test_the_lead_stays_a_manager(alice: Client, cast: Cast) -> None:
    answer = alice.post(reverse("people:member", args=[cast.alice.pk]), {"display_name": "Alice", "roles": ["agent"]})
    assert answer.status_code == 409 and "Name another lead first" in text(answer)
    answer = alice.post(reverse("people:leave", args=[cast.alice.pk]))
    assert answer.status_code == 409
    alice.post(reverse("people:member", args=[cast.bob.pk]), {"display_name": "Bobby", "roles": ["agent", "manager"]})
    alice.post(reverse("people:lead"), {"lead": cast.bob.pk})
    cast.team.refresh_from_db()
    assert cast.team.lead == cast.bob and cast.team.lead.display_name == "Bobby"
    assert alice.post(reverse("people:lead"), {"lead": cast.carol.pk}).status_code == 400


@pytest.mark.parametrize("change", ["left", "no manager any more"])
def test_c1_only_a_manager_of_this_moment_is_named_lead(cast: Cast, change: str) -> None:
    """Whoever names a lead has read the person's row before: what a colleague did to it since then counts."""
    set_roles(cast.bob, ["agent", "manager"], by=cast.alice)
    as_read = Member.objects.get(pk=cast.bob.pk)
    if change == "left":
        deactivate(cast.bob, by=cast.alice)
    else:
        set_roles(cast.bob, ["agent"], by=cast.alice)
    with pytest.raises(Refused, match="wrong_state"):
        set_lead(cast.team, as_read, by=cast.alice)
    assert Team.objects.get(pk=cast.team.pk).lead == cast.alice


def test_limits_are_changed_and_written_down(alice: Client, cast: Cast) -> None:
    page = text(alice.get(reverse("people:settings")))
    assert "Limits and clock" in page and 'value="3"' in page
    said = {
        "name": "Lotus", "time_zone": "Asia/Shanghai", "region": "CN", "currency": "CNY", "max_handlers": "2", "no_manager": "refuse",
        "remind_before": "00:20:00", "escalate_after": "00:10:00", "duty_grace": "02:00:00", "compensation_cap": "150.00",
    }  # fmt: skip
    assert alice.post(reverse("people:settings"), said).status_code == 303
    cast.team.refresh_from_db()
    assert (cast.team.max_handlers, cast.team.no_manager) == (2, "refuse")
    assert Activity.objects.get(code="team.changed").data["before"]["max_handlers"] == "3"
    assert alice.post(reverse("people:settings"), said | {"time_zone": "Moon/Base"}).status_code == 422


def test_shops(alice: Client, cast: Cast) -> None:
    said = {"name": "天猫旗舰店", "platform": "tmall", "currency": "CNY", "time_zone": "Asia/Shanghai", "is_active": "on"}
    assert alice.post(reverse("people:add_shop"), said).status_code == 303
    assert alice.post(reverse("people:add_shop"), said).status_code == 422
    shop = Shop.objects.get(name="天猫旗舰店")
    alice.post(reverse("people:shop", args=[shop.pk]), said | {"name": "天猫店", "is_active": ""})
    shop.refresh_from_db()
    assert (shop.name, shop.is_active) == ("天猫店", False)
    assert "天猫店" in text(alice.get(reverse("people:shops")))


def test_r2_reasons_have_two_levels(alice: Client, cast: Cast) -> None:
    add = reverse("ticket:add_reason")
    alice.post(add, {"name": "质量", "fault": "ours", "place": "0", "is_active": "on"})
    group = Reason.objects.get(name="质量")
    assert alice.get(f"{add}?group={group.pk}").status_code == 200
    alice.post(add, {"name": "漏水", "parent": group.pk, "fault": "ours", "place": "0", "is_active": "on"})
    leaf = Reason.objects.get(name="漏水")
    third = alice.post(add, {"name": "杯底漏", "parent": leaf.pk, "fault": "ours", "place": "0", "is_active": "on"})
    assert third.status_code == 422 and not Reason.objects.filter(name="杯底漏").exists()
    twice = alice.post(add, {"name": "漏水", "parent": group.pk, "fault": "ours", "place": "0", "is_active": "on"})
    assert twice.status_code == 422 and "of this name already" in text(twice)
    assert "漏水" in text(alice.get(reverse("ticket:reasons")))


def test_r2_a_reason_that_was_chosen_stays_a_leaf(alice: Client, cast: Cast) -> None:
    used = Reason.objects.create(team=cast.team, name="物流")
    open_ticket(by=cast.bob, customer=make_customer(cast.team), subject="x", reason=used)
    said = {"name": "丢件", "parent": used.pk, "fault": "nobody", "place": "0", "is_active": "on"}
    assert alice.post(reverse("ticket:add_reason"), said).status_code == 422


def test_r2_a_reason_that_a_form_has_stays_a_leaf(alice: Client, cast: Cast) -> None:
    scene, used = make_scene(cast), Reason.objects.create(team=cast.team, name="损坏")
    scene.filed(scene.ask(reason=used.pk))
    said = {"name": "压坏", "parent": used.pk, "fault": "nobody", "place": "0", "is_active": "on"}
    assert alice.post(reverse("ticket:add_reason"), said).status_code == 422


def test_resolutions(alice: Client, cast: Cast) -> None:
    add = reverse("ticket:add_resolution")
    alice.post(add, {"name": "已退款", "place": "0", "is_active": "on"})
    assert alice.post(add, {"name": "已退款", "place": "0", "is_active": "on"}).status_code == 422
    found = Resolution.objects.get(name="已退款")
    alice.post(reverse("ticket:resolution", args=[found.pk]), {"name": "退款完成", "place": "0"})
    found.refresh_from_db()
    assert (found.name, found.is_active) == ("退款完成", False)
    assert "退款完成" in text(alice.get(reverse("ticket:resolutions")))


def test_another_teams_rows_are_not_there(cast: Cast) -> None:
    mallory = browser(cast.mallory)
    reason = Reason.objects.create(team=cast.team, name="物流")
    paths = [("people:member", cast.bob.pk), ("people:shop", cast.shop.pk), ("ticket:reason", reason.pk)]
    for name, pk in paths:
        assert mallory.get(reverse(name, args=[pk])).status_code == 404, name
    assert mallory.post(reverse("people:leave", args=[cast.bob.pk])).status_code == 404
    page = text(mallory.get(reverse("people:team")))
    assert "Mallory" in page and "Bob" not in page


def test_an_agent_reads_and_changes_nothing(cast: Cast) -> None:
    bob = browser(cast.bob)
    page = text(bob.get(reverse("people:team")))
    assert "Alice" in page and reverse("people:add") not in page
    for name in ("people:add", "people:settings", "people:add_shop", "ticket:add_reason"):
        assert bob.get(reverse(name)).status_code == 403
    assert bob.post(reverse("people:leave", args=[cast.carol.pk])).status_code == 403


def test_ones_own_language_and_colours(cast: Cast) -> None:
    bob = browser(cast.bob)
    answer = bob.post(reverse("people:me"), {"language": "zh-hans", "theme": "dark"})
    assert answer.status_code == 303 and answer.cookies["theme"].value == "dark"
    page = text(bob.get(reverse("people:me")))
    assert 'lang="zh-Hans"' in page and 'data-theme="dark"' in page
    assert bob.post(reverse("people:me"), {"language": "xx", "theme": "dark"}).status_code == 422


def test_ones_own_language_comes_before_the_browsers_and_the_browsers_before_signing_in(cast: Cast) -> None:
    bob = browser(cast.bob)
    bob.cookies["django_language"] = "zh-hant"
    asked = {"accept-language": "zh-CN"}
    own = reverse("people:me")
    assert 'lang="zh-Hant"' in text(bob.get(own, headers=asked))  # nobody has chosen: what this browser was told last
    assert bob.post(own, {"language": "en", "theme": "auto"}).cookies["django_language"].value == "en"
    bob.cookies["django_language"] = "zh-hant"  # somebody else's choice on the same machine, before signing in
    assert 'lang="en"' in text(bob.get(own, headers=asked))
    assert bob.post(own, {"language": "", "theme": "auto"}).cookies["django_language"].value == ""
    assert 'lang="zh-Hans"' in text(bob.get(own, headers=asked))
    bob.logout()
    assert 'lang="zh-Hans"' in text(bob.get("/accounts/login/", headers=asked))


def test_who_belongs_to_no_team_reads_in_the_chosen_language_too(cast: Cast) -> None:
    cast.bob.user.language = "zh-hant"
    cast.bob.user.save()
    bob = browser(cast.bob)
    Member.objects.filter(pk=cast.bob.pk).update(is_active=False)
    assert 'lang="zh-Hant"' in text(bob.get(reverse("people:me")))
