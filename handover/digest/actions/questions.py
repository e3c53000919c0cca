"""Questions back to the author of a handed-over matter."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.digest.actions.addenda import push
from handover.digest.models import Question
from tickets.activity.actions import alert, record
from tickets.people.access import may
from tickets.people.models import Member
from tickets.people.queries import managers_to_tell
from tickets.ticket.models import Ticket
from tickets.web.refusals import Refused

NOT_ASKED = _("Only who was asked, or a manager, answers.")
ANSWERED = _("This has been answered.")
SAY = _("Write the answer.")


def ask(ticket: Ticket, *, by: Member, author: Member | None, text: str, at: datetime) -> Question:
    """Ask the author; the matter stays where it is, and whoever leads is told. Call inside a transaction."""
    question = Question.objects.create(team_id=ticket.team_id, ticket=ticket, asked_by=by, author=author, text=text, asked_at=at)
    told = [m for m in ([author] if author else []) + managers_to_tell(by.team, at) if m.pk != by.pk]
    alert(told, "question.asked", key=f"question:{question.pk}", at=at, ticket=ticket, text=text, by=by.display_name)
    record(
        "question.asked",
        team=by.team,
        actor=by,
        at=at,
        ticket=ticket,
        customer=ticket.customer,
        text=text,
        to=author.pk if author else None,
    )
    return question


@transaction.atomic
def answer_question(question: Question, *, by: Member, text: str, at: datetime | None = None) -> Question:
    """Answer a question once. Refuses `forbidden` for anybody but the author and managers, `invalid`, `wrong_state`."""
    at = at or timezone.now()
    locked = Question.objects.select_for_update(of=("self",)).select_related("ticket__customer", "asked_by__team").get(pk=question.pk)
    if by.team_id != locked.team_id or (by.pk != locked.author_id and not may(by, "duty.on_behalf")):
        raise Refused("forbidden", NOT_ASKED)
    if locked.answered_at is not None:
        raise Refused("wrong_state", ANSWERED)
    if not text.strip():
        raise Refused("invalid", errors={"text": [SAY]})
    locked.answer, locked.answered_by, locked.answered_at = text.strip(), by, at
    locked.save(update_fields=["answer", "answered_by", "answered_at"])
    record("question.answered", team=by.team, actor=by, at=at, ticket=locked.ticket, customer=locked.ticket.customer, text=locked.answer)
    alert(
        [locked.asked_by],
        "question.answered",
        key=f"question-answered:{locked.pk}",
        at=at,
        ticket=locked.ticket,
        text=locked.answer,
        by=by.display_name,
    )
    facts = {"ticket": locked.ticket_id, "subject": locked.ticket.subject, "question": locked.text, "text": locked.answer}
    push([locked.asked_by_id], f"question:{locked.pk}", {"kind": "answer", "from": by.display_name, **facts}, at=at)
    return locked
