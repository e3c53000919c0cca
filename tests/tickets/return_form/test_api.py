"""`returns/`: the same deeds through the API, with its codes."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone
from knox.models import AuthToken

from tests.cast import PASSWORD
from tests.tickets.return_form.scene import all_ok, make_order, make_scene, png
from tickets.order.models import OrderLine
from tickets.people.tokens import make_token
from tickets.return_form import actions
from tickets.return_form.models import ReturnForm, Signature
from tickets.web.confirmation import STAMP


class Hand:
    """One person's browser or program, speaking JSON."""

    def __init__(self, member, token: bool = False) -> None:
        self.client = Client()
        self.headers = {}
        if token:
            self.instance, key = make_token(member.user)
            self.headers = {"Authorization": f"Token {key}"}
        else:
            self.client.force_login(member.user)

    def __call__(self, method, path, **body):
        return getattr(self.client, method)(f"/api/v1/{path}", body or None, content_type="application/json", headers=self.headers)

    def get(self, path):
        return self.client.get(f"/api/v1/{path}", headers=self.headers)


@pytest.fixture
def hands(scene):
    return {name: Hand(getattr(scene, name)) for name in ("dora", "wen", "alice")}


def body(scene, **more):
    line = {"order_line": scene.pot.pk, "quantity": 1, "resolution": "return_and_refund", "reason": scene.ours.pk}
    return {"order": scene.order.pk, "lines": [line | more]}


def test_three_people_carry_a_form_through_the_api(scene, hands):
    made = hands["dora"]("post", "returns/", **body(scene), tracking="SF 100")
    assert made.status_code == 201, made.json()
    path = f"returns/{made.json()['id']}/"
    assert hands["dora"]("post", path + "submit/", revision=1).json()["state"] == "submitted"
    line = made.json()["lines"][0]["id"]
    counted = hands["wen"]("post", path + "inspect/", revision=1, lines=[{"line": line, "ok": 1}])
    assert counted.json()["lines"][0]["received"] == 1
    assert hands["wen"]("post", path + "cosign/", revision=1).json()["state"] == "inspected"
    decided = hands["alice"]("post", path + "decide/", revision=1)
    assert (decided.json()["state"], decided.json()["lines"][0]["amount"]) == ("approved", "40.00")
    closed = hands["dora"]("post", path + "settle/", revision=1, reference="ALI-1")
    assert closed.json()["state"] == "closed"
    roles = [(row["role"], row["live"]) for row in hands["wen"].get(path + "signatures/").json()]
    assert roles == [("initiator", True), ("warehouse", True), ("manager", True)]
    assert hands["dora"]("post", path + "reopen/", revision=1, reason="bounced").status_code == 201


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"quantity": 99}, 409, "over_quantity"),
        ({"quantity": 0}, 400, "invalid"),
        ({"reason": "head"}, 400, "invalid"),
        ({"resolution": "reject"}, 400, "invalid"),
        ({"resolution": "refund_only", "amount": "41.00"}, 409, "over_paid"),
        ({"order_line": "foreign"}, 400, "invalid"),
    ],
)
def test_what_cannot_be_filed(scene, hands, change, status, code):
    named = {"head": scene.head.pk, "foreign": None}
    if change.get("order_line") == "foreign":
        other = make_order(scene.cast, scene.customer, "88")
        named["foreign"] = OrderLine.objects.create(order=other, key="1", title="Pan").pk
    found = hands["dora"]("post", "returns/", **body(scene, **{k: named.get(v, v) for k, v in change.items()}))
    assert (found.status_code, found.json()["code"]) == (status, code)
    assert not ReturnForm.objects.exists()


def test_stale_gets_409_with_current_and_difference(scene, hands):
    form = scene.filed()
    assert hands["dora"]("patch", f"returns/{form.pk}/", revision=1, words="It leaks.").json()["revision"] == 2
    found = hands["dora"]("patch", f"returns/{form.pk}/", revision=1, words="other")
    assert (found.status_code, found.json()["code"], found.json()["current"]["revision"]) == (409, "stale", 2)
    assert found.json()["difference"][0]["field"] == "words"


DEEDS = {
    "submit": ("dora", {}),
    "inspect": ("wen", {"outcome": "not_received"}),
    "cosign": ("wen", {}),
    "receive": ("wen", {}),
    "decide": ("alice", {}),
    "send_back": ("wen", {"question": "Which?"}),
    "cancel": ("dora", {"reason": "keeps it"}),
    "settle": ("dora", {"reference": "A"}),
    "reopen": ("dora", {"reason": "bounced"}),
    "comment": ("dora", {"text": "hm"}),
    "parcels": ("dora", {"tracking": "SF1"}),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_r8_every_deed_says_what_it_saw(scene, hands, deed):
    form = actions.edit(scene.submitted(), by=scene.dora, revision=1, words="It leaks.")
    name, said = DEEDS[deed]
    path = f"returns/{form.pk}/{deed}/"
    missing = hands[name]("post", path, **said)
    assert (missing.status_code, missing.json()["code"], list(missing.json()["errors"])) == (400, "invalid", ["revision"])
    older = hands[name]("post", path, **said, revision=1)
    assert (older.status_code, older.json()["code"], older.json()["current"]["revision"]) == (409, "stale", 2)
    assert older.json()["difference"] == [{"field": "words", "before": "", "after": "It leaks."}]
    version = hands[name]("post", path, **said, version=form.version - 1)
    assert (version.status_code, version.json()["code"]) == (409, "stale")
    form.refresh_from_db()
    assert (form.state, form.revision, form.received_at) == ("draft", 2, None)


def test_rights_and_teams(scene, hands):
    form = scene.submitted()
    assert hands["dora"]("post", f"returns/{form.pk}/cosign/", revision=1).json()["code"] == "forbidden"
    mallory = Hand(scene.cast.mallory)
    assert mallory("post", f"returns/{form.pk}/decide/", revision=1).status_code == 404
    assert mallory.get(f"returns/{form.pk}/").status_code == 404
    assert mallory.get("returns/").json()["results"] == []


def test_a2_the_warehouse_sees_no_money(scene, hands):
    form = scene.decided(scene.ask(amount=30))
    seen, shown = (hands[name].get(f"returns/{form.pk}/").json() for name in ("wen", "dora"))
    assert (seen["freight_amount"], seen["lines"][0]["amount"], seen["lines"][0]["asked_amount"]) == (None, None, None)
    assert (shown["freight_amount"], shown["lines"][0]["amount"]) == ("0.00", "30.00")


def test_signing_needs_a_fresh_proof(scene, hands):
    form = scene.filed()
    session = hands["dora"].client.session
    session[STAMP] = time.time() - 600
    session.save()
    path = f"returns/{form.pk}/submit/"
    found = hands["dora"]("post", path, revision=1)
    assert (found.status_code, found.json()["code"], found.json()["reauthenticate"]) == (403, "forbidden", True)
    wrong = hands["dora"]("post", path, revision=1, password="nonsense")
    assert (wrong.status_code, wrong.json()["errors"]) == (400, {"password": ["This is not your password."]})
    assert not Signature.objects.exists()
    assert hands["dora"]("post", path, revision=1, password=PASSWORD).status_code == 200
    assert hands["dora"]("post", f"returns/{scene.filed(scene.ask(scene.lid)).pk}/submit/", revision=1).status_code == 200, "remembered"


def test_an_old_token_sends_the_password(scene):
    program = Hand(scene.dora, token=True)
    path = f"returns/{scene.filed().pk}/submit/"
    AuthToken.objects.update(created=timezone.now() - timedelta(hours=1))
    assert program("post", path, revision=1).json()["code"] == "forbidden"
    assert program("post", path, revision=1, password=PASSWORD).json()["state"] == "submitted"


def test_the_list_refuses_unknown_filters_and_keeps_its_queries(scene, hands, django_assert_num_queries):
    scene.submitted()
    assert hands["dora"].get("returns/?filed_by__user__password=x").status_code == 400
    assert hands["dora"].get("returns/?state=nonsense").status_code == 400
    with django_assert_num_queries(8):
        hands["dora"].get("returns/?state=submitted")
    scene.submitted()
    scene.submitted(scene.ask(scene.lid))
    with django_assert_num_queries(8):
        assert len(hands["dora"].get("returns/?state=submitted").json()["results"]) == 3


def test_filters_by_reason_fault_product_shop_agent_and_age(scene, hands):
    form = scene.decided()
    ReturnForm.objects.filter(pk=form.pk).update(filed_at=timezone.now() - timedelta(days=9))
    other = scene.filed(scene.ask(scene.lid, reason=scene.choice.pk))

    def ids(query):
        return [row["id"] for row in hands["dora"].get("returns/?" + query).json()["results"]]

    assert ids(f"reason={scene.ours.pk}") == ids(f"reason={scene.head.pk}") == ids("older_than=3") == [form.pk]
    assert ids("product=LID-40") == ids("product=glass") == [other.pk]
    assert ids(f"shop={scene.cast.shop.pk}") == ids(f"agent={scene.cast.bob.pk}") == [other.pk, form.pk]
    assert ids("fault=supplier") == []


@pytest.fixture
def send(hands):
    """A multipart body, where a list's rows are written `lines[0]quantity`."""

    def ask(who, method, path, **said):
        return hands[who].client.generic(method, f"/api/v1/{path}", encode_multipart(BOUNDARY, said), MULTIPART_CONTENT)

    return ask


def test_photos_come_with_filing_editing_and_counting(scene, hands, send):
    line = {f"lines[0]{name}": value for name, value in body(scene)["lines"][0].items()}
    made = send("dora", "POST", "returns/", order=scene.order.pk, files=[png()], **line)
    assert made.status_code == 201, made.json()
    path = f"returns/{made.json()['id']}/"
    assert send("dora", "PATCH", path, revision=1, files=[png("blue")]).json()["revision"] == 2
    first, _second = hands["dora"].get(path + "photos/").json()
    assert (first["kind"], first["content_type"], len(first["sha256"])) == ("filed", "image/png", 64)
    assert hands["dora"].client.get(first["url"]).status_code == 200
    assert hands["dora"]("patch", path, revision=2, remove=[first["id"]]).json()["revision"] == 3
    hands["dora"]("post", path + "submit/", revision=3)
    counted = send("wen", "POST", path + "inspect/", revision=3, files=[png("green")], **{"lines[0]place": 1, "lines[0]ok": 1})
    assert counted.status_code == 200, counted.json()
    assert [x["kind"] for x in hands["wen"].get(path + "photos/").json()] == ["filed", "counted"]
    wrong = send("dora", "POST", "returns/", order=scene.order.pk, files=[SimpleUploadedFile("a.png", b"<svg/>")], **line)
    assert wrong.status_code == 415


def test_a_photo_is_of_the_line_that_it_came_with(scene, hands, send):
    form = scene.submitted(scene.ask(scene.pot), scene.ask(scene.lid))
    pot, lid = form.lines.all()
    counts = {"lines[0]line": pot.pk, "lines[0]ok": 1, "lines[1]place": lid.place, "lines[1]damaged": 1}
    photos = {"lines[1]files[0]": png("blue"), "lines[1]files[1]": png("red"), "files": [png("green")]}
    counted = send("wen", "POST", f"returns/{form.pk}/inspect/", revision=1, **counts, **photos)
    assert counted.status_code == 200, counted.json()
    shown = hands["wen"].get(f"returns/{form.pk}/photos/").json()
    assert sorted((row["line"] or 0) for row in shown) == [0, lid.pk, lid.pk]
    text = SimpleUploadedFile("a.png", b"<svg/>")
    again = {"lines[0]place": 1, "lines[0]missing": 1, "lines[1]place": 2, "lines[1]missing": 1, "lines[1]files[0]": text}
    assert send("wen", "POST", f"returns/{form.pk}/inspect/", revision=1, **again).status_code == 415
    assert form.lines.get(place=1).ok == 1, "nothing was written"


def test_scan_finds_by_number_qr_tracking_and_order(scene, hands):
    form = scene.submitted(tracking="sf 123 456")
    for text in (form.number, form.number.lower(), f"https://x.example/returns/{form.pk}/", "SF123456", "ｓｆ123456", scene.order.number):
        found = hands["wen"].get(f"returns/scan/?q={text}")
        assert [row["id"] for row in found.json()] == [form.pk], text
    assert hands["wen"].get("returns/scan/?q=nothing").status_code == 404


def test_unclaimed_parcel_recorded_and_matched_once(scene, hands):
    made = hands["wen"]("post", "parcels/", tracking="yt 77", contents="one pot")
    assert made.status_code == 201
    again = hands["wen"]("post", "parcels/", tracking="YT77")
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")
    form = scene.submitted()
    path = f"parcels/{made.json()['id']}/match/"
    assert hands["dora"]("post", path, form=form.pk).json()["form"] == form.pk
    assert hands["dora"]("post", path, form=form.pk).json()["code"] == "taken"
    form.refresh_from_db()
    assert form.received_at is not None


def test_a_late_tracking_number_claims_the_parcel_that_came_first(scene, hands):
    hands["wen"]("post", "parcels/", tracking="YT77")
    form = scene.submitted()
    assert hands["dora"]("post", f"returns/{form.pk}/parcels/", revision=1, tracking="yt77").status_code == 201
    assert hands["wen"].get("parcels/?unclaimed=true").json()["results"] == []


@pytest.mark.django_db(transaction=True)
def test_deeds_cost_at_most_fifteen_queries(django_assert_max_num_queries):
    scene = make_scene()
    with django_assert_max_num_queries(15):
        form = actions.file(scene.order, [scene.ask(), scene.ask(scene.lid)], by=scene.dora)
    with django_assert_max_num_queries(15):
        actions.submit(form, by=scene.dora)
    with django_assert_max_num_queries(15):
        actions.inspect(form, by=scene.wen, counts=all_ok(form))
    with django_assert_max_num_queries(15):
        actions.cosign(form, by=scene.wen)
    with django_assert_max_num_queries(15):
        actions.decide(form, by=scene.alice)
    with django_assert_max_num_queries(15):
        actions.settle(form, by=scene.dora, reference="A")
    with django_assert_max_num_queries(15):
        assert actions.file(scene.order, [scene.ask()], by=scene.dora, signed=True).state == "submitted"
