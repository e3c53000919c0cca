"""The installable app's manifest, the choice of language, the living styleguide: doors without a deed. And the tour."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from django.views.i18n import set_language

from handover.jinja import lang, text_direction
from handover.shell.sample import styleguide_context
from handover.shell.tours import cookie_of, tours_for, waits_at_the_gate
from tickets.people.actions import set_language_of
from tickets.web.doors import door, member_of
from tickets.web.replies import page, see_other

A_YEAR = 365 * 24 * 3600
"""In seconds: how long a browser remembers that the tour was opened or declined."""


@require_GET
@vary_on_headers("Accept-Language", "Cookie")
@cache_control(private=True, max_age=3600)
def manifest(request: HttpRequest) -> JsonResponse:
    """What a phone needs to put Handover among its apps; in the language of whoever installs it."""
    icons = [
        {"src": static("icons/handover-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": static("icons/handover-512.png"), "sizes": "512x512", "type": "image/png"},
        {"src": static("icons/handover-512-maskable.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    return JsonResponse(
        {
            "id": "/",
            "name": _("Handover"),
            "short_name": _("Handover"),
            "description": _("What the day shift learned, the night shift knows before its first chat."),
            "lang": lang(),
            "dir": text_direction(),
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#f5f6f8",
            "theme_color": "#2a56c6",
            "icons": icons,
        },
        content_type="application/manifest+json",
    )


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the page's language: for this browser by cookie, and for the account wherever it signs in next."""
    code = request.POST.get("language", "")
    if request.user.is_authenticated and code in dict(settings.LANGUAGES):
        set_language_of(request.user, code)
    return set_language(request)


@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every part in every state; in local mode only. `?signed=out` shows the bar of a stranger."""
    if not settings.LOCAL:
        raise Http404
    context = styleguide_context()
    if request.GET.get("signed") != "out" and getattr(request, "member", None) is None:
        context["sample_member"] = context["people"][0]  # of the page only: nothing of the request believes in it
    return page(request, "styleguide.html", context)


# The gate closes the work, not the look: these show nothing of any customer.
for _view in (manifest, language, styleguide):
    _view.gated = False


@door(gated=False, GET="me.read", POST="me.edit")
def tour(request: HttpRequest) -> HttpResponse:
    """What to try first, for each role, the reader's own first. A POST declines the offer; either way it is not offered again here."""
    member = member_of(request)
    if request.method == "POST":
        response = see_other(request, "/")
    else:
        response = page(request, "tour.html", {"tours": list(tours_for(member)), "before_digest": waits_at_the_gate(member)})
    response.set_cookie(cookie_of(member), "seen", max_age=A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure())
    return response
