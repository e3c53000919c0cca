"""The side panel's question: who is this in the chat, what is open and with whom, what was promised, bought, sent back.

It is asked at every chat that an agent opens, so it is answered by few statements, however much there is to tell.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from tickets.customer.models import KIND_OF_PLATFORM, HandleKind
from tickets.customer.queries import keys_of
from tickets.customer.rules import kind_of
from tickets.lookup import statements as sql
from tickets.lookup.person import Bought
from tickets.lookup.queries import Row, rows_of, with_presence
from tickets.people.models import Member
from tickets.return_form.queries import Panel as Forms
from tickets.return_form.queries import beside_customer
from tickets.ticket.models import Ticket
from tickets.ticket.queries import SendTo, whom_to_send
from tickets.web.pasted import LONGEST

KINDS = dict(HandleKind.choices)
CHAT_TOOLS = {"qianniu": HandleKind.TAOBAO, "wangwang": HandleKind.TAOBAO, "dongdong": HandleKind.JD, "feige": HandleKind.DOUYIN}
"""What the platforms call their chat tools, and whose buyers write there."""
MATTERS, PROMISES, ORDERS, OTHERS = 8, 8, 4, 5
PHONE_OR_MAIL = (HandleKind.PHONE, HandleKind.EMAIL)


@dataclass
class Shown:
    """Everything the panel tells. `others`: customers who might be meant (several, or known by this name elsewhere)."""

    handle: str
    kind: str
    customer: Row | None = None
    others: list[Row] = field(default_factory=list)
    matters: list[Row] = field(default_factory=list)
    promises: list[Row] = field(default_factory=list)
    orders: list[Bought] = field(default_factory=list)
    forms: Forms | None = None
    send: SendTo | None = None

    @property
    def is_new(self) -> bool:
        return bool(self.handle) and self.customer is None and not self.has_choice

    @property
    def has_choice(self) -> bool:
        """Several customers are called so and nothing says which."""
        return self.customer is None and sum(row["same"] for row in self.others) > 1


def kind_named(platform: str) -> str:
    """The kind of handle that a `platform` of the address means; "" where it is empty, other where we know no such platform."""
    name = platform.strip().casefold()
    kind = CHAT_TOOLS.get(name) or KIND_OF_PLATFORM.get(name, name)
    return kind if not kind or kind in KINDS else HandleKind.OTHER


def shown(member: Member, handle: str, platform: str = "", *, customer: int | None = None) -> Shown:
    """What the panel shows for a handle of a platform; `customer` (an id of the team's) chooses among several.

    Five statements; one more where somebody else has the most urgent matter, and six where they are away and whoever takes it over
    must be found.
    """
    text = unicodedata.normalize("NFKC", handle).strip()[:LONGEST]
    told = Shown(text, kind_named(platform))
    if not text and customer is None:
        return told
    found = rows_of(
        sql.PANEL_PEOPLE,
        {"team": member.team_id, "keys": keys_of(member, text), "kind": told.kind, "customer": customer, "limit": OTHERS},
    )
    told.customer = _meant(found, customer)
    told.others = [row for row in found if row is not told.customer]
    if told.customer is not None:
        _tell(member, told, told.customer["id"])
    return told


def _meant(found: list[Row], chosen: int | None) -> Row | None:
    """The one who was chosen, or the only one with this very handle."""
    if chosen is not None:
        return next((row for row in found if row["id"] == chosen), None)
    same = [row for row in found if row["same"]]
    return same[0] if len(same) == 1 else None


def _tell(member: Member, told: Shown, customer: int) -> None:
    what = {"team": member.team_id, "customer": customer, "limit": MATTERS}
    told.matters = with_presence(rows_of(sql.PANEL_MATTERS, what))
    told.promises = rows_of(sql.PANEL_PROMISES, what | {"limit": PROMISES})
    told.orders = [Bought(**row) for row in rows_of(sql.BOUGHT, what | {"limit": ORDERS, "detailed": ORDERS})]
    told.forms = beside_customer(customer, member)
    first = told.matters[0] if told.matters else None
    if first is not None and first["holder_id"] != member.pk:
        told.send = whom_to_send(Ticket.objects.select_related("holder__presence").get(pk=first["id"]))


def handle_kind(told: Shown, region: str) -> str:
    """How to store a handle that nobody has yet: a phone or e-mail by its looks, otherwise the platform's name."""
    looks = kind_of(told.handle, region)
    return looks if looks in PHONE_OR_MAIL else told.kind or HandleKind.TAOBAO
