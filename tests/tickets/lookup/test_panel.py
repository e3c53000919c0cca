"""The side panel: who writes, what is open and with whom, and two keys to log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cast import make_customer, make_member
from tests.platform.test_settings import PRODUCTION, run
from tests.tickets.lookup.conftest import Chat
from tickets.activity.models import Activity
from tickets.customer.models import Customer, Handle
from tickets.lookup.panel import kind_named, shown
from tickets.people.models import Member, Presence, Role
from tickets.ticket.actions import open_ticket
from tickets.ticket.models import Promise, Ticket

pytestmark = pytest.mark.django_db
LIU = "/panel/?platform=taobao&handle=tb_liu_8854"
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_REQUEST_TYPE": "partial"}


def browser(member: Member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def text_of(answer: Any) -> str:
    return answer.content.decode()


def test_one_request_tells_everything(chat: Chat) -> None:
    answer = browser(chat.cast.bob).get(LIU)
    assert answer.status_code == 200
    page = text_of(answer)
    for wanted in ("刘女士", "保温杯漏水", "Carol", "打给顺丰", "回电", "4021188000123456789", "保温杯 × 2", "¥118"):
        assert wanted in page, wanted


def test_the_platforms_chat_tools_and_the_bare_address_work(chat: Chat) -> None:
    bob = browser(chat.cast.bob)
    for address in ("/panel?platform=qianniu&handle=TB_LIU_8854", "/panel?platform=tmall&handle=tb_liu_8854", "/panel?handle=tb_liu_8854"):
        assert "保温杯漏水" in text_of(bob.get(address)), address
    assert kind_named("Qianniu") == "taobao" and kind_named("ebay") == "other" and kind_named("") == ""


def test_as_many_statements_for_much_as_for_little(chat: Chat) -> None:
    bob = browser(chat.cast.bob)

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert bob.get(LIU).status_code == 200
        return len(asked)

    little = count()
    for number in range(12):
        open_ticket(by=chat.cast.dan, customer=chat.liu, subject=f"再一件 {number}", promise=("再打", timezone.now() + timedelta(hours=1)))
    assert count() == little <= 11, "session, account, membership, and what the panel asks"
    Presence.objects.update(on_since=None)
    make_member(chat.cast.team, "Late", Role.AGENT)
    Presence.objects.filter(member=chat.cast.bob).update(on_since=timezone.now())
    assert count() <= little + 6, "somebody who takes it over had to be found"


def test_whom_to_send_the_customer_to_when_the_holder_is_away(chat: Chat) -> None:
    Presence.objects.filter(member=chat.cast.carol).update(on_since=None)
    told = shown(chat.cast.bob, "tb_liu_8854", "taobao")
    assert told.send is not None and told.send.member != chat.cast.carol and told.send.on
    assert f"Tell the customer: {told.send.name}" in text_of(browser(chat.cast.bob).get(LIU))


def test_an_unknown_handle_is_logged_at_once_and_kept(chat: Chat) -> None:
    bob, address = browser(chat.cast.bob), "/panel/?platform=jd&handle=jd_new_1"
    assert "Nobody of this name yet" in text_of(bob.get(address))
    answer = bob.post(address, {"what": "问发货时间"}, **HTMX)
    assert answer.status_code == 200 and "问发货时间" in text_of(answer)
    handle = Handle.objects.get(key="jd_new_1")
    assert (handle.kind, handle.team_id) == ("jd", chat.cast.team.pk)
    ticket = Ticket.objects.get(customer=handle.customer)
    assert (ticket.subject, ticket.holder_id) == ("问发货时间", chat.cast.bob.pk)
    plain = bob.post("/panel/?platform=jd&handle=jd_new_2", {"what": "没有脚本也行"})
    assert plain.status_code == 303 and plain.url == "/panel/?platform=jd&handle=jd_new_2"


def test_the_same_name_on_another_platform_is_another_person(chat: Chat) -> None:
    bob, address = browser(chat.cast.bob), "/panel/?platform=jd&handle=tb_liu_8854"
    page = text_of(bob.get(address))
    assert "Called so on another platform" in page and f"customer={chat.liu.pk}" in page and "打给顺丰" not in page
    bob.post(address, {"what": "另一个人"})
    assert Handle.objects.filter(key="tb_liu_8854").values_list("customer", flat=True).distinct().count() == 2
    assert Ticket.objects.filter(customer=chat.liu).count() == 1
    assert "打给顺丰" in text_of(bob.get(f"{address}&customer={chat.liu.pk}")), "chosen by hand"


def test_several_of_one_name_are_chosen_first(chat: Chat) -> None:
    other = make_customer(chat.cast.team, "王先生", "")
    Handle.objects.create(team=chat.cast.team, customer=other, kind="jd", value="tb_liu_8854", key="tb_liu_8854", created_at=timezone.now())
    bob = browser(chat.cast.bob)
    page = text_of(bob.get("/panel/?handle=tb_liu_8854"))
    assert "Several customers go by this" in page and 'id="panel-entry"' not in page
    assert bob.post("/panel/?handle=tb_liu_8854", {"what": "谁的"}).status_code == 400
    assert Ticket.objects.count() == 1


def test_a_line_goes_onto_the_open_matter(chat: Chat) -> None:
    answer = browser(chat.cast.bob).post(LIU, {"what": "又来问了", "add_to": chat.ticket.pk}, **HTMX)
    assert answer.status_code == 200 and f"Added to #{chat.ticket.pk}" in text_of(answer)
    assert Ticket.objects.count() == 1
    assert Activity.objects.filter(ticket=chat.ticket, code="ticket.noted", actor=chat.cast.bob).exists()


def test_c7_an_open_matter_that_was_not_shown_is_shown_first(chat: Chat) -> None:
    bob = browser(chat.cast.bob)
    answer = bob.post(LIU, {"what": "抢先"})
    assert answer.status_code == 409 and "抢先" in text_of(answer), "what was typed is kept"
    assert Ticket.objects.count() == 1
    assert bob.post(LIU, {"what": "确实是新的", "add_to": ""}).status_code == 303
    assert Ticket.objects.count() == 2


def test_a_promise_alone_in_two_fields(chat: Chat) -> None:
    bob = browser(chat.cast.bob)
    answer = bob.post(LIU, {"promise": "明早回复", "due_at": "+2h", "add_to": chat.ticket.pk}, **HTMX)
    assert answer.status_code == 200 and "明早回复" in text_of(answer)
    assert Promise.objects.get(text="明早回复").ticket_id == chat.ticket.pk
    assert bob.post(LIU, {"promise": "没有时间", "add_to": chat.ticket.pk}).status_code == 422
    assert bob.post(LIU, {"add_to": chat.ticket.pk}).status_code == 422, "nothing was typed"
    fresh = bob.post("/panel/?platform=pdd&handle=pdd_1", {"promise": "补发", "due_at": "+1h"})
    assert fresh.status_code == 303 and Promise.objects.get(text="补发").ticket.subject == "补发"


def test_a2_who_only_reads_logs_nothing_and_sees_no_more_than_elsewhere(chat: Chat) -> None:
    for member, money in ((chat.cast.olga, True), (chat.cast.wen, False)):
        client = browser(member)
        page = text_of(client.get(LIU))
        assert 'id="panel-entry"' not in page and ("¥118" in page) is money
        assert client.post(LIU, {"what": "x"}).status_code == 403
    assert Ticket.objects.count() == 1


def test_a1_another_teams_customer_is_nobody(chat: Chat) -> None:
    page = text_of(browser(chat.cast.mallory).get(f"{LIU}&customer={chat.liu.pk}"))
    assert "刘女士" not in page and "保温杯" not in page
    assert not Customer.objects.filter(team=chat.cast.other_team).exists()


def test_h6_it_is_gated_like_every_page(chat: Chat) -> None:
    Presence.objects.filter(member=chat.cast.bob).update(on_since=None)
    answer = browser(chat.cast.bob).get(LIU)
    assert (answer.status_code, answer["Location"]) == (302, "/digest/")
    assert Client().get(LIU).status_code == 302


def test_nobody_may_frame_it_unless_a_setting_says_who(chat: Chat) -> None:
    assert settings.FRAME_ANCESTORS == []
    answer = browser(chat.cast.bob).get(LIU)
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"] and answer["X-Frame-Options"] == "DENY"


def test_a_name_never_breaks_out(chat: Chat) -> None:
    page = text_of(browser(chat.cast.bob).get("/panel/?platform=%22%3E&handle=%3Cscript%3Ealert(1)%3C/script%3E%22"))
    assert "<script>alert" not in page and "platform=other&amp;handle=%3Cscript%3E" in page


def test_a_named_origin_may_frame_it_and_gets_the_cookie() -> None:
    shown_by = (
        "from django.conf import settings as s; "
        "print(s.CONTENT_SECURITY_POLICY['DIRECTIVES']['frame-ancestors'], s.SESSION_COOKIE_SAMESITE)\n"
        "print(any('XFrameOptions' in name for name in s.MIDDLEWARE), s.CSRF_COOKIE_SAMESITE, s.SESSION_COOKIE_SECURE)"
    )
    named = run("-c", shown_by, **PRODUCTION, HANDOVER_FRAME_ANCESTORS="https://chat.example.com").stdout.splitlines()
    assert named == ["['https://chat.example.com'] None", "False None True"]
    assert run("-c", shown_by, **PRODUCTION).stdout.splitlines()[1] == "True Lax True"


def test_the_panel_is_asked_again_for_nothing_while_nothing_changed(chat: Chat) -> None:
    client = Client(headers={"HX-Request": "true"})
    client.force_login(chat.cast.bob.user)
    first = client.get(LIU)
    assert client.get(LIU, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert f'data-live-on="customer-{chat.liu.pk} ticket-{chat.ticket.pk} duty"' in first.content.decode()
    assert first["ETag"].strip('"') in first.content.decode(), "the page knows what it shows"
    open_ticket(by=chat.cast.carol, customer=chat.liu, subject="发票抬头错了")
    again = client.get(LIU, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200 and "发票抬头错了" in again.content.decode()
    stranger = client.get("/panel/?platform=jd&handle=nobody_yet").content.decode()
    assert 'data-live-on="customer ticket"' in stranger
