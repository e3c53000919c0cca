"""One row of everything, so that what a program asks for exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from handover.digest import actions as digests
from handover.message import actions as messages
from handover.message.models import Parcel
from handover.note import actions as notes
from handover.notice import actions as notices
from handover.roster import actions as rosters
from handover.roster.actions import swaps
from handover.roster.models import Shift
from handover.webhook import actions as webhooks
from tests.cast import Cast, make_cast, make_customer
from tests.handover.matters import again
from tests.handover.plans import rostered
from tickets.activity.models import Activity
from tickets.mail.models import Letter
from tickets.movein.models import Move
from tickets.order.actions import Line, log_order
from tickets.order.models import Import, OrderLine
from tickets.people.models import Member
from tickets.return_form import actions as forms
from tickets.return_form.actions import Asked
from tickets.return_form.models import PlatformCompensation
from tickets.script import actions as scripts
from tickets.ticket import actions as tickets
from tickets.ticket.models import Promise, Reason, Resolution

WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="


@dataclass
class Scene:
    cast: Cast
    ids: dict[str, Any]
    """What a resource's `{id}`, or a field of a body, may name."""


def make_scene() -> Scene:
    """The cast at work: a ticket with a promise, an order, a draft of a form, a shift with a swap, a note, a notice."""
    cast, now = make_cast(), timezone.now()
    quality = Reason.objects.create(team=cast.team, name="Quality")
    reason = Reason.objects.create(team=cast.team, parent=quality, name="Leaks", fault="ours")
    resolution = Resolution.objects.create(team=cast.team, name="Refunded")
    shift = Shift.objects.create(
        team=cast.team, name="Day", business_date=now.date(), starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=7)
    )
    tomorrow = Shift.objects.create(
        team=cast.team, name="Later", business_date=now.date(), starts_at=now + timedelta(hours=24), ends_at=now + timedelta(hours=32)
    )
    rostered(shift, cast.bob)
    entry = rostered(tomorrow, cast.bob)
    rosters.refresh_next([cast.bob.pk], now)
    begin_duty(cast.bob)
    customer, other = make_customer(cast.team), make_customer(cast.team, "王先生", "tb_wang_77")
    order = log_order(by=cast.bob, shop=cast.shop, number="4021188000123456789", customer=customer, lines=[Line("保温杯", 2, 59)], paid=118)
    due = now + timedelta(hours=2)
    ticket = tickets.open_ticket(by=cast.bob, customer=customer, subject="保温杯漏水", orders=[order], promise=("回电", due))
    pooled = tickets.open_ticket(by=cast.alice, customer=other, subject="差评待处理", to_pool=True)
    line = OrderLine.objects.get(order=order)
    form = forms.file(order, [Asked(line.pk, 1, "refund_only", reason.pk)], by=cast.dora)
    parcel = forms.record_unclaimed(by=cast.wen, tracking="SF100200300")
    swap = swaps.ask(entry, by=cast.bob, note="医院")
    note = notes.open_draft(again(cast.bob))
    notice = notices.publish(by=cast.alice, text="40cm 锅缺货")
    script = scripts.create_script(by=cast.alice, shortcut="sf", title="Courier", body="{customer}，已联系顺丰")
    campaign = scripts.create_campaign(by=cast.alice, name="双12", text="满300减30", starts_at=now, ends_at=now + timedelta(days=2))
    run = Import.objects.create(team=cast.team, shop=cast.shop, by=cast.alice, name="a.csv", size=1, state="done", created_at=now)
    webhook, _secret = webhooks.add(by=cast.alice, url="https://erp.example.com/hook")
    told = webhooks.send_test(webhook, by=cast.alice)
    payment = {"number": "PF1", "order_number": order.number, "order": order, "amount": 5, "state": "paid", "paid_at": now, "told_at": now}
    paid = PlatformCompensation.objects.create(team=cast.team, shop=cast.shop, **payment)
    move = Move.objects.create(team=cast.team, system="csv", by=cast.alice, name="a.csv", state="done", dry_run=True, created_at=now)
    letter = Letter.objects.create(team=cast.team, message_id="s@x", sender="a@example.com", subject="Hi", outcome="auto", at=now)
    places = [messages.add(by=cast.alice, address=f"{WECOM}{key}", for_team=key == "b") for key in "ab"]
    parcel_out = Parcel.objects.create(destination=places[1], state="failed", made_at=now, ended_at=now, error="no answer")
    ids = {
        "letters": letter.pk, "destinations": places[0].pk, "channels": places[1].pk, "deliveries": str(parcel_out.pk),
        "moves": move.pk, "compensations": paid.pk,
        "tickets": ticket.pk, "ticket": ticket.pk, "into": pooled.pk, "promises": Promise.objects.get().pk, "orders": order.pk,
        "order": order.pk, "order_line": line.pk, "line": form.lines.get().pk, "customers": customer.pk, "customer": other.pk,
        "returns": form.pk, "form": form.pk, "parcels": parcel.pk, "shifts": shift.pk, "shift": tomorrow.pk, "entry": entry.pk,
        "swaps": swap.pk, "handovers": note.pk, "note": note.pk, "notices": notice.pk, "imports": run.pk, "shop": cast.shop.pk,
        "scripts": script.pk, "campaigns": campaign.pk, "webhooks": webhook.pk, "delivery": told.pk,
        "reason": reason.pk, "resolution": resolution.pk, "member": cast.carol.pk, "to": cast.carol.pk, "owner": cast.carol.pk,
        "to_member": cast.carol.pk, "next_by": cast.carol.pk, "sold_by": cast.carol.pk, "activity": Activity.objects.earliest("pk").pk,
    }  # fmt: skip
    return Scene(cast, ids)


def begin_duty(member: Member) -> None:
    """Through the gate as everybody: read, acknowledge."""
    fresh = again(member)
    reading = digests.open_digest(fresh)
    assert reading.latest is not None
    digests.acknowledge(fresh, by=fresh, version=reading.latest.version)
