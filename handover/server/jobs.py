"""What the clock does for the platform itself."""

from procrastinate.contrib.django import app

from . import health


@app.periodic(cron="* * * * *", periodic_id="heartbeat")
@app.task(name="handover.heartbeat", queueing_lock="handover.heartbeat", pass_context=False)
def heartbeat(timestamp: int) -> None:
    """Every minute: shows `/readyz` that jobs are being worked."""
    health.beat()
