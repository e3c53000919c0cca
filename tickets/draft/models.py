"""What somebody has typed and not sent yet, so that another device, or the same one after a crash, can offer it again."""

from __future__ import annotations

from django.db import models

from tickets.people.models import Member, Team


class Draft(models.Model):
    """The fields of one form of one person, as of the last rest while typing. Files are not part of it."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, models.CASCADE, related_name="drafts")
    key = models.CharField(max_length=80)
    values = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "key"], name="a_member_has_one_draft_of_a_form")]
        indexes = [models.Index(fields=["team", "at"], name="draft_of_team_at")]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.key}"
