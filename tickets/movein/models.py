"""What is known of another system: which of its people and matters are here already, and the files that brought them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.customer.models import Customer
from tickets.people.models import Member, Team
from tickets.ticket.models import Ticket


class System(models.TextChoices):
    ZENDESK = "zendesk", "Zendesk"
    HELPSCOUT = "helpscout", "Help Scout"
    GORGIAS = "gorgias", "Gorgias"
    CSV = "csv", _("A plain csv file")


class Twin(models.Model):
    """Something of another system that has been brought in; it is never brought in again.

    `kind`: a `person` (with the customer it became, or, for their staff, only a name), a `ticket`, or an `entry` of one.
    """

    class Kind(models.TextChoices):
        PERSON = "person"
        TICKET = "ticket"
        ENTRY = "entry"

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    system = models.CharField(max_length=9, choices=System)
    kind = models.CharField(max_length=6, choices=Kind)
    external_id = models.CharField(max_length=80)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="twins")
    name = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=160, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "system", "kind", "external_id"], name="twin_is_brought_in_once"),
            models.CheckConstraint(condition=Q(kind="person") | Q(ticket__isnull=False), name="twin_says_which_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.kind} {self.external_id}"


class MoveQuerySet(models.QuerySet["Move"]):
    def visible_to(self, member: Member) -> MoveQuerySet:
        return self.filter(team_id=member.team_id)


class Move(models.Model):
    """A file of another system on its way in. `done` counts its documents that were carried out; it moves with them in one transaction.

    `customers`, `tickets`, `entries` are new ones, `known` documents that brought nothing new, `problems` those that could not be read.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    system = models.CharField(_("system"), max_length=9, choices=System)
    file = models.FileField(upload_to="moves/%Y/%m/")
    name = models.CharField(max_length=255)
    dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    done = models.PositiveBigIntegerField(default=0)
    customers = models.PositiveBigIntegerField(default=0)
    tickets = models.PositiveBigIntegerField(default=0)
    entries = models.PositiveBigIntegerField(default=0)
    known = models.PositiveBigIntegerField(default=0)
    problems = models.PositiveBigIntegerField(default=0)
    error = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = MoveQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["team", "-id"], name="move_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_running(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)


class MoveProblem(models.Model):
    """A document that could not be brought in: its place in the file, counted from 1, what it calls itself, and why (`reading.REASONS`)."""

    move = models.ForeignKey(Move, models.CASCADE, related_name="problem_rows", db_index=False)
    place = models.PositiveBigIntegerField()
    external_id = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=40)
    where = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["place", "id"]
        constraints = [models.UniqueConstraint(fields=["move", "place"], name="move_problem_is_told_once")]

    def __str__(self) -> str:
        return f"{self.place}: {self.code}"
