"""Log lines as JSON, one object a line, carrying the id of the request they belong to."""

import logging
from contextvars import ContextVar

from pythonjsonlogger.json import JsonFormatter

request_id: ContextVar[str] = ContextVar("request_id", default="")


class RequestFilter(logging.Filter):
    """Gives every record the current request's id (empty outside a request)."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class JsonLines(JsonFormatter):
    """`{"at": UTC instant, "level", "logger", "message", "request_id", …extra}`; Chinese stays readable."""

    def __init__(self) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s %(request_id)s",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="at",
            json_ensure_ascii=False,
            exc_info_as_array=False,
        )
