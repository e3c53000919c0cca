"""What the API takes: the body of each deed. `revision` (and `version`) is what the sender saw (R8): without either it
is refused, an older one is answered 409 `stale`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tickets.order.models import Order
from tickets.return_form.actions import Asked, Counted, Granted
from tickets.return_form.models import Disposition, Fault, FreightPayer, Outcome, Resolution, ReturnForm, Settlement
from tickets.ticket.models import Ticket
from tickets.web.api import Moment

Body = serializers.Serializer
NAMED_TWICE = _("A form is named twice.")
MISSING = _("There is no such id.")
SAY_WHAT_YOU_SAW = _("Send the revision you saw.")


@extend_schema_field(OpenApiTypes.INT)
class Row(serializers.Field[Any, int, int, Any]):
    """One row of one's own team, by id; with what of `beside` the deed will ask for. `unread`: the deed reads
    it under its lock, and says `missing` there."""

    default_error_messages = {"missing": MISSING}

    def __init__(self, model: type[Any], *beside: str, unread: bool = False, **more: Any) -> None:
        self.model, self.beside, self.unread = model, beside, unread
        self.number = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
        super().__init__(**more)

    def to_internal_value(self, data: Any) -> Any:
        if self.unread:
            return self.model(pk=self.number.run_validation(data))
        found = (
            self.model._default_manager.select_related(*self.beside)
            .filter(pk=self.number.run_validation(data), team_id=self.context["member"].team_id)
            .first()
        )
        if found is None:
            self.fail("missing")
        return found

    def to_representation(self, value: Any) -> int:
        return int(value.pk)


class Seen(Body[Any]):
    """What the sender saw: the revision of what is asked, or the version of the whole form; one of the two is needed."""

    revision = serializers.IntegerField(required=False, min_value=1, help_text="the revision you saw; needed unless `version` is given")
    version = serializers.IntegerField(required=False, min_value=1, help_text="the form's version you saw: stricter, every change counts")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "revision" not in attrs and "version" not in attrs:
            raise serializers.ValidationError({"revision": [SAY_WHAT_YOU_SAW]})
        return attrs


class Signed(Seen):
    password = serializers.CharField(
        required=False, write_only=True, trim_whitespace=False, help_text="needed where signing in is more than five minutes ago"
    )


class LineIn(Body[Any]):
    order_line = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    quantity = serializers.IntegerField(max_value=2**31 - 1)
    resolution = serializers.ChoiceField(choices=[c for c in Resolution.choices if c[0] != Resolution.REJECT])
    reason = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="a leaf of the team's reasons")
    exchange_for = serializers.CharField(required=False, allow_blank=True, max_length=300)
    amount = serializers.DecimalField(
        required=False, allow_null=True, max_digits=14, decimal_places=2, min_value=0, help_text="where less than the paid share is asked"
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)

    def to_internal_value(self, data: Any) -> Any:
        return Asked(**super().to_internal_value(data))


class HeaderIn(Body[Any]):
    words = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    note = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    freight_payer = serializers.ChoiceField(choices=FreightPayer.choices, required=False)
    count_by = Moment(required=False, allow_null=True)
    decide_by = Moment(required=False, allow_null=True)
    settle_by = Moment(required=False, allow_null=True)
    files = serializers.ListField(child=serializers.FileField(), required=False, help_text="pictures or PDFs, in a multipart body")


class FormIn(HeaderIn):
    order = Row(Order, unread=True)
    lines = LineIn(many=True)
    ticket = Row(Ticket, "holder", required=False, allow_null=True)
    tracking = serializers.CharField(required=False, allow_blank=True, max_length=120)
    courier = serializers.CharField(required=False, allow_blank=True, max_length=80)


class FormChange(HeaderIn):
    revision = serializers.IntegerField(min_value=1)
    version = serializers.IntegerField(required=False, min_value=1)
    lines = LineIn(many=True, required=False)
    remove = serializers.ListField(child=serializers.IntegerField(min_value=1), required=False, help_text="ids of photos to take away")


class CountIn(Body[Any]):
    place = serializers.IntegerField(min_value=1, required=False)
    line = serializers.IntegerField(min_value=1, required=False, help_text="the line's id, instead of its place")
    ok = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)
    opened = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)
    damaged = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)
    wrong = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)
    missing = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)
    disposition = serializers.ChoiceField(choices=Disposition.choices, required=False, default=Disposition.RESTOCK)
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)
    files = serializers.ListField(
        child=serializers.FileField(), required=False, help_text="photos of these units, in a multipart body: `lines[0]files[0]`"
    )


class ExcessIn(Body[Any]):
    title = serializers.CharField(max_length=300)
    quantity = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)


class InspectIn(Seen):
    outcome = serializers.ChoiceField(choices=Outcome.choices, default=Outcome.COUNTED)
    lines = CountIn(many=True, required=False)
    excess = ExcessIn(many=True, required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    files = serializers.ListField(
        child=serializers.FileField(), required=False, help_text="pictures or PDFs of no one line, in a multipart body"
    )
    recount = serializers.BooleanField(default=False, help_text="count again after the warehouse signed; that signature is void then")


class CosignIn(Signed):
    outcome = serializers.ChoiceField(choices=Outcome.choices, required=False, help_text="to sign without a count")


class GrantIn(Body[Any]):
    place = serializers.IntegerField(min_value=1, required=False)
    line = serializers.IntegerField(min_value=1, required=False, help_text="the line's id, instead of its place")
    granted = serializers.ChoiceField(choices=Resolution.choices, required=False, help_text="as asked where left out")
    approved_quantity = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, required=False)
    fault = serializers.ChoiceField(choices=Fault.choices, required=False)


class DecideIn(Signed):
    lines = GrantIn(many=True, required=False)
    reject = serializers.BooleanField(default=False, help_text="turn down whatever `lines` does not grant")
    freight = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, default=Decimal(0))
    compensation = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, default=Decimal(0))
    rationale = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    by_rule = serializers.BooleanField(default=False)


class SeenForm(Seen):
    id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class DecideBatchIn(Body[Any]):
    """Like cases: every one as asked, or every one turned down; all or none."""

    forms = serializers.ListField(child=SeenForm(), min_length=1, max_length=100)
    reject = serializers.BooleanField(default=False)
    rationale = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    by_rule = serializers.BooleanField(default=False, help_text="only what the team's policy lets pass")
    password = serializers.CharField(
        required=False, write_only=True, trim_whitespace=False, help_text="needed where signing in is more than five minutes ago"
    )

    def validate_forms(self, rows: list[dict[str, int]]) -> dict[int, dict[str, int]]:
        """What was seen of each, by its id."""
        found = {row.pop("id"): dict(row) for row in rows}
        if len(found) < len(rows):
            raise serializers.ValidationError(NAMED_TWICE)
        return found


class SendBackIn(Seen):
    question = serializers.CharField(max_length=5000)


class WhyIn(Seen):
    reason = serializers.CharField(max_length=5000)


class ReopenIn(Seen):
    reason = serializers.CharField(max_length=5000)


class SettleIn(Seen):
    kind = serializers.ChoiceField(choices=Settlement.Kind.choices, required=False, help_text="everything outstanding where left out")
    outcome = serializers.ChoiceField(
        choices=[c for c in Settlement.State.choices if c[0] != Settlement.State.DUE], default=Settlement.State.SUCCEEDED
    )
    reference = serializers.CharField(required=False, allow_blank=True, max_length=120)
    failure = serializers.CharField(required=False, allow_blank=True, max_length=300)


class CommentIn(Seen):
    text = serializers.CharField(max_length=5000)


class ParcelIn(Body[Any]):
    tracking = serializers.CharField(max_length=120)
    courier = serializers.CharField(required=False, allow_blank=True, max_length=80)
    sender = serializers.CharField(required=False, allow_blank=True, max_length=160)
    contents = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class MatchIn(Body[Any]):
    form = Row(ReturnForm)


class AddParcelIn(Seen):
    tracking = serializers.CharField(max_length=120)
    courier = serializers.CharField(required=False, allow_blank=True, max_length=80)
    direction = serializers.ChoiceField(choices=[("in", "in"), ("out", "out")], default="in")


class ReceiveIn(Seen):
    tracking = serializers.CharField(required=False, allow_blank=True, max_length=120)


def by_place(form: ReturnForm, rows: list[dict[str, Any]], kind: type[Counted] | type[Granted]) -> list[Any]:
    """Rows that name a line by its id or its place, as what the actions take (an unknown line has place 0, which they refuse)."""
    places = dict(form.lines.values_list("pk", "place")) if any(row.get("line") and not row.get("place") for row in rows) else {}
    found = []
    for row in rows:
        line = row.pop("line", None)
        found.append(kind(**row | {"place": row.get("place") or places.get(line, 0)}))
    return found
