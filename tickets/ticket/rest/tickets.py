"""/api/v1/tickets/: the list, the ticket, and every deed on it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.ticket import actions, queries, sorting
from tickets.ticket.models import Attachment, HandlerRequest, Promise, Ticket
from tickets.ticket.rest import taken
from tickets.ticket.rest.filters import TicketFilters
from tickets.ticket.rest.ordered import Placed, bare
from tickets.ticket.rest.shown import AttachmentOut, CaseOut, HandlerRequestOut, PromiseOut, TicketOut
from tickets.web.api import Door
from tickets.web.kept import Kept
from tickets.web.refusals import Refused
from tickets.web.schema import describe

WHICH = _("Say whose request you decide.")
NOBODY = _("Nobody is waiting for this decision.")
INDEXED = ("-id", "id", "-opened_at", "opened_at", "due_at", "-due_at")

OF_TEAM = Kept(lambda pk, team: Ticket.objects.filter(pk=pk, team_id=team))
TOLD = Kept(lambda pk, team: queries.told(Ticket.objects.filter(pk=pk, team_id=team)))


class Tickets(ListModelMixin, RetrieveModelMixin, Door):
    """One matter of one customer, and who is accountable for it."""

    deeds = {
        "list": "ticket.read", "retrieve": "ticket.read", "case": "ticket.read",
        "create": "ticket.log", "partial_update": "ticket.edit", "bulk": "ticket.bulk",
        "claim": "ticket.claim", "release": "ticket.claim", "transfer": "ticket.transfer",
        "contact": "ticket.contact", "note": "ticket.note", "promise": "ticket.promise",
        "wait": "ticket.wait", "resume": "ticket.wait", "resolve": "ticket.resolve", "reopen": "ticket.resolve",
        "merge": "ticket.merge", "complain": "ticket.complain",
        "ask_handler": "ticket.ask_handler", "approve_handler": "ticket.approve_handler", "refuse_handler": "ticket.approve_handler",
        "watch": "ticket.watch", "unwatch": "ticket.watch",
        "attachments": "ticket.read", "attach": "ticket.attach", "attach_several": "ticket.attach",
    }  # fmt: skip
    queryset = Ticket.objects.none()
    serializer_class = TicketOut
    filterset_class = TicketFilters
    pagination_class = Placed
    orderings = (*INDEXED, *sorting.NARROW)
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Ticket]:
        rows = Ticket.objects.visible_to(self.member)
        ordering = self.request.query_params.get("ordering") if self.action == "list" else None
        if ordering in ("due_at", "-due_at"):
            rows = rows.unresolved().filter(due_at__isnull=False)
        return bare(rows, ordering, self.request.query_params, INDEXED) if ordering in sorting.NARROW else queries.told(rows)

    def get_serializer_context(self) -> dict[str, Any]:
        return super().get_serializer_context() | {"member": getattr(self.request._request, "member", None) if self.request else None}

    # -- helpers ------------------------------------------------------------------------------------------------------
    def take(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The checked body of the request."""
        found = kind(data=self.request.data, context=self.get_serializer_context())
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def ticket(self) -> Ticket:
        """The ticket in the address; 404 for another team's."""
        found = OF_TEAM.first(pk=int(self.kwargs["pk"]), team=self.member.team_id)
        if found is None:
            raise Refused("not_found")
        return found

    def answer(self, ticket: Ticket, status: int = 200) -> Response:
        """The ticket as it is now."""
        return Response(TicketOut(self.now(ticket.pk)).data, status=status)

    def now(self, pk: int) -> Ticket:
        """The ticket with all that the API tells of it; 404 for another team's."""
        found = TOLD.first(pk=pk, team=self.member.team_id)
        if found is None:
            raise Refused("not_found")
        return found

    # -- reading ------------------------------------------------------------------------------------------------------
    @describe(TicketOut(many=True), "not_found")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The team's tickets, newest first; unknown filters and orders are refused. `ordering=due_at` gives the unresolved ones that have
        a time, the most urgent first. `severity` (act now first), `customer` and `holder` (by name; the pool last), within each what is due
        first, sort what is unresolved: with `unresolved=true` only. A minus turns an order round; within each what is due first stays."""
        return super().list(request, *args, **kwargs)

    @describe(TicketOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One ticket."""
        return Response(TicketOut(self.now(int(self.kwargs["pk"]))).data)

    @describe(CaseOut, "not_found")
    @action(detail=True)
    def case(self, request: Request, pk: str) -> Response:
        """Who has it and had it and why, whom to send the customer to, and who should have it next."""
        ticket, at = self.ticket(), timezone.now()
        suggested = queries.suggest_holders(ticket, at)
        to = queries.whom_to_send(ticket, at, suggested)
        found = {
            "handlers": queries.handlers(ticket),
            "assignments": queries.custody(ticket),
            "send_to": {
                "member": to.member.pk if to.member else None,
                "name": to.name,
                "why": to.why,
                "on": to.on,
                "until": to.until,
                "coming": to.coming,
            },
            "suggested": [{"id": m.pk, "name": m.display_name, "why": m.why, "on": m.on} for m in suggested],
        }
        return Response(CaseOut(found).data)

    # -- logging and changing -----------------------------------------------------------------------------------------
    @describe(TicketOut, "duplicate", "wrong_state", "idempotency_mismatch", request=taken.TicketIn, status=201)
    def create(self, request: Request) -> Response:
        """Log a matter. A customer who has an open one is answered 409 `duplicate` with it, unless `anyway`."""
        said = self.take(taken.TicketIn)
        promise = said.pop("promise", None)
        unless_open = not said.pop("anyway", False)
        promised = (promise["text"], promise["due_at"]) if promise else None
        return self.answer(actions.open_ticket(by=self.member, promise=promised, unless_open=unless_open, **said), status=201)

    @describe(TicketOut, "not_found", "stale", "wrong_state", request=taken.TicketChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what a ticket says; `version` is the one you saw. An older one is answered 409 `stale` with `current` and
        `difference`."""
        return self.answer(actions.edit(self.ticket(), by=self.member, **self.take(taken.TicketChange)))

    @describe(TicketOut(many=True), "bulk_refused", request=taken.BulkIn)
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def bulk(self, request: Request) -> Response:
        """One deed to many tickets: all or none. 422 `bulk_refused` says in `refused` which would not have it, and why."""
        said = self.take(taken.BulkIn)
        done = actions.bulk(said["tickets"], said["deed"], by=self.member, **said["with"])
        return Response(TicketOut(self.get_queryset().filter(pk__in=[t.pk for t in done]).order_by("id"), many=True).data)

    # -- custody ------------------------------------------------------------------------------------------------------
    @describe(TicketOut, "not_found", "taken", "handler_limit", "wrong_state", request=taken.ClaimIn)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: str) -> Response:
        """Take it from the pool. 409 `taken` says who has it (`holder`) and `since` when."""
        return self.answer(actions.claim(int(pk), by=self.member, **self.take(taken.ClaimIn)))

    @describe(TicketOut, "not_found", "wrong_state", request=taken.ReleaseIn)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        """Put it back into the pool."""
        return self.answer(actions.release(self.ticket(), by=self.member, **self.take(taken.ReleaseIn)))

    @describe(TicketOut, "not_found", "handler_limit", "wrong_state", request=taken.TransferIn)
    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, pk: str) -> Response:
        """Pass it on, with a reason and a next step, to somebody on or coming on duty."""
        said = self.take(taken.TransferIn)
        return self.answer(actions.transfer(self.ticket(), said.pop("to"), by=self.member, **said))

    @describe(HandlerRequestOut, "not_found", "wrong_state", request=taken.ReasonIn, status=201)
    @action(detail=True, methods=["post"])
    def ask_handler(self, request: Request, pk: str) -> Response:
        """Ask a manager to be one more handler."""
        found = actions.ask_handler(self.ticket(), by=self.member, **self.take(taken.ReasonIn))
        return Response(HandlerRequestOut(found).data, status=201)

    @describe(HandlerRequestOut, "not_found", "same_hand", "wrong_state", request=taken.DecideHandler)
    @action(detail=True, methods=["post"])
    def approve_handler(self, request: Request, pk: str) -> Response:
        """Let one more person handle it, with a reason."""
        said = self.take(taken.DecideHandler)
        found = actions.approve_handler(self.request_of(said.get("member")), by=self.member, reason=said["reason"])
        return Response(HandlerRequestOut(found).data)

    @describe(HandlerRequestOut, "not_found", "same_hand", "wrong_state", request=taken.DecideHandler)
    @action(detail=True, methods=["post"])
    def refuse_handler(self, request: Request, pk: str) -> Response:
        """Do not let one more person handle it, with a reason."""
        said = self.take(taken.DecideHandler)
        found = actions.refuse_handler(self.request_of(said.get("member")), by=self.member, reason=said["reason"])
        return Response(HandlerRequestOut(found).data)

    def request_of(self, member: Any) -> HandlerRequest:
        """The waiting request that is meant: the named member's, or the only one."""
        waiting = HandlerRequest.objects.filter(ticket=self.ticket(), state=HandlerRequest.State.WAITING).order_by("pk")
        found = list(waiting.filter(member=member) if member else waiting)
        if not found:
            raise Refused("wrong_state", NOBODY)
        if len(found) > 1:
            raise Refused("invalid", errors={"member": [WHICH]})
        return found[0]

    # -- what was said ------------------------------------------------------------------------------------------------
    @describe(TicketOut, "not_found", "handler_limit", request=taken.ContactIn)
    @action(detail=True, methods=["post"])
    def contact(self, request: Request, pk: str) -> Response:
        """The customer was there: `answered` (you become a handler) or `routed` (they were told who will answer). A late contact of
        a merged ticket lands on the one it was merged into, which is the answer."""
        return self.answer(actions.contact(self.ticket(), by=self.member, **self.take(taken.ContactIn)))

    @describe(TicketOut, "not_found", request=taken.NoteIn)
    @action(detail=True, methods=["post"])
    def note(self, request: Request, pk: str) -> Response:
        """Write something down for colleagues; @name tells them."""
        return self.answer(actions.note(self.ticket(), by=self.member, **self.take(taken.NoteIn)))

    @describe(PromiseOut, "not_found", "wrong_state", request=taken.PromiseFor, status=201)
    @action(detail=True, methods=["post"])
    def promise(self, request: Request, pk: str) -> Response:
        """Write down what the customer was told, and by when."""
        made = actions.promise(self.ticket(), by=self.member, **self.take(taken.PromiseFor))
        found = Promise.objects.select_related("ticket__customer", "owner").get(pk=made.pk)
        return Response(PromiseOut(found).data, status=201)

    # -- states -------------------------------------------------------------------------------------------------------
    @describe(TicketOut, "not_found", "wrong_state", request=taken.WaitIn)
    @action(detail=True, methods=["post"])
    def wait(self, request: Request, pk: str) -> Response:
        """Nothing to do until somebody else moves."""
        return self.answer(actions.wait(self.ticket(), by=self.member, **self.take(taken.WaitIn)))

    @describe(TicketOut, "not_found", "wrong_state", request=taken.Nothing)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """The waiting is over."""
        return self.answer(actions.resume(self.ticket(), by=self.member))

    @describe(TicketOut, "not_found", "wrong_state", request=taken.ResolveIn)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """The matter ended. Promises that are still open stay open."""
        return self.answer(actions.resolve(self.ticket(), by=self.member, **self.take(taken.ResolveIn)))

    @describe(TicketOut, "not_found", "wrong_state", request=taken.ReasonIn)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """The matter is not over: back to its last holder if on duty, else into the pool."""
        return self.answer(actions.reopen(self.ticket(), by=self.member, **self.take(taken.ReasonIn)))

    @describe(TicketOut, "not_found", "wrong_state", request=taken.MergeIn)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        """Make it part of another ticket, which is the answer."""
        return self.answer(actions.merge(self.ticket(), self.take(taken.MergeIn)["into"], by=self.member))

    @describe(TicketOut, "not_found", "wrong_state", request=taken.ComplainIn)
    @action(detail=True, methods=["post"])
    def complain(self, request: Request, pk: str) -> Response:
        """Mark it as a complaint."""
        return self.answer(actions.complain(self.ticket(), by=self.member, **self.take(taken.ComplainIn)))

    # -- beside it ----------------------------------------------------------------------------------------------------
    @describe(TicketOut, "not_found", request=taken.Nothing)
    @action(detail=True, methods=["post"])
    def watch(self, request: Request, pk: str) -> Response:
        """Hear of it from now on."""
        return self.answer(actions.watch(self.ticket(), by=self.member))

    @describe(TicketOut, "not_found", request=taken.Nothing)
    @action(detail=True, methods=["post"])
    def unwatch(self, request: Request, pk: str) -> Response:
        """Hear no more of it."""
        return self.answer(actions.unwatch(self.ticket(), by=self.member))

    @describe(AttachmentOut(many=True), "not_found")
    @action(detail=True, pagination_class=None, filterset_class=None)
    def attachments(self, request: Request, pk: str) -> Response:
        """Its pictures and PDFs."""
        return Response(AttachmentOut(Attachment.objects.filter(ticket=self.ticket()).order_by("pk"), many=True).data)

    @describe(AttachmentOut, "not_found", "too_large", "unsupported_media", request={"multipart/form-data": taken.FileIn}, status=201)
    @attachments.mapping.post
    def attach(self, request: Request, pk: str) -> Response:
        """Add a picture or a PDF (multipart)."""
        return Response(AttachmentOut(actions.attach(self.ticket(), by=self.member, **self.take(taken.FileIn))).data, status=201)

    @describe(
        AttachmentOut(many=True), "not_found", "too_large", "unsupported_media", request={"multipart/form-data": taken.FilesIn}, status=201
    )
    @action(detail=True, methods=["post"], url_path="attachments/several", pagination_class=None, filterset_class=None)
    def attach_several(self, request: Request, pk: str) -> Response:
        """Add several pictures or PDFs (multipart, `files` repeated), all or none; the first that is not taken is named."""
        kept = actions.attach_all(self.ticket(), by=self.member, **self.take(taken.FilesIn))
        return Response(AttachmentOut(kept, many=True).data, status=201)
