"""/api/v1/moves/: files of another system on their way in, as the page of moving in does it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from tickets.movein import actions, queries
from tickets.movein.models import Move, MoveProblem, System
from tickets.web.api import Door
from tickets.web.filters import Ordered, refuse_unknown
from tickets.web.schema import PAGED, describe


class MoveOut(serializers.ModelSerializer[Move]):
    """A file and how far it is. `customers`, `tickets`, `entries` are new ones; of its documents `known` brought nothing new, `problems`
    were not taken."""

    by = serializers.IntegerField(source="by_id")
    detail = serializers.SerializerMethodField(help_text="why it failed, as a sentence")

    class Meta:
        model = Move
        fields = [
            *(
                "id",
                "system",
                "name",
                "dry_run",
                "state",
                "done",
                "customers",
                "tickets",
                "entries",
                "known",
                "problems",
                "error",
                "detail",
            ),
            *("by", "created_at", "finished_at"),
        ]

    def get_detail(self, move: Move) -> str:
        return queries.reason(move.error) if move.error else ""


class MoveIn(serializers.Serializer[Any]):
    system = serializers.ChoiceField(choices=System.choices)
    file = serializers.FileField()
    dry_run = serializers.BooleanField(default=False)


class DocumentOut(serializers.ModelSerializer[MoveProblem]):
    """A document that was not taken: its place in the file, counted from 1, what it calls itself, why, and where in it."""

    reason = serializers.SerializerMethodField()

    class Meta:
        model = MoveProblem
        fields = ["id", "place", "external_id", "code", "reason", "where"]

    def get_reason(self, each: MoveProblem) -> str:
        return queries.reason(each.code)


class Moves(ListModelMixin, RetrieveModelMixin, Door):
    """Files of another system (customers, matters, their histories) on their way in."""

    deeds = dict.fromkeys(("list", "retrieve", "create", "start", "documents"), "team.move_in")
    queryset = Move.objects.none()
    serializer_class = MoveOut
    filter_backends: list[Any] = []
    parser_classes = [MultiPartParser, FormParser]
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Move]:
        return Move.objects.visible_to(self.member)

    @describe(MoveOut(many=True), "not_found")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The team's files, newest first."""
        refuse_unknown(request.query_params, ())
        return super().list(request, *args, **kwargs)

    @describe(MoveOut, "not_found")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One file: its state, its counters as they move."""
        return super().retrieve(request, *args, **kwargs)

    @describe(MoveOut, "wrong_state", "too_large", "unsupported_media", request={"multipart/form-data": MoveIn}, status=202)
    def create(self, request: Request) -> Response:
        """Bring a file; a job reads it. A dry run writes nothing and says what would happen."""
        taken = MoveIn(data=request.data)
        taken.is_valid(raise_exception=True)
        return Response(MoveOut(actions.upload(by=self.member, **taken.validated_data)).data, status=202)

    @describe(MoveOut, "not_found", "wrong_state", request=None, status=202)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """After a dry run, or a failure, carry the same file out."""
        return Response(MoveOut(actions.bring_for_real(self.get_object(), by=self.member)).data, status=202)

    @describe(DocumentOut(many=True), "not_found", parameters=PAGED)
    @action(detail=True, pagination_class=Ordered, serializer_class=DocumentOut)
    def documents(self, request: Request, pk: str) -> Response:
        """The documents that were not taken."""
        found = self.paginate_queryset(MoveProblem.objects.filter(move=self.get_object()))
        return self.get_paginated_response(DocumentOut(found, many=True).data)


router = SimpleRouter()
router.register("moves", Moves, basename="api-move")

urlpatterns = router.urls
