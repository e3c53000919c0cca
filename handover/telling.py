"""How the codes of notes, digests and notices read; roster and duty say theirs themselves.

The ledger keeps codes and data; the words are made when shown.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from tickets.activity.telling import SENTENCES, Data, Teller, register


def _name(data: Data) -> dict[str, str]:
    return {"name": str(data.get("name") or "")}


def _surge(data: Data) -> str:
    """What draws more tickets in a day than was to be expected, and which they are."""
    matters = _(", ").join(f"#{pk}" for pk in data["tickets"]) + (" …" if data["more"] else "")
    facts = {"what": data["what"], "seen": data["seen"], "expected": data["expected"], "matters": matters}
    if data["expected"]:
        return _("“%(what)s”: %(seen)s tickets in 24 hours, about %(expected)s to be expected. Matters: %(matters)s") % facts
    return _("“%(what)s”: %(seen)s tickets in 24 hours, hardly any to be expected. Matters: %(matters)s") % facts


def _alarm(data: Data) -> str:
    """Older alarms hold the sentence itself."""
    return _("Product alarm: %(text)s") % {"text": _surge(data) if "seen" in data else data.get("text", "")}


WORDS: dict[str, Teller] = {
    "handover.offered": lambda d, n: _("handed it over"),
    "handover.not_taken": lambda d, n: _("A handed-over matter was not taken in time"),
    "note.signed": lambda d, n: _("signed the handover note"),
    "note.built": lambda d, n: _("A handover note was built from the ledger: nobody wrote it"),
    "promise.adopted": lambda d, n: _("sees to the promise “%(text)s” from now on") % {"text": d.get("text", "")},
    "note.addendum": lambda d, n: _("added to the handover note"),
    "note.missing": lambda d, n: _("Nobody wrote the handover note; it was made from what is known"),
    "digest.acknowledged": lambda d, n: _("read the digest and took over"),
    "addendum.acknowledged": lambda d, n: _("read an addendum"),
    "notice.changed": lambda d, n: _("changed a notice"),
    "handover.named": lambda d, n: _("named you as the next owner"),
    "handover.escalated": lambda d, n: _("Nobody has taken this over yet"),
    "question.asked": lambda d, n: _("asks you about a handed-over matter"),
    "question.answered": lambda d, n: _("answered your question"),
    "digest.link_made": lambda d, n: _("made a personal link to a digest"),
    "digest.link_opened": lambda d, n: _("A personal link to a digest was opened"),
    "digest.links_revoked": lambda d, n: _("revoked the personal links to digests"),
    "notice.published": lambda d, n: _("put up a notice"),
    "report.alarm": lambda d, n: _alarm(d),
    "report.surge": lambda d, n: _surge(d),
    "report.service_imported": lambda d, n: _("brought in the platform's service figures: %(name)s") % {"name": d.get("name", "")},
    "report.account_named": lambda d, n: _("said whose the account %(account)s is") % {"account": d.get("account", "")},
    "report.scheduled": lambda d, n: _("lets the report “%(report)s” be sent regularly") % {"report": d.get("report", "")},
    "report.schedule_ended": lambda d, n: _("ended the regular sending of the report “%(report)s”") % {"report": d.get("report", "")},
    "report.schedule_resumed": lambda d, n: _("lets the report “%(report)s” be sent regularly again") % {"report": d.get("report", "")},
    "report.weights_set": lambda d, n: _("set the weights of the performance sheets"),
    "report.sheet_answered": lambda d, n: _("answered to a performance sheet of %(month)s") % {"month": str(d.get("month", ""))[:7]},
    "report.target_set": lambda d, n: _("set the targets of the reports"),
    "duty.surprised": lambda d, n: _("was surprised by something nobody had told: %(text)s") % {"text": d.get("text", "")},
    "notice.ended": lambda d, n: _("ended a notice"),
    "notice.resumed": lambda d, n: _("let a notice hold again"),
}


def register_words() -> None:
    """Teach the one teller our codes; called once when the apps are ready, harmless when called again."""
    for code, teller in WORDS.items():
        if code not in SENTENCES:
            register(code, teller)
