"""What chooses destinations and what sends."""

from handover.message.actions.choosing import add, change, remove, send_test
from handover.message.actions.outbox import route, send, send_again, use_email
from handover.message.actions.sending import deliver, recover
from handover.message.wording import Words, address, composers

__all__ = [
    "Words",
    "add",
    "address",
    "change",
    "composers",
    "deliver",
    "recover",
    "remove",
    "route",
    "send",
    "send_again",
    "send_test",
    "use_email",
]
