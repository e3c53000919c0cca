"""What the clock does for the platform itself: jobs of dead workers run again, what has expired goes."""

import logging

from django.contrib.sessions.models import Session
from django.utils import timezone
from knox.models import AuthToken
from procrastinate.contrib.django import app

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 5  # a job that killed its worker this often is left for a person to look at


@app.periodic(cron="* * * * *", periodic_id="rescue")
@app.task(name="handover.rescue", queueing_lock="handover.rescue")
async def rescue(timestamp: int) -> None:
    """Every minute: a job whose worker was killed in the middle of it is queued again; jobs are written to bear that."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=30):
        if job.attempts < MOST_ATTEMPTS:
            log.warning("job %s (%s) lost its worker and is queued again", job.id, job.task_name)
            await app.job_manager.retry_job(job)


@app.periodic(cron="17 19 * * *", periodic_id="sweep")
@app.task(name="handover.sweep", queueing_lock="handover.sweep")
def sweep(timestamp: int) -> None:
    """Once a day (19:17 UTC, the small hours in China): expired sessions and tokens, and jobs done a week ago, go."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    AuthToken.objects.filter(expiry__lt=now).delete()
    old = app.configure_task("builtin:procrastinate.builtin_tasks.remove_old_jobs")
    old.defer(max_hours=168, remove_cancelled=True, remove_aborted=True)
