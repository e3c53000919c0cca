"""Reading what a person asks: are these lines of this order, is so much left, is the reason a leaf, is the file a photo."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import filetype
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Team
from tickets.return_form import rules
from tickets.return_form.book import Book
from tickets.return_form.models import Evidence, Parcel, Resolution, ReturnForm, ReturnLine
from tickets.web.refusals import Refused

NO_LINES = _("Choose at least one product.")
NOT_OF_ORDER = _("This product is not of this order. A form is about one order.")
NOT_A_NUMBER = _("Ask for at least one.")
NOT_A_LEAF = _("Choose a reason from the lower level of the list.")
NOT_WANTED = _("This cannot be asked for.")
WHICH_ITEM = _("Say which item the customer wants instead.")
TOO_MANY = _("%(title)s: more than can still be returned (%(left)s left).")
TOO_MUCH = _("%(title)s: at most %(most)s was paid for these.")
WRONG_FILE = _("“%(name)s” is not a picture or a PDF.")
LARGE_FILE = _("“%(name)s” is too large.")


@dataclass(frozen=True)
class Asked:
    """One position as asked. `order_line` and `reason` are ids; `amount` (order's currency) only where less than the share is asked."""

    order_line: int
    quantity: int
    resolution: str
    reason: int
    exchange_for: str = ""
    amount: Decimal | None = None
    note: str = ""


def check_lines(asked: Sequence[Asked], book: Book, team: Team) -> None:
    """Refuse `invalid` (by field), `over_quantity` (R6) or `over_paid` (R7) lines."""
    if not asked:
        raise Refused("invalid", errors={"lines": [NO_LINES]})
    _check_words(asked, book)
    check_units(asked, book)
    _check_money(asked, book, team)


def check_units(asked: Sequence[Asked], book: Book) -> None:
    """Refuse `over_quantity` (R6)."""
    over = rules.overdrawn([(x.order_line, x.resolution, x.quantity) for x in asked], book.units)
    if over:
        titles = {line.pk: line.title for line in book.lines}
        wanted = {x.order_line: x.resolution for x in asked}
        detail = TOO_MANY % {"title": titles[over[0]], "left": book.units[over[0]].left(wanted[over[0]])}
        raise Refused("over_quantity", detail, lines=over)


def _check_words(asked: Sequence[Asked], book: Book) -> None:
    errors: dict[str, list[Any]] = {}
    for place, line in enumerate(asked):
        if line.order_line not in book.units:
            errors[f"lines.{place}.order_line"] = [NOT_OF_ORDER]
        if line.quantity < 1:
            errors[f"lines.{place}.quantity"] = [NOT_A_NUMBER]
        if line.resolution not in Resolution.values or line.resolution == Resolution.REJECT:
            errors[f"lines.{place}.resolution"] = [NOT_WANTED]
        if line.resolution == Resolution.EXCHANGE and not line.exchange_for.strip():
            errors[f"lines.{place}.exchange_for"] = [WHICH_ITEM]
        if line.reason not in book.reasons:
            errors[f"lines.{place}.reason"] = [NOT_A_LEAF]
    if errors:
        raise Refused("invalid", errors=errors)


def _check_money(asked: Sequence[Asked], book: Book, team: Team) -> None:
    for line in asked:
        if line.amount is None:
            continue
        most = team.compensation_cap if line.resolution == Resolution.COMPENSATION else book.cap(line.order_line, line.quantity)
        if line.amount < 0 or line.amount > most:
            title = next(x.title for x in book.lines if x.pk == line.order_line)
            raise Refused("over_paid", TOO_MUCH % {"title": title, "most": most})


def check_file(file: UploadedFile[Any]) -> str:
    """The content type by what is in the file; refuses `too_large` and `unsupported_media`."""
    if (file.size or 0) > settings.ATTACHMENT_MAX_BYTES:
        raise Refused("too_large", LARGE_FILE % {"name": file.name})
    kind = filetype.guess_mime(file.read(262))
    file.seek(0)
    if kind not in settings.ATTACHMENT_TYPES:
        raise Refused("unsupported_media", WRONG_FILE % {"name": file.name})
    return str(kind)


def keep_files(
    files: Iterable[UploadedFile[Any]],
    kind: str,
    *,
    by: Member,
    at: datetime,
    form: ReturnForm | None = None,
    line: ReturnLine | None = None,
    parcel: Parcel | None = None,
) -> list[Evidence]:
    """Store photos of a form (or of one line of it) or a parcel. A photo that the form has already is not stored twice."""
    kept = []
    standing = Evidence.objects.standing().filter(form=form, parcel=parcel, kind=kind)
    known = set(standing.values_list("sha256", flat=True)) if files else set()
    for file in files:
        content_type = check_file(file)
        sha = hashlib.sha256()
        for chunk in file.chunks():
            sha.update(chunk)
        file.seek(0)
        if sha.hexdigest() in known:
            continue
        known.add(sha.hexdigest())
        kept.append(
            Evidence.objects.create(
                team_id=by.team_id,
                form=form,
                line=line,
                parcel=parcel,
                kind=kind,
                file=file,
                name=(file.name or "")[-255:],
                content_type=content_type,
                size=file.size or 0,
                sha256=sha.hexdigest(),
                by=by,
                at=at,
            )
        )
    return kept
