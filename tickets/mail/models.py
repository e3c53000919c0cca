"""The team's mailbox, and every letter that came, once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.people.models import Member, Team
from tickets.ticket.models import Ticket


class Mailbox(models.Model):
    """The address that customers write to. Without a `host` letters are piped in (`manage.py receive_mail`).

    `seen_uid` is the last letter fetched of the folder as it is while `uid_validity` lasts; `failures` in a row put off `next_at`.
    The password is sealed (`web.sealed`).
    """

    class Security(models.TextChoices):
        SSL = "ssl", _("TLS")
        STARTTLS = "starttls", "STARTTLS"

    team = models.OneToOneField(Team, models.CASCADE, related_name="mailbox")
    address = models.EmailField(_("address"), max_length=160, unique=True)
    host = models.CharField(_("IMAP server"), max_length=255, blank=True)
    port = models.PositiveIntegerField(_("port"), default=993)
    security = models.CharField(_("security"), max_length=8, choices=Security, default=Security.SSL)
    username = models.CharField(_("user name"), max_length=255, blank=True)
    password = models.TextField(blank=True)
    folder = models.CharField(_("folder"), max_length=120, default="INBOX")
    is_on = models.BooleanField(_("in use"), default=True)
    uid_validity = models.BigIntegerField(default=0)
    seen_uid = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(host="") | ~Q(username="") & ~Q(password=""), name="mailbox_with_a_server_signs_in"),
            models.CheckConstraint(condition=Q(port__gte=1, port__lte=65535), name="mailbox_port_is_one"),
        ]

    def __str__(self) -> str:
        return self.address


class LetterQuerySet(models.QuerySet["Letter"]):
    def visible_to(self, member: Member) -> LetterQuerySet:
        return self.filter(team_id=member.team_id)


class Letter(models.Model):
    """One e-mail, known by its Message-ID (or, without one, by a hash of all of it). `text` is kept where no ticket has it, and so are the
    letter's own bytes (`raw`), so that it can be taken after all; of one that was too large, its beginning."""

    class Outcome(models.TextChoices):
        OPENED = "opened", _("Opened a matter")
        ADDED = "added", _("Added to a matter")
        AUTO = "auto", _("Automatic answer")
        BOUNCE = "bounce", _("Could not be delivered")
        LOOP = "loop", _("Our own letter")
        TOO_MANY = "too_many", _("Too many from this sender")
        TOO_BIG = "too_big", _("Too large")
        FAILED = "failed", _("Could not be read")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    message_id = models.CharField(max_length=255)
    sender = models.CharField(_("from"), max_length=160, blank=True)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome)
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="letters")
    text = models.TextField(blank=True)
    raw = models.FileField(upload_to="letters/%Y/%m/", blank=True)
    left_out = models.JSONField(default=list)
    at = models.DateTimeField()

    objects = LetterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "message_id"], name="letter_is_taken_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["opened", "added"], ticket__isnull=False) | ~Q(outcome__in=["opened", "added"]),
                name="letter_that_was_taken_says_where",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "-id"], name="letter_newest"),
            models.Index(fields=["team", "sender", "at"], name="letter_by_sender"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_taken(self) -> bool:
        return self.outcome in (self.Outcome.OPENED, self.Outcome.ADDED)
