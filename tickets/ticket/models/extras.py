"""What hangs on a ticket: watchers, attachments; and the lists people keep."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Team
from tickets.ticket.models.ticket import Ticket


class Watcher(models.Model):
    """Somebody who wants to hear of a ticket, or was mentioned in it."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="watchers", db_index=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    mentioned = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "member"], name="watcher_watches_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.member_id}"


class Attachment(models.Model):
    """A picture or a PDF of a ticket. Served only through the door, never run."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="attachments")
    file = models.FileField(upload_to="attachments/%Y/%m/")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=60)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")  # empty: it came with a letter
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class SavedView(models.Model):
    """A list's filters under a name, one's own or the team's."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    owner = models.ForeignKey(Member, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    page = models.CharField(max_length=30, default="tickets")
    query = models.CharField(max_length=500)
    shared = models.BooleanField(_("for the whole team"), default=False)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "page", "name"], name="saved_view_name_is_unique")]

    def __str__(self) -> str:
        return self.name
