"""One form with all that belongs to it in ONE statement: rows of other tables arrive as JSON and are models again.

A deed reads the form, its lines, signatures, parcels, settlements and what the order's other forms claim. Each of these is a few
indexed rows: asked one by one it is the asking that costs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import JSONField, QuerySet
from django.db.models.expressions import RawSQL

from tickets.order.models import OrderLine
from tickets.people.models import Member, Presence
from tickets.return_form.models import Parcel, ReturnForm, ReturnLine, Settlement, Signature, Voiding
from tickets.ticket.models import UNRESOLVED, Reason, Ticket

M = TypeVar("M", bound=models.Model)
LINES = """(SELECT jsonb_agg(jsonb_build_array(to_jsonb(l), to_jsonb(g), to_jsonb(r)) ORDER BY l.place)
    FROM tickets_returnline l JOIN tickets_orderline g ON g.id = l.order_line_id JOIN tickets_reason r ON r.id = l.reason_id
    WHERE l.form_id = tickets_returnform.id)"""
SIGNATURES = """(SELECT jsonb_agg(jsonb_build_array(to_jsonb(s), to_jsonb(v)) ORDER BY s.id)
    FROM tickets_signature s LEFT JOIN tickets_voiding v ON v.signature_id = s.id WHERE s.form_id = tickets_returnform.id)"""
PARCELS = "(SELECT jsonb_agg(to_jsonb(p) ORDER BY p.id) FROM tickets_parcel p WHERE p.form_id = tickets_returnform.id)"
SETTLEMENTS = "(SELECT jsonb_agg(to_jsonb(x) ORDER BY x.id) FROM tickets_settlement x WHERE x.form_id = tickets_returnform.id)"
SUCCESSOR = "(SELECT x.id FROM tickets_returnform x WHERE x.predecessor_id = tickets_returnform.id)"
SIGNERS = """(SELECT jsonb_agg(jsonb_build_array(to_jsonb(m), to_jsonb(p)) ORDER BY m.id)
    FROM tickets_member m JOIN tickets_user u ON u.id = m.user_id AND u.is_active LEFT JOIN tickets_presence p ON p.member_id = m.id
    WHERE m.team_id = {team} AND m.is_active AND m.roles::text[] && ARRAY['warehouse', 'manager'])"""
"""Who may sign after the first signature, each with when they are at work."""
TICKET = """(SELECT jsonb_build_array(to_jsonb(t), to_jsonb(m)) FROM tickets_ticket t LEFT JOIN tickets_member m ON m.id = t.holder_id
    WHERE t.id = %s AND t.team_id = {team})"""
HOLDER = f"""(SELECT to_jsonb(m) FROM tickets_ticket t JOIN tickets_member m ON m.id = t.holder_id
    WHERE t.customer_id = {{customer}} AND t.team_id = {{team}} AND t.status IN {UNRESOLVED} ORDER BY t.id DESC LIMIT 1)"""  # noqa: S608 - constants
"""Who has the customer's newest open matter."""
GOODS = "(SELECT jsonb_agg(to_jsonb(g) ORDER BY g.id) FROM tickets_orderline g WHERE g.order_id = {order})"
CLAIMS = """(SELECT jsonb_agg(jsonb_build_array(l.form_id, l.order_line_id, l.resolution, l.quantity, l.granted, l.approved_quantity,
        l.amount, f.freight_amount,
        EXISTS (SELECT 1 FROM tickets_settlement s WHERE s.form_id = f.id AND s.kind = 'ship' AND s.state = 'succeeded'),
        (SELECT s.amount FROM tickets_settlement s WHERE s.form_id = f.id AND s.kind = 'refund' AND s.state = 'succeeded'),
        (SELECT s.amount FROM tickets_settlement s WHERE s.form_id = f.id AND s.kind = 'freight' AND s.state = 'succeeded')) ORDER BY l.id)
    FROM tickets_returnform f JOIN tickets_returnline l ON l.form_id = f.id
    WHERE f.order_id = {order} AND f.state <> 'cancelled' AND f.id <> {without})"""


class Exact(json.JSONDecoder):
    """Money stays decimal."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more | {"parse_float": Decimal})


def rows(sql: str, params: tuple[Any, ...] = ()) -> RawSQL:
    """A subquery of ours that gives a JSON list, or NULL where it has no rows."""
    return RawSQL(sql, params, output_field=JSONField(decoder=Exact))  # noqa: S611 - only the constants above come here


def made(model: type[M], row: dict[str, Any]) -> M:
    """The row that `to_jsonb` gave, as the model it is of."""
    names, readers = _columns(model)
    return model.from_db(DEFAULT_DB_ALIAS, names, [read(row[column]) for column, read in readers])


@cache
def _columns(model: type[models.Model]) -> tuple[list[str], list[tuple[str, Callable[[Any], Any]]]]:
    fields = model._meta.concrete_fields
    return [field.attname for field in fields], [(field.column or "", field.to_python) for field in fields]


def whole(forms: QuerySet[ReturnForm]) -> QuerySet[ReturnForm]:
    """Forms that `unfolded` gives their lines, signatures, parcels and settlements without another question."""
    return forms.annotate(
        json_lines=rows(LINES),
        json_signatures=rows(SIGNATURES),
        json_parcels=rows(PARCELS),
        json_settlements=rows(SETTLEMENTS),
        successor_id=RawSQL(SUCCESSOR, (), output_field=models.BigIntegerField()),  # noqa: S611 - ours
    )


def unfolded(form: Any) -> ReturnForm:
    """Give a form read through `whole` what belongs to it; from then on `form.lines.all()` and its like ask nothing. Of the forms before
    and after it only the number is known."""
    _put(form, "lines", lines(form))
    _put(form, "signatures", signatures(form))
    _put(form, "parcels", [made(Parcel, row) for row in form.json_parcels or ()])
    _put(form, "settlements", settlements(form))
    found: ReturnForm = form
    if form.predecessor_id:
        found.predecessor = ReturnForm(pk=form.predecessor_id)
    if form.successor_id:
        ReturnForm(pk=form.successor_id).predecessor = found  # which the form then knows as its successor
    else:
        found._state.fields_cache["successor"] = None
    return found


def lines(form: Any) -> list[ReturnLine]:
    """The lines of a form read through `whole`, in their order, with product and reason."""
    return [_line(form, *parts) for parts in form.json_lines or ()]


def signatures(form: Any) -> list[Signature]:
    """Its signatures in the order they were given, each with its voiding."""
    return [_signature(form, *parts) for parts in form.json_signatures or ()]


def settlements(form: Any) -> list[Settlement]:
    """What was written down of what it owes."""
    return [made(Settlement, row) for row in form.json_settlements or ()]


def _put(form: Any, name: str, found: list[Any]) -> None:
    """What `prefetch_related` does with the rows it read."""
    known = getattr(form, name).get_queryset()
    known._result_cache, known._prefetch_done = found, True
    vars(form).setdefault("_prefetched_objects_cache", {})[name] = known


def signers(form: Any) -> list[Member]:
    """The countersigners of a form read with `SIGNERS` as `json_signers`, each with their presence."""
    found = []
    for row, presence in form.json_signers or ():
        member = made(Member, row)
        member._state.fields_cache["presence"] = made(Presence, presence) if presence else None
        found.append(member)
    return found


def ticket(found: Any) -> Ticket | None:
    """The ticket read with `TICKET` as `json_ticket`, with its holder."""
    if found.json_ticket is None:
        return None
    row, holder = found.json_ticket
    read = made(Ticket, row)
    read._state.fields_cache["holder"] = made(Member, holder) if holder else None
    return read


def holder(found: Any) -> Member | None:
    """Who was read with `HOLDER` as `json_holder`."""
    return made(Member, found.json_holder) if found.json_holder else None


def _line(form: ReturnForm, row: dict[str, Any], goods: dict[str, Any], reason: dict[str, Any]) -> ReturnLine:
    line = made(ReturnLine, row)
    line.form, line.order_line, line.reason = form, made(OrderLine, goods), made(Reason, reason)
    return line


def _signature(form: ReturnForm, row: dict[str, Any], voiding: dict[str, Any] | None) -> Signature:
    signature = made(Signature, row)
    signature.form = form
    if voiding is None:
        signature._state.fields_cache["voiding"] = None
    else:
        made(Voiding, voiding).signature = signature  # which the signature then knows as its own
    return signature
