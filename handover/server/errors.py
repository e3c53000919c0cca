"""What a refused form of the security layer looks like."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 with the ordinary page: a form left open over a sign-in carries an old token; reloading helps."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
