"""What the clock does for webhooks."""

from __future__ import annotations

from procrastinate.contrib.django import app

from handover.webhook import actions


@app.periodic(cron="* * * * *", periodic_id="webhook.deliver")
@app.task(name="webhook.deliver", queueing_lock="webhook.deliver")
def deliver(timestamp: int) -> None:
    """Every minute: events that wait are sent. Safe with several workers at once."""
    actions.deliver()


@app.task(name="webhook.deliver_now")
def deliver_now() -> None:
    """The same at once, where somebody waits for it."""
    actions.deliver()
