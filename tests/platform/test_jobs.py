"""D5: a job whose worker was killed in the middle of it is done all the same; what has expired goes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from knox.models import AuthToken
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from handover.server.jobs import MOST_ATTEMPTS, rescue, sweep
from tests.cast import make_cast

pytestmark = pytest.mark.django_db


def run_rescue() -> None:
    """In a thread of its own: a browser test may have left an event loop running in this one."""

    def work() -> None:
        async_to_sync(rescue.func)(timestamp=0)
        connection.close()

    with ThreadPoolExecutor(1) as apart:
        apart.submit(work).result()


@pytest.fixture(autouse=True)
def _tasks_known() -> None:
    app.perform_import_paths()


def job_in_the_hands_of(heartbeat: timedelta, attempts: int = 0) -> int:
    """A job being done by a worker who last gave a sign of life so long ago."""
    job = app.configure_task("handover.sweep", queueing_lock=None).defer(timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id", [timezone.now() - heartbeat])
        (worker,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s, queueing_lock = NULL WHERE id = %s",
            [worker, attempts, job],
        )
    return int(job)


def status(job: int) -> str:
    return str(ProcrastinateJob.objects.get(pk=job).status)


@pytest.mark.django_db(transaction=True)
def test_d5_a_dead_workers_job_is_queued_again_and_a_living_ones_is_not() -> None:
    dead, living = job_in_the_hands_of(timedelta(minutes=2)), job_in_the_hands_of(timedelta(seconds=3))
    run_rescue()
    assert (status(dead), status(living)) == ("todo", "doing")


@pytest.mark.django_db(transaction=True)
def test_d5_a_job_that_kills_its_workers_is_left_for_a_person() -> None:
    job = job_in_the_hands_of(timedelta(minutes=2), attempts=MOST_ATTEMPTS)
    run_rescue()
    assert status(job) == "doing"


def test_what_has_expired_goes_and_the_rest_stays() -> None:
    now, user = timezone.now(), make_cast().bob.user
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(minutes=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(minutes=1))
    AuthToken.objects.create(user, expiry=timedelta(seconds=-60))
    kept, _secret = AuthToken.objects.create(user)
    sweep(timestamp=0)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]
    assert list(AuthToken.objects.all()) == [kept]
    assert ProcrastinateJob.objects.filter(task_name__contains="remove_old_jobs", status="todo").count() == 1


def test_every_periodic_job_has_one_name() -> None:
    names = [(task.task.name, task.periodic_id) for task in app.periodic_registry.periodic_tasks.values()]
    assert len(names) == len(set(names)) >= 2
