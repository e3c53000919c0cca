"""What opens, answers and acknowledges digests, and what tells people on duty of what came later."""

from handover.digest.actions.acknowledge import Acknowledged, acknowledge
from handover.digest.actions.addenda import answer_addendum, forget_settled
from handover.digest.actions.links import make_link, open_link, revoke_links, send_link
from handover.digest.actions.questions import answer_question, ask
from handover.digest.actions.reading import accept_stable, answer, mark_notices_read, open_digest, unanswer

__all__ = [
    "Acknowledged",
    "accept_stable",
    "acknowledge",
    "answer",
    "answer_addendum",
    "answer_question",
    "ask",
    "forget_settled",
    "make_link",
    "mark_notices_read",
    "open_digest",
    "open_link",
    "revoke_links",
    "send_link",
    "unanswer",
]
