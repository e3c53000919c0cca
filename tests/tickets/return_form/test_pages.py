"""The pages: what each shows to whom, and the deeds through them."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import NOON, PASSWORD
from tests.tickets.return_form.scene import make_order, png
from tickets.activity.models import Alert
from tickets.customer.models import Handle
from tickets.order.models import OrderLine
from tickets.return_form import actions, queries
from tickets.return_form.models import Evidence, Parcel, ReturnForm, Signature, State
from tickets.return_form.models.words import OPEN
from tickets.return_form.queries.stages import MOST, STAGES
from tickets.ticket.actions import open_ticket
from tickets.web.confirmation import STAMP


@pytest.fixture
def web(scene):
    def sign_in(name):
        client = Client()
        client.force_login(getattr(scene, name, None).user if hasattr(scene, name) else getattr(scene.cast, name).user)
        return client

    return sign_in


def at(name, *args):
    return reverse(f"return_form:{name}", args=args)


def filing(scene, **more):
    row = {
        "line-0": scene.pot.pk,
        "quantity-0": "1",
        "resolution-0": "exchange",
        "reason-0": scene.ours.pk,
        "exchange_for-0": "blue one",
        "quantity-1": "0",
    }
    return {"order": scene.order.pk, "freight_payer": "us", "words": "It leaks."} | row | more


def test_filing_signs_and_hands_over_in_one_go(scene, web):
    dora = web("dora")
    page = dora.get(at("new") + f"?order={scene.order.pk}")
    assert page.status_code == 200
    assert "Cast iron pot 40 cm" in page.content.decode()
    done = dora.post(at("new"), filing(scene, sign="1", tracking="SF 9", files=[png()]))
    form = ReturnForm.objects.get()
    assert (done.status_code, done["Location"]) == (303, at("show", form.pk))
    assert (form.state, form.words, form.freight_payer) == ("submitted", "It leaks.", "us")
    assert Evidence.objects.get().content_type == "image/png"
    assert Parcel.objects.get().tracking == "SF9"
    photo = dora.get(at("photo", Evidence.objects.get().pk))
    assert (photo["X-Content-Type-Options"], photo["Content-Security-Policy"]) == ("nosniff", "default-src 'none'; sandbox")
    assert web("mallory").get(at("photo", Evidence.objects.get().pk)).status_code == 404


def test_filing_keeps_what_was_typed_and_says_why_not(scene, web):
    page = web("dora").post(at("new"), filing(scene, sign="1", **{"quantity-0": "9"}))
    assert page.status_code == 409
    assert "more than can still be returned" in page.content.decode()
    assert "It leaks." in page.content.decode()
    page = web("dora").post(at("new"), filing(scene, sign="1", **{"exchange_for-0": ""}))
    assert page.status_code == 422
    assert not ReturnForm.objects.exists()


def test_filing_says_why_the_rest_is_not_offered(scene, web):
    form = scene.submitted(scene.ask(quantity=2))
    page = web("dora").get(at("new") + f"?order={scene.order.pk}").content.decode()
    assert f"all 2 are on other forms: {form.number}" in page


def test_filing_refuses_a_file_that_is_no_picture(scene, web):
    evil = SimpleUploadedFile("x.png", b"<script>alert(1)</script>", "image/png")
    page = web("dora").post(at("new"), filing(scene, files=[evil]))
    assert page.status_code == 415
    assert not ReturnForm.objects.exists()


def test_filing_from_a_ticket_and_from_the_box(scene, web):
    ticket = open_ticket(by=scene.cast.bob, customer=scene.customer, subject="Pot leaks", orders=[scene.order])
    dora = web("dora")
    assert "Cast iron pot" in dora.get(at("new") + f"?ticket={ticket.pk}").content.decode()
    for asked in (scene.order.number, "tb_liu_8854"):
        assert scene.order.number in dora.get(at("new") + f"?q={asked}").content.decode()
    dora.post(at("new"), filing(scene, ticket=ticket.pk, sign="1"))
    assert ReturnForm.objects.get().ticket == ticket
    assert dora.get(at("new") + "?ticket=999").status_code == 404


def test_signing_asks_for_the_password_when_the_proof_is_old(scene, web):
    dora = web("dora")
    session = dora.session
    session[STAMP] = time.time() - 600
    session.save()
    assert 'name="password"' in dora.get(at("new") + f"?order={scene.order.pk}").content.decode()
    assert dora.post(at("new"), filing(scene, sign="1")).status_code == 422
    assert dora.post(at("new"), filing(scene, sign="1", password="nonsense")).status_code == 422
    assert not ReturnForm.objects.exists()
    assert dora.post(at("new"), filing(scene, sign="1", password=PASSWORD)).status_code == 303
    assert 'name="password"' not in dora.get(at("new") + f"?order={scene.order.pk}").content.decode()


def test_the_warehouse_scans_counts_and_signs(scene, web):
    form = scene.submitted(scene.ask(quantity=2), tracking="SF9")
    wen = web("wen")
    found = wen.get(at("desk") + "?q=sf9")
    assert found.status_code == 200, "the scan itself shows the form to be counted"
    page = found.content.decode()
    assert f'action="{at("count", form.pk)}"' in page
    assert "SF9" in page, "the parcel that was scanned can be noted as here"
    assert "40.00" not in page, "no money on the warehouse's page"
    actions.cancel(form, by=scene.dora, reason="typo")
    assert wen.get(at("desk") + "?q=sf9")["Location"] == at("show", form.pk), "what cannot be counted is shown"
    form = scene.submitted(scene.ask(quantity=2))
    said = {"version": form.version, "outcome": "counted", "ok-1": "1", "damaged-1": "1", "disposition-1": "restock", "excess-0": "Spoon"}
    bad = wen.post(at("count", form.pk), said | {"ok-1": "2"})
    assert bad.status_code == 409
    assert not Signature.objects.filter(stage="warehouse").exists()
    assert wen.post(at("count", form.pk), said | {"files": [png()]}).status_code == 303
    form.refresh_from_db()
    assert (form.state, form.excess[0]["title"]) == ("inspected", "Spoon")
    assert "Inspection" in wen.get(at("show", form.pk)).content.decode()


def test_a_count_that_says_no_more_than_its_lines_has_no_panel_of_its_own(scene, web):
    form = scene.inspected(scene.ask(quantity=1))
    assert "Inspection" not in web("wen").get(at("show", form.pk)).content.decode()


def test_a_count_whose_signature_is_refused_is_not_kept(scene, web):
    form = actions.edit(scene.filed(), by=scene.dora, revision=1, words="x")
    actions.submit(form, by=scene.dora)
    scene.wen.roles = ["warehouse", "after_sale"]
    scene.wen.save()
    edited = actions.edit(form, by=scene.wen, revision=2, words="y")
    actions.submit(edited, by=scene.dora)
    form.refresh_from_db()
    page = web("wen").post(at("count", form.pk), {"version": form.version, "outcome": "counted", "ok-1": "1", "disposition-1": "scrap"})
    assert page.status_code == 403
    form.refresh_from_db()
    assert (form.outcome, form.lines.get().ok) == ("", None)


def test_the_manager_decides_on_the_page_and_after_sale_settles(scene, web):
    form = scene.inspected(scene.ask(quantity=2))
    alice = web("alice")
    page = alice.get(at("show", form.pk)).content.decode()
    assert "Decide and sign" in page
    said = {"version": form.version, "granted-1": "return_and_refund", "approved-1": "1", "amount-1": "35.50", "fault-1": "supplier"}
    assert alice.post(at("decide", form.pk), said).status_code == 422
    assert alice.post(at("decide", form.pk), said | {"rationale": "one is used"}).status_code == 303
    form.refresh_from_db()
    assert (form.state, str(form.lines.get().amount)) == ("partly_approved", "35.50")
    dora = web("dora")
    assert "ALI" not in dora.get(at("show", form.pk)).content.decode()
    dora.post(at("settle", form.pk), {"version": form.version, "kind": "refund", "outcome": "succeeded", "reference": "ALI-1"})
    form.refresh_from_db()
    assert form.state == "closed"


def test_stale_page_shows_the_difference_in_words_and_can_be_sent_again(scene, web):
    form = scene.submitted()
    actions.edit(form, by=scene.dora, revision=1, words="It is dented.", lines=[scene.ask(quantity=2)], freight_payer="us")
    mine = filing(scene, revision=1, words="mine")
    page = web("dora").post(at("edit", form.pk), mine)
    text = page.content.decode()
    assert page.status_code == 409
    assert "It is dented." in text
    assert "mine" in text, "what was typed stays"
    assert "1 × Cast iron pot 40 cm (Return and refund, Leaks)" in text
    assert "2 × Cast iron pot 40 cm (Return and refund, Leaks)" in text
    assert "<b>Who pays the way back</b>" in text
    assert "order_line" not in text, "no code of ours"
    assert 'name="revision" value="2"' in text, "having seen the difference, one may save over it"
    assert web("dora").post(at("edit", form.pk), mine | {"revision": 2}).status_code == 303


def test_the_page_says_who_signed_when_and_by_whose_change_a_signature_is_void(scene, web):
    form = scene.submitted()
    steps = web("bob").get(at("show", form.pk)).content.decode()
    assert re.search(r'Filed<small>Dora <time datetime="\d{4}', steps)
    actions.edit(form, by=scene.dora, revision=1, words="It leaks.", freight_payer="us")
    page = web("bob").get(at("show", form.pk)).content.decode()
    assert "the content was edited (by Dora: Who pays the way back, The customer&#39;s words)" in page


def test_photos_of_one_product_stay_with_it(scene, web):
    form = scene.submitted(scene.ask(), scene.ask(scene.lid))
    said = {
        "version": form.version,
        "outcome": "counted",
        "ok-1": "1",
        "disposition-1": "restock",
        "damaged-2": "1",
        "disposition-2": "scrap",
    }
    red, blue = png(), png("blue")
    assert web("wen").post(at("count", form.pk), said | {"files-2": [red], "files": [blue]}).status_code == 303
    assert [(x.line.place if x.line else None) for x in Evidence.objects.filter(form=form)] == [2, None]
    assert 'while counting: <span dir="auto">Glass lid' in web("alice").get(at("show", form.pk)).content.decode()


def test_the_list_says_by_name_what_it_is_narrowed_to(scene, web):
    scene.submitted()
    page = web("dora").get(at("list") + f"?reason={scene.ours.pk}&shop={scene.order.shop_id}&agent={scene.dora.pk}").content.decode()
    assert all(name in page for name in ("Leaks", "Lotus Kitchen", "Dora"))
    assert "No form fits." in web("dora").get(at("list") + "?reason=3.5").content.decode()


def test_void_signatures_stay_visible_struck_through_with_their_cause(scene, web):
    form = scene.inspected()
    actions.send_back(form, by=scene.alice, question="Which of the two?")
    page = web("bob").get(at("show", form.pk)).content.decode()
    assert page.count("the form was sent back") == 2
    assert "Which of the two?" in page


def test_who_may_not_sign_sees_why(scene, web):
    scene.alice.roles = ["manager", "after_sale"]
    scene.alice.save()
    form = actions.file(scene.order, [scene.ask()], by=scene.alice, signed=True)
    actions.cosign(form, by=scene.wen, outcome="not_received")
    page = web("alice").get(at("show", form.pk)).content.decode()
    assert "You filed it: another person signs here." in page
    assert "Decide and sign" not in page


def test_everyone_else_reads_and_operations_changes_nothing(scene, web):
    form = scene.submitted()
    for name in ("bob", "olga"):
        assert web(name).get(at("show", form.pk)).status_code == 200
        assert web(name).get(at("list")).status_code == 200
        assert web(name).post(at("send_back", form.pk), {"question": "x"}).status_code == 403
    assert web("mallory").get(at("show", form.pk)).status_code == 404


def test_list_export_and_filters_agree(scene, web):
    form = scene.decided()
    scene.filed(scene.ask(scene.lid, reason=scene.choice.pk))
    dora = web("dora")
    page = dora.get(at("list") + "?state=approved")
    assert page.content.decode().count(' id="r-') == 1
    csv = b"".join(dora.get(at("export", "csv") + "?state=approved").streaming_content).decode()
    assert csv.count("\r\n") == 2
    assert form.number in csv
    assert "40.00" in csv
    assert "40.00" not in b"".join(web("wen").get(at("export", "csv")).streaming_content).decode()
    assert b"".join(dora.get(at("export", "xlsx")).streaming_content)[:2] == b"PK"
    assert dora.get(at("list") + "?state=nonsense").status_code == 404


def test_the_list_says_how_many_stand_in_each_stage_since_when_and_how_many_are_late(scene, web):
    form = scene.inspected()
    ReturnForm.objects.filter(pk=form.pk).update(decide_by=timezone.now() - timedelta(hours=1))
    found = queries.stages(scene.dora, timezone.now())
    assert found == [queries.Stage(State.INSPECTED, 1, form.inspected_at, late=1, more=False)]
    html = web("dora").get(at("list")).content.decode()
    assert 'href="?state=inspected"' in html and "1 late" in html
    assert 'aria-label="Open forms by stage"' not in web("dora").get(at("list") + "?state=inspected").content.decode()


def test_a_full_stage_is_counted_to_a_limit_and_says_so(scene, web, monkeypatch):
    monkeypatch.setattr(queries, "stages", partial(queries.stages, most=2))
    for number in range(3):
        order = make_order(scene.cast, scene.customer, f"8{number}")
        line = OrderLine.objects.create(order=order, key="1", title="Pan", sku="PAN", quantity=2, price=50)
        actions.file(order, [scene.ask(line)], by=scene.dora, signed=True)
    ReturnForm.objects.update(count_by=timezone.now() - timedelta(hours=1))
    [stage] = queries.stages(scene.dora, timezone.now())
    oldest = ReturnForm.objects.order_by("submitted_at").first()
    assert (stage.count, stage.more, stage.late, stage.since) == (2, True, 2, oldest.submitted_at)
    html = web("dora").get(at("list")).content.decode()
    assert "<b>2+</b>" in html and ">2+ late<" in html


def test_stages_are_found_by_their_index_and_are_those_of_the_own_team(scene):
    scene.inspected()
    assert queries.stages(scene.cast.mallory, timezone.now()) == []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {STAGES}", {"team": scene.cast.team.pk, "at": timezone.now(), "most": MOST})
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("Index Scan using return_form_by_stage") == len(OPEN)
    assert "Sort" not in plan


def test_pages_keep_their_queries_when_rows_double(scene, web, django_assert_max_num_queries):
    dora, wen = web("dora"), web("wen")
    for order in range(8):
        extra = make_order(scene.cast, scene.customer, f"9{order}")
        line = OrderLine.objects.create(order=extra, key="1", title="Pan", sku="PAN", quantity=2, price=50)
        form = actions.file(extra, [scene.ask(line)], by=scene.dora, signed=True)
    with django_assert_max_num_queries(8):  # session, user, membership; newest, waiting, both as rows, stages; the bar
        dora.get(at("list"))
    with django_assert_max_num_queries(12):
        wen.get(at("desk"))
    with django_assert_max_num_queries(9):
        wen.get(at("desk") + f"?q={form.number}")
    with django_assert_max_num_queries(34):
        dora.get(at("show", form.pk))


def test_like_cases_are_decided_together_on_the_page(scene, web):
    forms = [scene.inspected(), scene.inspected(scene.ask(scene.lid))]
    alice = web("alice")
    assert alice.get(at("decide_together")).status_code == 200
    assert alice.post(at("decide_together"), {"how": "approve"}).status_code == 422
    ticked = [f"{form.pk}.{form.version}" for form in forms]
    assert alice.post(at("decide_together"), {"form": ticked, "how": "rule"}).status_code == 422
    assert alice.post(at("decide_together"), {"form": ticked, "how": "approve"}).status_code == 303
    assert Signature.objects.filter(stage="manager").count() == 2


def test_policy_people_and_unclaimed_parcels(scene, web):
    alice, wen, dora = web("alice"), web("wen"), web("dora")
    said = {"max_amount": "50", "resolutions": ["return_and_refund"], "count_hours": "24", "decide_hours": "8", "settle_hours": "8"}
    assert alice.post(at("policy"), said).status_code == 303
    assert alice.post(at("policy"), said | {"count_hours": "0"}).status_code == 422
    form = scene.decided()
    page = alice.get(at("people")).content.decode()
    assert all(name in page for name in ("Dora", "Wen", "Alice"))
    own = wen.get(at("people")).content.decode()
    assert "Dora" not in own
    assert wen.post(at("parcels"), {"tracking": "YT 5", "contents": "a pot"}).status_code == 303
    assert wen.post(at("parcels"), {"tracking": "YT5"}).status_code == 409
    other = scene.submitted()
    parcel = Parcel.objects.get(tracking="YT5")
    assert dora.post(at("match", parcel.pk), {"form": "R999999"}).status_code == 422
    assert dora.post(at("match", parcel.pk), {"form": other.number})["Location"] == at("show", other.pk)
    assert form.pk


def test_r9_the_print_out_shows_signatures_only_on_the_signed_revision(scene, web):
    form = scene.decided()
    actions.add_parcel(form, by=scene.dora, tracking="SF123")
    dora = web("dora")
    page = dora.get(at("print", form.pk)).content.decode()
    assert all(name in page for name in ("Dora", "Wen", "Alice"))
    assert "1 × Return and refund" in page, "what the manager granted"
    assert "qrline" in page
    assert "bars128" in page
    assert "style=" not in page
    actions.edit(form, by=scene.dora, revision=1, words="It leaks.")
    newest = dora.get(at("print", form.pk)).content.decode()
    assert "Wen" not in newest
    first = dora.get(at("print", form.pk) + "?revision=1").content.decode()
    assert "Wen" in first
    assert "void" in first
    assert "It leaks." not in first
    assert "1 × Return and refund" not in first, "void with the signature"
    assert dora.get(at("print", form.pk) + "?revision=9").status_code == 404


def test_an_unclaimed_parcel_is_offered_to_after_sale_with_the_forms_it_may_be_for(scene, web, django_assert_num_queries):
    meant = scene.submitted(scene.ask())
    Handle.objects.create(
        team=scene.cast.team, customer=scene.customer, kind="phone", value="138 0013 8000", key="+8613800138000", created_at=NOON
    )
    scene.submitted(scene.ask(scene.lid), tracking="SF77")
    other = make_order(scene.cast, None, "other-1")
    unlike = actions.file(
        other, [scene.ask(OrderLine.objects.create(order=other, key="1", title="Pan", quantity=1, price=5))], by=scene.dora, signed=True
    )
    wen, dora = web("wen"), web("dora")
    wen.post(at("parcels"), {"tracking": "YT5", "sender": "王小明 13800138000", "contents": "a pot"})
    assert Alert.objects.get(code="parcel.unclaimed").member == scene.dora
    page = dora.get(at("parcels")).content.decode()
    assert f"Match to {meant.number}" in page
    assert f"Match to {unlike.number}" not in page
    wen.post(at("parcels"), {"tracking": "YT6", "sender": "other-1"})
    parcels = list(Parcel.objects.unclaimed().order_by("id"))
    with django_assert_num_queries(2):
        found = queries.candidates(scene.dora, parcels)
    assert [form.pk for form in found[parcels[1].pk]] == [unlike.pk]
    assert dora.post(at("match", parcels[1].pk), {"form": unlike.number}).status_code == 303
    assert queries.candidates(scene.dora, parcels[1:]) == {parcels[1].pk: []}, "its goods came"
