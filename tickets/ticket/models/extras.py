"""What hangs on a ticket: watchers, attachments; and the lists people keep."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
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


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, member: Member) -> SavedViewQuerySet:
        return self.filter(Q(owner=member) | Q(shared=True), team_id=member.team_id)


class SavedView(models.Model):
    """A list's filters under a name, one's own or the team's."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    owner = models.ForeignKey(Member, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    page = models.CharField(max_length=30, default="tickets")
    query = models.CharField(max_length=500)
    shared = models.BooleanField(_("for the whole team"), default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "page", "name"], name="saved_view_name_is_unique")]

    def __str__(self) -> str:
        return self.name


class OpeningView(models.Model):
    """The view that somebody's list opens with: one of their own, or a shared one of their team."""

    member = models.OneToOneField(Member, models.CASCADE, related_name="+")
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="opens_for")

    class Meta:
        triggers = [
            pgtrigger.Trigger(
                name="opening_view_is_ones_own_or_shared",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NOT EXISTS (SELECT 1 FROM tickets_savedview v JOIN tickets_member m ON m.team_id = v.team_id
                                   WHERE v.id = NEW.view_id AND m.id = NEW.member_id AND (v.shared OR v.owner_id = m.id)) THEN
                        RAISE EXCEPTION 'opening_view_is_ones_own_or_shared' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.view_id}"
