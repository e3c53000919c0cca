"""`/healthz`: this process answers. `/readyz`: the whole system can work (database, migrations, job worker)."""

import time
from collections.abc import Callable
from datetime import timedelta

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

WORKER_SILENT_AFTER = timedelta(minutes=1)  # a worker writes down every ten seconds that it lives


class HealthMiddleware:
    """Answers the two probes before anything else: a probe knows neither our host name nor HTTPS, and signs in nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain")
        if request.path_info == "/readyz":
            return ready()
        return self.get_response(request)


def ready() -> JsonResponse:
    """200 with every check "ok", else 503; the answer names what is wrong and tells no secrets."""
    checks = {"database": _database()}
    if checks["database"] == "ok":
        checks |= {"migrations": _migrations(), "worker": _worker()}
    fine = all(state == "ok" for state in checks.values())
    response = JsonResponse({"ready": fine, **checks}, status=200 if fine else 503)
    response["Cache-Control"] = "no-store"
    return response


def _database() -> str:
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


_migrated_at: float | None = None


def _migrations() -> str:
    """Building the migration graph costs 100 ms, and what is applied stays applied: a good answer is kept for a minute."""
    global _migrated_at
    if _migrated_at is not None and time.monotonic() - _migrated_at < 60:
        return "ok"
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    _migrated_at = None if waiting else time.monotonic()
    return f"{len(waiting)} not applied" if waiting else "ok"


def _worker() -> str:
    """The youngest sign of life of any job worker must be younger than `WORKER_SILENT_AFTER`."""
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT max(last_heartbeat) FROM procrastinate_workers")
            (last,) = cursor.fetchone()
    except DatabaseError:  # nothing migrated yet
        last = None
    if last is None:
        return "none runs"
    silent = timezone.now() - last
    return "ok" if silent <= WORKER_SILENT_AFTER else f"silent for {int(silent.total_seconds())} s"
