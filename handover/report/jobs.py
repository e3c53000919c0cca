"""What the clock does for the reports."""

from __future__ import annotations

from procrastinate.contrib.django import app

from handover.report import counting


@app.periodic(cron="* * * * *", periodic_id="count_figures")
@app.task(name="report.count_stale", queueing_lock="report.count_stale")
def count_stale(timestamp: int) -> None:
    """Every minute: the days that changed are counted anew; repeating it does nothing."""
    counting.count_stale()
