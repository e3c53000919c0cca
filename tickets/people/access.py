"""The one table of role × deed: the only source of permission, for pages and API alike.

A deed is a word such as `ticket.claim`. `OPEN` deeds need a membership and nothing else. What a person may see of the rows is
decided by `Model.objects.visible_to(member)`; what of a row, by the `see.*` deeds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickets.people.models import Role

if TYPE_CHECKING:
    from tickets.people.models import Member

AGENT, AFTER_SALE, WAREHOUSE, MANAGER, OPERATIONS = Role.AGENT, Role.AFTER_SALE, Role.WAREHOUSE, Role.MANAGER, Role.OPERATIONS
EVERYBODY = frozenset(Role)
DESK = frozenset({AGENT, AFTER_SALE, MANAGER})
SHIFT = frozenset({AGENT, AFTER_SALE, WAREHOUSE, MANAGER})
LEADS = frozenset({MANAGER})

DEEDS: dict[str, frozenset[Role]] = {
    # people
    "me.read": EVERYBODY,
    "me.edit": EVERYBODY,
    "team.read": EVERYBODY,
    "team.edit": LEADS,
    # what a person may see of a row
    "see.money": frozenset({AGENT, AFTER_SALE, MANAGER, OPERATIONS}),
    "see.all_figures": frozenset({MANAGER, OPERATIONS}),
    "see.phone": frozenset({WAREHOUSE}),  # whole, of what it ships; everybody else unmasks one at a time
    # customers
    "customer.read": EVERYBODY,
    "customer.edit": DESK,
    "customer.merge": DESK,
    "customer.unmask": SHIFT,
    # orders
    "order.read": EVERYBODY,
    "order.log": DESK,
    "order.import": DESK,
    "order.map": LEADS,
    "order.export": EVERYBODY,
    # tickets
    "ticket.read": EVERYBODY,
    "ticket.log": DESK,
    "ticket.edit": DESK,
    "ticket.claim": DESK,
    "ticket.transfer": DESK,
    "ticket.contact": DESK,
    "ticket.note": SHIFT,
    "ticket.promise": DESK,
    "ticket.wait": DESK,
    "ticket.resolve": DESK,
    "ticket.merge": DESK,
    "ticket.complain": DESK,
    "ticket.bulk": DESK,
    "ticket.export": EVERYBODY,
    "ticket.attach": SHIFT,
    "ticket.watch": SHIFT,
    "ticket.ask_handler": DESK,
    "ticket.approve_handler": LEADS,
    "view.save": SHIFT,
    "reason.edit": LEADS,
    "activity.read": EVERYBODY,
    # scripts and campaigns
    "script.read": EVERYBODY,
    "script.edit": DESK,
    "campaign.read": EVERYBODY,
    "campaign.edit": LEADS,
    # return forms
    "return.read": EVERYBODY,
    "return.file": frozenset({AFTER_SALE}),
    "return.count": frozenset({WAREHOUSE}),
    "return.cosign": frozenset({WAREHOUSE}),
    "return.decide": LEADS,
    "return.send_back": frozenset({WAREHOUSE, MANAGER}),
    "return.cancel": frozenset({AFTER_SALE, MANAGER}),
    "return.settle": frozenset({AFTER_SALE, MANAGER}),
    "return.reopen": frozenset({AFTER_SALE, MANAGER}),
    "return.export": EVERYBODY,
    "return.comment": SHIFT,
    "return.import": frozenset({AFTER_SALE, MANAGER}),
    "compensation.read": frozenset({AFTER_SALE, MANAGER, OPERATIONS}),
    "parcel.record": frozenset({WAREHOUSE}),
    "parcel.match": frozenset({AFTER_SALE, WAREHOUSE}),
    # roster, duty
    "roster.read": EVERYBODY,
    "roster.edit": LEADS,
    "swap.ask": SHIFT,
    "swap.approve": LEADS,
    "duty.work": SHIFT,
    "duty.on_behalf": LEADS,
    "duty.let_in": LEADS,
    # handover note, digest, notices, board
    "note.read": EVERYBODY,
    "note.write": SHIFT,
    "digest.read": EVERYBODY,
    "digest.answer": SHIFT,
    "digest.overview": frozenset({MANAGER, OPERATIONS}),
    "notice.read": EVERYBODY,
    "notice.write": SHIFT,
    "board.read": frozenset({MANAGER, OPERATIONS}),
    # reports and systems
    "report.read": frozenset({AGENT, AFTER_SALE, WAREHOUSE, MANAGER, OPERATIONS}),
    "report.read_team": frozenset({MANAGER, OPERATIONS}),
    "report.answer": SHIFT,
    "report.edit": LEADS,
    "report.import": LEADS,
    "webhook.edit": LEADS,
    "message.read": EVERYBODY,
    "message.oversee": LEADS,
    "team.move_in": LEADS,
    "mail.edit": LEADS,
}


def may(member: Member, deed: str) -> bool:
    """Whether the member's roles allow the deed. An unknown deed is a mistake of ours: KeyError."""
    allowed = DEEDS[deed]
    return member.is_active and any(role in allowed for role in member.roles)
