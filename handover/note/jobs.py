"""What the clock does to offered custody."""

from __future__ import annotations

from procrastinate.contrib.django import app

from handover.note import actions


@app.periodic(cron="* * * * *", periodic_id="note.offers")
@app.task(name="note.offers", queueing_lock="note.offers")
def mind_offers(timestamp: int) -> None:
    """Every minute: offers settled otherwise are closed; those nobody acknowledged in time alarm the lead, or go to the pool."""
    actions.close_settled()
    actions.escalate()
