"""How this room's codes read."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tickets.activity.telling import SENTENCES, Data, Teller, register


def _name(data: Data) -> dict[str, str]:
    return {"name": str(data.get("name") or f"#{data.get('endpoint', '')}")}


WORDS: dict[str, Teller] = {
    "webhook.added": lambda d, n: _("added the webhook %(name)s") % _name(d),
    "webhook.changed": lambda d, n: _("changed the webhook %(name)s") % _name(d),
    "webhook.removed": lambda d, n: _("removed the webhook %(name)s") % _name(d),
    "webhook.secret_renewed": lambda d, n: _("gave the webhook %(name)s a new secret") % _name(d),
    "webhook.tested": lambda d, n: _("tested the webhook %(name)s") % _name(d),
    "webhook.replayed": lambda d, n: _("sent events again to the webhook %(name)s") % _name(d),
    "webhook.disabled": lambda d, n: _("The webhook %(name)s failed for too long and is switched off") % _name(d),
}


def register_all() -> None:
    """Called once when the apps are ready, harmless when called again."""
    for code, teller in WORDS.items():
        if code not in SENTENCES:
            register(code, teller)
