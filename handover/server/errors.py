"""What leaves when the framework itself refuses or fails: the same problem documents and pages as everywhere else."""

import logging

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.utils.translation import gettext as _

from tickets.web.refusals import Refused
from tickets.web.replies import wants_json

from .logs import request_id

log = logging.getLogger("handover.errors")


def refused_early(request: HttpRequest, refused: Refused) -> HttpResponse:
    """A refusal before anybody knows who asks: the problem document, or a page of its own that needs no member."""
    if wants_json(request):
        return JsonResponse(refused.problem(), status=refused.status, content_type="application/problem+json")
    return _page(request, refused.status, {"refused": refused, "problem": refused.problem()})


def _page(request: HttpRequest, status: int, context: dict[str, object]) -> HttpResponse:
    """`<status>.html`, or plain words where a page cannot be drawn."""
    problem = context["problem"]
    try:
        return render(request, f"{status}.html", context, status=status)
    except TemplateDoesNotExist:
        text = f"{problem['title']}\n\n{problem['detail']}\n"  # type: ignore[index]
        return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form left open over a sign-in carries an old token; loading the page again helps."""
    return refused_early(request, Refused("forbidden", _("This page is from before you signed in. Load it again, then send it.")))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return refused_early(request, Refused("too_large"))
    return refused_early(request, Refused("invalid"))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refused_early(request, Refused("forbidden"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refused_early(request, Refused("not_found"))


def throttled(request: HttpRequest) -> HttpResponse:
    return refused_early(request, Refused("throttled"))


def failed(request: HttpRequest) -> HttpResponse:
    """500. The page names the request, so that whoever reports it gives us the line in the log."""
    problem = {
        "type": "urn:handover:problem:failed",
        "title": _("Something went wrong on our side"),
        "status": 500,
        "detail": _("Nothing was changed. If it happens again, report it with the number %(id)s.") % {"id": request_id.get()},
        "code": "failed",
    }
    if wants_json(request):
        return JsonResponse(problem, status=500, content_type="application/problem+json")
    request.member = None
    try:
        return _page(request, 500, {"problem": problem})
    except Exception:
        log.exception("the page for a failure failed itself")
        return HttpResponseServerError(f"{problem['title']}\n\n{problem['detail']}\n", content_type="text/plain; charset=utf-8")
