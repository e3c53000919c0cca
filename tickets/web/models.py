"""Answers kept so that a repeated request does nothing twice."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Reply(models.Model):
    """The first answer to a POST with an `Idempotency-Key`; stored in the transaction that did the work."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="reply_key_is_used_once")]

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"
