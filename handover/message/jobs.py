"""What the clock does to messages."""

from __future__ import annotations

from procrastinate.contrib.django import app

from handover.message import actions


@app.periodic(cron="* * * * *", periodic_id="message.deliver")
@app.task(name="message.deliver", queueing_lock="message.deliver")
def deliver(timestamp: int) -> None:
    """Every minute: whatever is due goes out, what came together in one message. Safe with several workers at once."""
    actions.deliver()


@app.task(name="message.deliver_now")
def deliver_now() -> None:
    """The same at once, where somebody waits for it (a test message)."""
    actions.deliver()
