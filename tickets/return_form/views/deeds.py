"""What is done from the form's page: one POST each. Done, it leads to the form; refused, the page says why and keeps what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tickets.return_form import actions
from tickets.return_form.actions import Granted
from tickets.return_form.models import Evidence, ReturnForm
from tickets.return_form.views import common
from tickets.return_form.views.filing import _money
from tickets.return_form.views.show import sheet
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import see_other


def attempt(request: HttpRequest, pk: int, deed: Callable[[ReturnForm], ReturnForm], said: str) -> HttpResponse:
    """Do it and go (back) to the form, or show the form with the refusal."""
    try:
        done = deed(ReturnForm(pk=pk))  # its row is read under the lock, and another team's is not found there
    except Refused as refused:
        if refused.code in ("forbidden", "not_found"):
            raise
        return sheet(request, pk, refused)
    messages.success(request, said)
    return see_other(request, reverse("return_form:show", args=[done.pk]))


def _seen(request: HttpRequest) -> dict[str, Any]:
    """The version the page showed; 0, which is always stale, where it was not sent."""
    return {"version": common.number(request, "version") or 0}


def _revision(request: HttpRequest) -> dict[str, Any]:
    """For what stands beside the form and voids nothing: a parcel noted meanwhile is no reason to type a comment again."""
    return {"revision": common.number(request, "revision") or 0}


@door(POST="return.file")
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign S1."""

    def deed(form: ReturnForm) -> ReturnForm:
        common.prove(request)
        return actions.submit(form, by=member_of(request), **_seen(request))

    return attempt(request, pk, deed, _("Signed. The warehouse has it now."))


@door(POST="return.cancel")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    reason = request.POST.get("reason", "")
    by = member_of(request)
    return attempt(request, pk, lambda form: actions.cancel(form, by=by, reason=reason, **_seen(request)), _("Cancelled."))


@door(POST="return.reopen")
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    reason = request.POST.get("reason", "")
    said = _("This is its successor.")
    return attempt(request, pk, lambda form: actions.reopen(form, by=member_of(request), reason=reason, **_seen(request)), said)


@door(POST="return.send_back")
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    question = request.POST.get("question", "")
    said = _("Sent back. Every signature on it is void.")
    by = member_of(request)
    return attempt(request, pk, lambda form: actions.send_back(form, by=by, question=question, **_seen(request)), said)


@door(POST="return.comment")
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    text = request.POST.get("text", "")
    by = member_of(request)
    return attempt(request, pk, lambda form: actions.comment(form, by=by, text=text, **_revision(request)), _("Noted. It voids nothing."))


@door(POST="parcel.match")
def parcel(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a tracking number."""

    def deed(form: ReturnForm) -> ReturnForm:
        actions.add_parcel(
            form,
            by=member_of(request),
            tracking=request.POST.get("tracking", ""),
            courier=request.POST.get("courier", ""),
            direction="out" if request.POST.get("direction") == "out" else "in",
            **_revision(request),
        )
        return form

    return attempt(request, pk, deed, _("The parcel is on the form."))


@door(POST="parcel.record")
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    said = _("The goods are here; they wait to be counted.")
    by, tracking = member_of(request), request.POST.get("tracking", "")
    return attempt(request, pk, lambda form: actions.receive(form, by=by, tracking=tracking, **_revision(request)), said)


@door(POST="return.decide")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign S3, line by line as posted."""

    def deed(form: ReturnForm) -> ReturnForm:
        common.prove(request)
        return actions.decide(
            form,
            by=member_of(request),
            lines=[_granted(request, place) for place in _places(request)],
            freight=_money(request.POST.get("freight", "").strip()) or Decimal(0),
            compensation=_money(request.POST.get("compensation", "").strip()) or Decimal(0),
            rationale=request.POST.get("rationale", ""),
            **_seen(request),
        )

    return attempt(request, pk, deed, _("Decided and signed."))


def _places(request: HttpRequest) -> list[int]:
    """The lines that were decided on the page; others are as asked."""
    return [int(name.removeprefix("granted-")) for name in request.POST if re.fullmatch("granted-[0-9]{1,4}", name)]


def _granted(request: HttpRequest, place: int) -> Granted:
    granted = request.POST.get(f"granted-{place}", "")
    amount = _money(request.POST.get(f"amount-{place}", "").strip())
    pays = granted in ("refund_only", "return_and_refund", "compensation")
    return Granted(
        place,
        granted=granted,
        approved_quantity=common.number(request, f"approved-{place}"),
        amount=amount if pays else None,
        fault=request.POST.get(f"fault-{place}", ""),
    )


@door(POST="return.settle")
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how one kind of what is owed went."""
    outcome = request.POST.get("outcome", "succeeded")
    return attempt(
        request,
        pk,
        lambda form: actions.settle(
            form,
            by=member_of(request),
            kind=request.POST.get("kind", ""),
            outcome=outcome if outcome in ("succeeded", "pending", "failed") else "succeeded",
            reference=request.POST.get("reference", ""),
            failure=request.POST.get("failure", ""),
            **_seen(request),
        ),
        _("Noted."),
    )


@door(GET="return.read")
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a photo out: its type as recognised, no sniffing, sandboxed, and anything but a picture as a download."""
    found = Evidence.objects.visible_to(member_of(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    try:
        content = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    picture = found.content_type.startswith("image/")
    response = FileResponse(content, content_type=found.content_type, as_attachment=not picture, filename=found.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-cache"
    return response  # type: ignore[return-value]
