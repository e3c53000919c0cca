"""Gunicorn's settings, for production and for `manage.py up` alike: `gunicorn -c python:handover.server.gunicorn handover.wsgi`."""

import gc
import os
from pathlib import Path

bind = f"{os.environ.get('HANDOVER_BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("HANDOVER_THREADS", "4"))
timeout = 60
graceful_timeout = 15
keepalive = 15
max_requests, max_requests_jitter = 200_000, 20_000  # nearly all of them are pulses; a new process costs seconds of a core
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # its heartbeat file must not wait for a disk
control_socket_disable = True  # nobody uses it, and it wants a home folder


def post_worker_init(worker: object) -> None:
    """What was loaded at the start stays to the end: the garbage collector need not look through it during a request, nor after every
    700 objects, which a long page makes many times over."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 10)


accesslog = None  # handover.server.requests writes one line a request
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "handover.server.logs.RequestFilter"}},
    "formatters": {"json": {"()": "handover.server.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["request"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "gunicorn.error": {"handlers": ["stderr"], "level": os.environ.get("HANDOVER_SERVER_LOG", "INFO"), "propagate": False},
        "gunicorn.http": {"level": "ERROR"},  # a HEAD answered by a GET's view is not worth a line
    },
}
