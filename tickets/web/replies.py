"""Answers: a page, the piece of it that htmx asked for, a refusal."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.template import engines
from django.utils.functional import SimpleLazyObject
from jinja2_fragments import render_block
from markupsafe import Markup

from tickets.web.refusals import Refused


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asked for a piece of the page and not for the whole (history restores and boosted links want the whole)."""
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and request.headers.get("HX-Request-Type", "partial") != "full" and not htmx.boosted


def page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, block: str | None = None, status: int = 200
) -> HttpResponse:
    """The whole page, or, where htmx asked and `block` is given, just that block of it."""
    engine: Any = engines["jinja2"]
    values = _values(engine, request, context or {})
    if block and wants_fragment(request):
        html = render_block(engine.env, template, block, **values)
    else:
        html = engine.get_template(template).render(values)
    response = HttpResponse(html, status=status)
    response["Cache-Control"] = "no-store"
    response["Vary"] = "HX-Request, Cookie"
    return response


def _values(engine: Any, request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What Django's Jinja2 backend would hand to the template, but masking the CSRF token once for a page and not for each form."""
    token = SimpleLazyObject(lambda: get_token(request))
    values = context | {"request": request, "csrf_token": token, "csrf_input": SimpleLazyObject(lambda: CSRF_INPUT.format(token))}
    for processor in engine.template_context_processors:
        values.update(processor(request))
    return values


CSRF_INPUT = Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">')


def see_other(request: HttpRequest, url: str) -> HttpResponse:
    """Send the reader on after a change: `HX-Redirect` for htmx, 303 without it."""
    if wants_fragment(request):
        response = HttpResponse(status=200)
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url, status=303)


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The one place where a refusal becomes an answer: problem+json, a fragment, or a page; `retry_after` is a header as well."""
    response = _refusal(request, refused)
    if "retry_after" in refused.extra:
        response["Retry-After"] = str(refused.extra["retry_after"])
    return response


def _refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    if wants_json(request):
        return JsonResponse(refused.problem(), status=refused.status, content_type="application/problem+json")
    template = "refusal.html"
    return page(request, template, {"refused": refused, "problem": refused.problem()}, block="refusal", status=refused.status)
