"""What the clock does about mailboxes, every minute; safe with several workers at once."""

from procrastinate.contrib.django import app

from tickets.mail.fetching import fetch_due


@app.periodic(cron="* * * * *", periodic_id="mailboxes")
@app.task(name="tickets.mail.fetch_due", queueing_lock="tickets.mail.fetch_due", pass_context=False)
def fetch_mail(timestamp: int) -> int:
    """Read the mailboxes whose time has come."""
    return fetch_due()
