"""The door for Shopify's messages, and the page on which a manager sets it up."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from tickets.order import pushes
from tickets.order.forms import PushDoorForm
from tickets.order.models import PushDoor
from tickets.people.models import Shop
from tickets.web.doors import door, member_of
from tickets.web.refusals import Refused
from tickets.web.replies import page, see_other


@csrf_exempt
def shopify(request: HttpRequest, token: str) -> HttpResponse:
    """A message of Shopify's, signed with the shop's key. Open to all: the signature is the only key, no session plays a part.

    The answer says what became of it; 4xx and 5xx make Shopify try again.
    """
    try:
        if request.method != "POST":
            raise Refused("method_not_allowed")
        found = pushes.door_of(token)
        done = pushes.receive(found, _message(request))
    except Refused as refused:
        return JsonResponse(refused.problem(), status=refused.status, content_type="application/problem+json")
    return JsonResponse({"result": done})


def _message(request: HttpRequest) -> pushes.Message:
    """Read past Django's own limit for typed content, up to ours."""
    body = request.read(pushes.MAX_BYTES + 1)
    if len(body) > pushes.MAX_BYTES:
        raise Refused("too_large")
    head = request.headers
    return pushes.Message(
        body, head.get("X-Shopify-Hmac-Sha256", ""), head.get("X-Shopify-Shop-Domain", ""), head.get("X-Shopify-Topic", "")
    )


@door(GET="team.edit", POST="team.edit")
def set_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Where Shopify sends this shop's orders, and the key it signs them with."""
    member = member_of(request)
    shop = get_object_or_404(Shop.objects.select_related("team"), pk=pk, team=member.team_id)
    there = PushDoor.objects.filter(shop=shop).first()
    form = PushDoorForm(request.POST if request.method == "POST" else None, initial={"domain": there.domain if there else ""})
    if request.method == "POST" and form.is_valid():
        try:
            pushes.set_door(shop, by=member, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return see_other(request, reverse("order:push_door", args=[pk]))
        except Refused as refused:
            if refused.code != "invalid":
                raise
            for name, texts in (refused.errors or {}).items():
                form.add_error(name, [str(text) for text in texts])
    address = settings.SITE_URL.rstrip("/") + reverse("order:shopify", args=[there.token]) if there else ""
    context = {
        "shop": shop,
        "there": there,
        "form": form,
        "address": address,
        "topics": sorted({*pushes.ORDER_TOPICS, pushes.REFUND_TOPIC}),
    }
    return page(request, "tickets/order/push_door.html", context, block="door", status=422 if form.errors else 200)
