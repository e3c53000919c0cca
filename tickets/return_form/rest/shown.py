"""What the API shows of a form. Money is shown to whoever may see it (`see.money`); to others it is null."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from tickets.people.access import may
from tickets.return_form.models import Evidence, Parcel, ReturnForm, ReturnLine, Settlement, Signature

Shown = serializers.ModelSerializer


class PersonOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField(source="display_name")


class _Priced:
    """Empties the money of a row before it leaves, where the reader may not see it."""

    money: tuple[str, ...] = ()

    def get_fields(self) -> dict[str, Any]:
        found: dict[str, Any] = super().get_fields()
        for name in self.money:
            found[name].allow_null = True
        return found

    def to_representation(self, row: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().to_representation(row)
        member = self.context.get("member")
        if member is None or not may(member, "see.money"):
            found.update(dict.fromkeys(self.money))
        return found


class LineOut(_Priced, Shown[ReturnLine]):
    money = ("asked_amount", "amount")
    title = serializers.CharField(source="order_line.title", read_only=True)
    sku = serializers.CharField(source="order_line.sku", read_only=True)
    reason_name = serializers.CharField(source="reason.name", read_only=True)
    received = serializers.IntegerField(read_only=True)
    restocked = serializers.IntegerField(read_only=True)

    class Meta:
        model = ReturnLine
        fields = [
            *("id", "place", "order_line", "title", "sku", "quantity", "resolution", "reason", "reason_name", "exchange_for"),
            *("asked_amount", "note", "ok", "opened", "damaged", "wrong", "missing", "received", "restocked", "disposition"),
            *("count_note", "granted", "approved_quantity", "amount", "fault"),
        ]


class VoidingOut(serializers.Serializer[Any]):
    cause = serializers.CharField()
    changed = serializers.ListField(child=serializers.CharField())
    by = PersonOut()
    at = serializers.DateTimeField()


class SignatureOut(Shown[Signature]):
    role = serializers.CharField(source="stage")
    member = serializers.IntegerField(source="member_id")
    live = serializers.SerializerMethodField()
    voided = serializers.SerializerMethodField()

    class Meta:
        model = Signature
        fields = ["id", "role", "member", "name", "meaning", "revision", "at", "hash", "live", "voided"]

    def get_live(self, row: Signature) -> bool:
        return getattr(row, "voiding", None) is None

    def get_voided(self, row: Signature) -> dict[str, Any] | None:
        """Null while it counts; else cause, what changed, by whose change, when."""
        void = getattr(row, "voiding", None)
        if void is None:
            return None
        return {"cause": void.cause, "changed": void.changed, "by": {"id": void.by_id, "name": void.name}, "at": void.at.isoformat()}


class ParcelOut(Shown[Parcel]):
    class Meta:
        model = Parcel
        fields = ["id", "form", "direction", "courier", "tracking", "contents", "sender", "arrived_at", "recorded_at", "matched_at"]


class PhotoOut(Shown[Evidence]):
    url = serializers.SerializerMethodField()

    class Meta:
        model = Evidence
        fields = ["id", "kind", "line", "name", "content_type", "size", "sha256", "by", "at", "url"]

    def get_url(self, row: Evidence) -> str:
        return reverse("return_form:photo", args=[row.pk])


class SettlementOut(_Priced, Shown[Settlement]):
    money = ("amount",)

    class Meta:
        model = Settlement
        fields = ["id", "kind", "amount", "quantity", "state", "reference", "failure", "attempts", "created_at", "changed_at"]


class FormOut(_Priced, Shown[ReturnForm]):
    money = ("freight_amount", "compensation")
    number = serializers.CharField(read_only=True)
    order_number = serializers.CharField(source="order.number", read_only=True)
    currency = serializers.CharField(source="order.currency", read_only=True)
    filed_by = PersonOut(read_only=True)
    successor = serializers.SerializerMethodField()
    lines = LineOut(many=True, read_only=True)
    signatures = SignatureOut(many=True, read_only=True)
    parcels = ParcelOut(many=True, read_only=True)
    settlements = SettlementOut(many=True, read_only=True)

    class Meta:
        model = ReturnForm
        fields = [
            *("id", "number", "state", "revision", "version", "order", "order_number", "shop", "customer", "ticket", "currency"),
            *("predecessor", "successor", "words", "note", "freight_payer", "count_by", "decide_by", "settle_by", "question"),
            *("sent_backs", "outcome", "count_note", "excess", "received_at", "decision", "rationale", "by_rule"),
            *("freight_amount", "compensation", "filed_by", "filed_at", "submitted_at", "inspected_at", "decided_at", "closed_at"),
            *("updated_at", "lines", "signatures", "parcels", "settlements"),
        ]

    def get_successor(self, row: ReturnForm) -> int | None:
        successor = getattr(row, "successor", None)
        return successor.pk if successor else None
