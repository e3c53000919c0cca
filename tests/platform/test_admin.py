"""The admin site sets up and breaks nothing: not even a superuser rewrites what happened."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client, RequestFactory

from handover.admin import SET_UP
from tests.cast import Cast, make_cast
from tickets.people.models import Member, Shop, Team, User

pytestmark = pytest.mark.django_db
OURS = [model for app in ("tickets", "handover") for model in apps.get_app_config(app).get_models()]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def root(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root", "root@example.com", "correct-horse-battery"))
    return client


def request_of_root():
    request = RequestFactory().get("/admin/")
    request.user = User(username="root", is_superuser=True, is_staff=True, is_active=True)
    return request


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label_lower)
def test_a_superuser_writes_only_what_setting_up_needs(model) -> None:
    shown, request = admin.site._registry[model], request_of_root()
    assert not shown.has_delete_permission(request)
    assert shown.has_add_permission(request) == shown.has_change_permission(request) == (model in SET_UP)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label_lower)
def test_every_table_can_be_looked_at(model, root: Client, cast: Cast) -> None:
    assert root.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/").status_code == 200


@pytest.mark.parametrize("model", SET_UP, ids=lambda model: model._meta.label_lower)
def test_what_sets_up_has_a_page_to_add_and_one_to_change(model, root: Client, cast: Cast) -> None:
    there = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    assert "_save" in root.get(f"{there}add/").content.decode()
    assert "_save" in root.get(f"{there}{model.objects.order_by('pk')[0].pk}/change/").content.decode()


def test_no_secret_of_a_library_is_shown() -> None:
    assert {type(a).__name__ for a in admin.site._registry.values()} >= {"SecondFactors", "Tokens"}
    for model, shown in admin.site._registry.items():
        fields = set(shown.get_fields(request_of_root()))
        assert not fields & {"data", "digest", "token", "token_secret", "token_key"} or model in OURS, model


def test_the_admin_has_no_sign_in_of_its_own(client: Client, cast: Cast) -> None:
    answer = client.post("/admin/login/", {"username": "alice", "password": "correct-horse-battery"})
    assert answer.status_code == 302 and answer.url.startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


def test_a_manager_is_no_administrator(client: Client, cast: Cast) -> None:
    client.force_login(cast.alice.user)
    assert client.get("/admin/tickets/team/").status_code in {302, 403}


def test_the_first_manager_of_a_new_team_leads_it(root: Client) -> None:
    values = {
        "name": "Peony",
        "slug": "peony",
        "time_zone": "Asia/Shanghai",
        "region": "CN",
        "currency": "CNY",
        "max_handlers": 3,
        "no_manager": "refuse",
        "remind_before": "00:15:00",
        "escalate_after": "00:15:00",
        "duty_grace": "02:00:00",
        "compensation_cap": "200",
    }
    made = root.post("/admin/tickets/team/add/", values)
    assert made.status_code == 302, made.content.decode()
    team = Team.objects.get(slug="peony")
    user = User.objects.create_user("mei")
    made = root.post("/admin/tickets/member/add/", {"team": team.pk, "user": user.pk, "display_name": "Mei", "roles": ["manager", "agent"]})
    assert made.status_code == 302, made.content.decode()
    team.refresh_from_db()
    assert team.lead == Member.objects.get(user=user) and team.lead.roles == ["manager", "agent"]


def test_a_changed_team_is_in_the_ledger(root: Client, cast: Cast) -> None:
    page = root.get(f"/admin/tickets/team/{cast.team.pk}/change/")
    form = page.context["adminform"].form
    values = {name: form[name].value() for name in form.fields} | {"max_handlers": 4}
    values = {name: value if value is not None else "" for name, value in values.items()}
    assert root.post(f"/admin/tickets/team/{cast.team.pk}/change/", values).status_code == 302
    cast.team.refresh_from_db()
    assert cast.team.max_handlers == 4
    changed = apps.get_model("tickets", "Activity").objects.filter(code="team.changed", team=cast.team)
    assert [row.data["after"] for row in changed] == [{"max_handlers": "4"}]


def test_a_member_is_not_let_go_past_the_actions(root: Client, cast: Cast) -> None:
    root.post(f"/admin/tickets/member/{cast.bob.pk}/change/", {"display_name": "Bobby", "roles": "warehouse"})
    root.post(f"/admin/tickets/user/{cast.bob.user_id}/change/", {"username": "bob", "email": "bob@example.com"})
    cast.bob.refresh_from_db()
    assert (cast.bob.display_name, cast.bob.roles, cast.bob.is_active, cast.bob.user.is_active) == ("Bobby", ["agent"], True, True)


def test_a_shop_stays_with_its_team(root: Client, cast: Cast) -> None:
    root.post(
        f"/admin/tickets/shop/{cast.shop.pk}/change/",
        {"name": "Renamed", "currency": "CNY", "time_zone": "Asia/Shanghai", "team": cast.other_team.pk},
    )
    shop = Shop.objects.get(pk=cast.shop.pk)
    assert (shop.name, shop.team_id) == ("Renamed", cast.team.pk)
