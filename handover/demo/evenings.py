"""Two evenings of live selling, a week apart: for two hours customers ask faster than two people can answer. Laid in many at once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from handover.demo import trade
from handover.demo.people import Demo
from handover.duty.models import Duty
from tickets.activity.models import Activity
from tickets.customer.models import Customer
from tickets.people.models import Member
from tickets.ticket.models import Assignment, Status, Ticket, TicketText, Touch

MINUTE = timedelta(minutes=1)
BACK = (5, 12)
"""Days ago: both in the last 15, on the same weekday, and done with when the scene of the present begins."""
BEGINS, HOURS, AN_HOUR = 20, 2, 11
"""At eight in the evening; so many customers an hour, each answered three times: 33 contacts an hour take three people."""
ASKED = (
    ("优惠活动", "直播间的满减怎么用", "下单页勾选“直播专享”，会自动减"),
    ("库存", "直播间的保温杯还有货吗", "还有，今晚付款明天发出"),
    ("使用方法", "直播里说的开锅要怎么做", "小火抹油，静置十分钟即可"),
    ("优惠活动", "直播价和店铺券能不能叠加", "不能叠加，直播价更低"),
)
MORE = ("还有别的要帮您看的吗？", "好的，祝您购物愉快。")


@dataclass(frozen=True)
class Asking:
    """One customer of such an evening, and who answers."""

    ticket: Ticket
    by: Member
    answer: str
    at: datetime

    def answered(self) -> Iterator[tuple[datetime, str]]:
        for place, text in enumerate((self.answer, *MORE)):
            yield self.at + (1 + 3 * place) * MINUTE, text

    @property
    def ends(self) -> datetime:
        return self.at + 8 * MINUTE


def write(demo: Demo, now: datetime) -> None:
    """Tickets as the actions would have left them, resolved within minutes by whoever was on duty."""
    dice = random.Random(13)  # noqa: S311 - the same evenings at every first start
    buyers = list(Customer.objects.filter(team=demo.team).order_by("-pk")[: len(BACK) * HOURS * AN_HOUR])
    asking = [_asking(demo, dice, buyer, place, now) for place, buyer in enumerate(buyers)]
    Ticket.objects.bulk_create(one.ticket for one in asking)
    Assignment.objects.bulk_create(
        Assignment(ticket=one.ticket, to_member=one.by, cause=Assignment.Cause.OPENED, actor=one.by, at=one.at) for one in asking
    )
    Touch.objects.bulk_create(Touch(ticket=one.ticket, member=one.by, place=1, how=Touch.How.OPENED, at=one.at) for one in asking)
    TicketText.objects.bulk_create(TicketText(ticket=one.ticket, team=demo.team, text=one.ticket.subject) for one in asking)
    Activity.objects.bulk_create(row for one in asking for row in _ledger(one))


def _asking(demo: Demo, dice: random.Random, buyer: Customer, place: int, now: datetime) -> Asking:
    evening, turn = divmod(place, HOURS * AN_HOUR)
    day = now.astimezone(demo.team.zone).date() - timedelta(days=BACK[evening])
    hour, minute = BEGINS + turn // AN_HOUR, (turn % AN_HOUR) * 5
    at = datetime.combine(day, time(hour, minute, dice.randrange(60)), demo.team.zone)
    there = list(Duty.objects.filter(team=demo.team, started_at__lte=at, ended_at__gt=at).select_related("member").order_by("pk"))
    by = there[place % len(there)].member if there else demo.members[trade.SELLERS[place % len(trade.SELLERS)]]
    reason, subject, answer = ASKED[place % len(ASKED)]
    ticket = Ticket(
        team=demo.team, customer=buyer, shop=demo.shops[1], subject=subject, kind="question", reason=demo.reasons[reason],
        severity="stable", channel="chat", status=Status.RESOLVED, resolution=demo.resolutions["已解答"], holder=by, held_since=at,
        opened_by=by, opened_at=at, touches=1, last_answered_by=by, last_contact_at=at + 7 * MINUTE, resolved_at=at + 8 * MINUTE,
        updated_at=at + 8 * MINUTE, version=5,
    )  # fmt: skip
    return Asking(ticket, by, answer, at)


def _ledger(one: Asking) -> Iterator[Activity]:
    ticket = one.ticket
    opened = {
        "subject": ticket.subject, "kind": ticket.kind, "severity": ticket.severity, "channel": "chat", "reason": ticket.reason_id,
        "shop": ticket.shop_id, "complaint": "", "to": one.by.pk, "to_name": one.by.display_name, "next_action": "", "next_at": None,
    }  # fmt: skip
    resolution = ticket.resolution
    ended = {"text": "", "resolution": resolution.pk, "resolution_name": resolution.name} if resolution else {}
    said = [("ticket.contacted", at, {"text": text, "channel": "chat", "outcome": "answered"}) for at, text in one.answered()]
    for code, at, data in [("ticket.opened", one.at, opened), *said, ("ticket.resolved", one.ends, ended)]:
        yield Activity(team=ticket.team, at=at, actor=one.by, code=code, data=data, ticket=ticket, customer=ticket.customer)
