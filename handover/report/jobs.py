"""What the clock does for the reports."""

from __future__ import annotations

from procrastinate.contrib.django import app

from handover.report import alarming, counting, schedules


@app.periodic(cron="* * * * *", periodic_id="count_figures")
@app.task(name="report.count_stale", queueing_lock="report.count_stale")
def count_stale(timestamp: int) -> None:
    """Every minute: the days that changed are counted anew; repeating it does nothing."""
    counting.count_stale()


@app.periodic(cron="7,37 * * * *", periodic_id="product_alarm")
@app.task(name="report.watch", queueing_lock="report.watch")
def watch(timestamp: int) -> None:
    """Twice an hour: products and reasons that draw more tickets than likely; each is told once a day."""
    alarming.watch()


@app.periodic(cron="*/5 * * * *", periodic_id="send_reports")
@app.task(name="report.send", queueing_lock="report.send")
def send(timestamp: int) -> None:
    """Every five minutes: the reports that are due and were not sent; after a standstill the newest of each only."""
    schedules.send_due()
