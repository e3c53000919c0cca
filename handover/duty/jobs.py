"""What the clock does to duty."""

from __future__ import annotations

from procrastinate.contrib.django import app

from handover.duty.actions import lapse_overdue


@app.periodic(cron="* * * * *", periodic_id="lapse_overdue")
@app.task(name="duty.lapse_overdue", queueing_lock="duty.lapse_overdue")
def close_overdue(timestamp: int) -> None:
    """Every minute: a duty whose grace is over ends; repeating it does nothing."""
    lapse_overdue()
