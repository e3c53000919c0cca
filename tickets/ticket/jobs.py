"""What the clock does about promises, every minute. Both are idempotent and safe with several workers at once."""

from procrastinate.contrib.django import app

from tickets.ticket import actions


@app.periodic(cron="* * * * *", periodic_id="promises")
@app.task(name="tickets.promises.break_overdue", queueing_lock="tickets.promises.break_overdue", pass_context=False)
def break_overdue(timestamp: int) -> int:
    """Break the promises whose time has passed, and tell who answers for them."""
    return actions.break_overdue()


@app.periodic(cron="* * * * *", periodic_id="reminders")
@app.task(name="tickets.promises.remind_due", queueing_lock="tickets.promises.remind_due", pass_context=False)
def remind_due(timestamp: int) -> int:
    """Remind of promises before their time."""
    return actions.remind_due()
