"""What the clock does about return forms. All of it is idempotent and safe with several workers at once."""

from django.utils import timezone
from procrastinate.contrib.django import app

from tickets.return_form.actions import close_idle, compensations, refunds, tell_overdue


@app.periodic(cron="*/10 * * * *", periodic_id="return_forms")
@app.task(name="tickets.return_form.close_idle", queueing_lock="tickets.return_form.close_idle", pass_context=False)
def close(timestamp: int) -> int:
    """Close decided forms that owe nothing and that nobody touched for days; tell whoever must act of stages that are overdue."""
    now = timezone.now()
    return close_idle(at=now) + tell_overdue(at=now)


@app.periodic(cron="*/10 * * * *", periodic_id="platform_refunds")
@app.task(name="tickets.return_form.match_refunds", queueing_lock="tickets.return_form.match_refunds", pass_context=False)
def match(timestamp: int) -> int:
    """Let what the platforms' lists told before its order or form was there meet it: refunds and compensations."""
    return refunds.match_waiting() + compensations.match_waiting()
