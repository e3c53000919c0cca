"""/api/v1/returns/: the list, the form, and every deed on it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.return_form import actions, queries
from tickets.return_form.actions import Counted, Granted
from tickets.return_form.models import Evidence, ReturnForm
from tickets.return_form.rest import taken
from tickets.return_form.rest.filters import FormFilters
from tickets.return_form.rest.shown import FormOut, ParcelOut, PhotoOut, SignatureOut
from tickets.web.api import Door
from tickets.web.confirmation import confirm
from tickets.web.filters import Ordered
from tickets.web.refusals import Refused
from tickets.web.schema import describe


class Returns(ListModelMixin, RetrieveModelMixin, Door):
    """One return or exchange: after-sale files it, the warehouse co-signs it, a manager decides it."""

    deeds = {
        "list": "return.read", "retrieve": "return.read", "signatures": "return.read", "photos": "return.read", "scan": "return.read",
        "create": "return.file", "partial_update": "return.file", "submit": "return.file",
        "inspect": "return.count", "cosign": "return.cosign", "receive": "parcel.record", "parcels": "parcel.match",
        "decide": "return.decide", "decide_batch": "return.decide", "send_back": "return.send_back", "cancel": "return.cancel",
        "settle": "return.settle", "reopen": "return.reopen", "comment": "return.comment",
    }  # fmt: skip
    queryset = ReturnForm.objects.none()
    serializer_class = FormOut
    filterset_class = FormFilters
    pagination_class = Ordered
    orderings = ("-id", "id", "-updated_at", "updated_at", "-filed_at", "filed_at")
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[ReturnForm]:
        return queries.told(ReturnForm.objects.visible_to(self.member))

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "member": getattr(self.request._request, "member", None) if self.request else None}

    # -- helpers ------------------------------------------------------------------------------------------------------
    def take(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The checked body of the request."""
        found = kind(data=self.request.data, context=self.get_serializer_context())
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def form(self) -> ReturnForm:
        """The form in the address; 404 for another team's."""
        found = ReturnForm.objects.visible_to(self.member).filter(pk=int(self.kwargs["pk"])).first()
        if found is None:
            raise Refused("not_found")
        return found

    def asked(self, kind: type[serializers.Serializer[Any]]) -> tuple[ReturnForm, dict[str, Any]]:
        """The form of the address by its id, which the deed's lock reads, and the checked body; what is wrong with the body of another
        team's form is 404 all the same."""
        try:
            return ReturnForm(pk=int(self.kwargs["pk"])), self.take(kind)
        except serializers.ValidationError:
            self.form()
            raise

    def signed(self, kind: type[serializers.Serializer[Any]]) -> tuple[ReturnForm, dict[str, Any]]:
        """The same for a deed that signs: whoever signs proved lately who they are."""
        form, said = self.asked(kind)
        confirm(self.request._request, said.pop("password", ""))
        return form, said

    def answer(self, form: ReturnForm, status: int = 200) -> Response:
        """The form as it is now."""
        found = queries.one(self.member, form.pk)
        if found is None:
            raise Refused("not_found")
        return Response(FormOut(found, context=self.get_serializer_context()).data, status=status)

    # -- reading ------------------------------------------------------------------------------------------------------
    @describe(FormOut(many=True))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The team's forms, newest first; unknown filters are refused."""
        return super().list(request, *args, **kwargs)

    @describe(FormOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One form with its lines, signatures (void ones too), parcels and settlements."""
        return self.answer(ReturnForm(pk=int(self.kwargs["pk"])))

    @describe(SignatureOut(many=True), "not_found")
    @action(detail=True, pagination_class=None, filterset_class=None)
    def signatures(self, request: Request, pk: str) -> Response:
        """Who signed what, when, over which revision; void ones say why and by whose change."""
        return Response(SignatureOut(queries.signatures_of(self.form()), many=True).data)

    @describe(PhotoOut(many=True), "not_found")
    @action(detail=True, pagination_class=None, filterset_class=None)
    def photos(self, request: Request, pk: str) -> Response:
        """Its pictures and PDFs: filed with it (`files` of filing and editing), or taken while counting (`files` of `inspect`)."""
        return Response(PhotoOut(Evidence.objects.standing().filter(form=self.form()), many=True).data)

    @describe(FormOut(many=True), "not_found")
    @action(detail=False, pagination_class=None, filterset_class=None)
    def scan(self, request: Request) -> Response:
        """`?q=`: a form's number or QR, a tracking number, an order number; the forms it stands for."""
        found = queries.scan(self.member, request.query_params.get("q", ""))
        if not found.ids:
            raise Refused("not_found", parcel=found.parcel.pk if found.parcel else None, order=found.order.pk if found.order else None)
        rows = self.get_queryset().filter(pk__in=found.ids).order_by("-id")
        return Response(FormOut(rows, many=True, context=self.get_serializer_context()).data)

    # -- after-sale ---------------------------------------------------------------------------------------------------
    @describe(FormOut, "over_quantity", "over_paid", request=taken.FormIn, status=201)
    def create(self, request: Request) -> Response:
        """File a form over one order: a draft until it is submitted."""
        said = self.take(taken.FormIn)
        try:
            form = actions.file(said.pop("order"), said.pop("lines"), by=self.member, **said)
        except Refused as refused:
            if refused.code == "not_found":  # the order: a ticket was found above
                raise Refused("invalid", errors={"order": [taken.MISSING]}) from refused
            raise
        return self.answer(form, status=201)

    @describe(FormOut, "not_found", "stale", "wrong_state", "over_quantity", "over_paid", request=taken.FormChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is asked; `revision` is the one you saw. Signatures given before are void then."""
        form, said = self.asked(taken.FormChange)
        return self.answer(actions.edit(form, by=self.member, **said))

    @describe(FormOut, "not_found", "stale", "wrong_state", "over_quantity", "over_paid", request=taken.Signed)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Sign what is asked and hand it to the warehouse."""
        form, said = self.signed(taken.Signed)
        return self.answer(actions.submit(form, by=self.member, **said))

    @describe(FormOut, "not_found", "stale", "wrong_state", request=taken.WhyIn)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Give it up, before any count or money."""
        form, said = self.asked(taken.WhyIn)
        return self.answer(actions.cancel(form, by=self.member, **said))

    @describe(FormOut, "not_found", "stale", "wrong_state", "duplicate", request=taken.ReopenIn, status=201)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """A closed form does not change: make its linked successor."""
        form, said = self.asked(taken.ReopenIn)
        return self.answer(actions.reopen(form, by=self.member, **said), status=201)

    # -- warehouse ----------------------------------------------------------------------------------------------------
    @describe(FormOut, "not_found", "stale", "wrong_state", "over_quantity", request=taken.InspectIn)
    @action(detail=True, methods=["post"])
    def inspect(self, request: Request, pk: str) -> Response:
        """Write down the count, line by line; ok + opened + damaged + wrong + missing is what was asked."""
        form, said = self.asked(taken.InspectIn)
        said["counts"] = taken.by_place(form, said.pop("lines", []), Counted)
        return self.answer(actions.inspect(form, by=self.member, **said))

    @describe(FormOut, "not_found", "stale", "wrong_state", "same_hand", request=taken.CosignIn)
    @action(detail=True, methods=["post"])
    def cosign(self, request: Request, pk: str) -> Response:
        """Sign the count; or, with `outcome`, that no goods are expected or that they did not arrive."""
        form, said = self.signed(taken.CosignIn)
        return self.answer(actions.cosign(form, by=self.member, **said))

    @describe(FormOut, "not_found", "stale", "wrong_state", request=taken.ReceiveIn)
    @action(detail=True, methods=["post"])
    def receive(self, request: Request, pk: str) -> Response:
        """The goods came, or one parcel of them; they are counted later."""
        form, said = self.asked(taken.ReceiveIn)
        return self.answer(actions.receive(form, by=self.member, **said))

    @describe(ParcelOut, "not_found", "stale", "wrong_state", request=taken.AddParcelIn, status=201)
    @action(detail=True, methods=["post"])
    def parcels(self, request: Request, pk: str) -> Response:
        """Add a tracking number to the form. It voids nothing."""
        form, said = self.asked(taken.AddParcelIn)
        parcel = actions.add_parcel(form, by=self.member, **said)
        return Response(ParcelOut(parcel).data, status=201)

    # -- manager ------------------------------------------------------------------------------------------------------
    @describe(FormOut, "not_found", "stale", "wrong_state", "same_hand", "over_quantity", "over_paid", request=taken.DecideIn)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Decide and sign, line by line; what is left out is as asked, as far as goods came and money is left."""
        form, said = self.signed(taken.DecideIn)
        said["lines"] = taken.by_place(form, said.pop("lines", []), Granted)
        return self.answer(actions.decide(form, by=self.member, **said))

    @describe(FormOut(many=True), "bulk_refused", request=taken.DecideBatchIn)
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def decide_batch(self, request: Request) -> Response:
        """Decide like cases together, as asked or all turned down, each with a signature of its own: all or none. 422 `bulk_refused` says
        in `refused` which would not have it, and why."""
        said = self.take(taken.DecideBatchIn)
        confirm(request._request, said.pop("password", ""))
        done = actions.decide_together(said.pop("forms"), by=self.member, **said)
        rows = self.get_queryset().filter(pk__in=[form.pk for form in done]).order_by("id")
        return Response(FormOut(rows, many=True, context=self.get_serializer_context()).data)

    @describe(FormOut, "not_found", "stale", "wrong_state", request=taken.SendBackIn)
    @action(detail=True, methods=["post"])
    def send_back(self, request: Request, pk: str) -> Response:
        """Back to after-sale with a question; a new revision opens."""
        form, said = self.asked(taken.SendBackIn)
        return self.answer(actions.send_back(form, by=self.member, **said))

    # -- money and words ----------------------------------------------------------------------------------------------
    @describe(FormOut, "not_found", "stale", "wrong_state", "duplicate", request=taken.SettleIn)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        """Record what was refunded, shipped or compensated; the form closes when all of it succeeded."""
        form, said = self.asked(taken.SettleIn)
        return self.answer(actions.settle(form, by=self.member, **said))

    @describe(FormOut, "not_found", "stale", request=taken.CommentIn)
    @action(detail=True, methods=["post"])
    def comment(self, request: Request, pk: str) -> Response:
        """Say something beside the form. It voids nothing."""
        form, said = self.asked(taken.CommentIn)
        return self.answer(actions.comment(form, by=self.member, **said))
