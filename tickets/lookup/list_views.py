"""/customers/: everybody who ever bought or asked, as a list and as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode

from tickets.lookup import listing
from tickets.lookup.forms import ListForm
from tickets.web.doors import door, member_of
from tickets.web.replies import page
from tickets.web.sheets import as_file


@door(GET="customer.read")
def index(request: HttpRequest) -> HttpResponse:
    """The team's customers, the newest first, fifty at a time; what cannot be read narrows nothing and is said at its field."""
    member = member_of(request)
    form = ListForm(request.GET)
    readable = form.is_valid()
    asked = {name: value for name, value in form.cleaned_data.items() if value}
    rows = listing.counted(listing.narrowed(member, **asked))
    if readable and (file := as_file(request, "customers", listing.COLUMNS, rows)):
        return file
    before = request.GET.get("before", "")
    found, more = listing.page_of(rows, before=before)
    kept = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    context = {
        "form": form,
        "customers": [(customer, listing.handles(customer)) for customer in found],
        "older": "?" + urlencode(kept | {"before": found[-1].pk}) if more else None,
        "newest": "?" + urlencode(kept) if before else None,
        "chips": [
            (form.fields[name].label, form.shown(name), "?" + urlencode({other: value for other, value in kept.items() if other != name}))
            for name in kept
        ],
    }
    return page(request, "tickets/customer/list.html", context, block="customers", status=200 if readable else 422)
