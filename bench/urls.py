from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from handover.urls import handler400, handler403, handler404, handler500
from tickets.people.models import Shop
from tickets.web.doors import door
from tickets.web.replies import page


@door(GET="me.read")
def bare(request: HttpRequest) -> HttpResponse:
    """Session, signed-in person, one indexed row, a small template: what no page can be cheaper than."""
    return page(request, "bare.html", {"shop": Shop.objects.get(pk=7)})


__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [path("bare/", bare), path("", include("handover.urls"))]
