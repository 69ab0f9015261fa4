"""Stored log files."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class LogFile(models.Model):
    """A stored log: independent gzip members of about 1 MiB and where each begins.

    Content-addressed: equal logs are stored once. `index` is a list of
    [first line (1-based), offset, length] per member; `created_at` is about when equal bytes
    were stored last.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    storage_key = models.CharField(max_length=200)
    size = models.BigIntegerField(help_text="Bytes of the log itself.")
    stored_size = models.BigIntegerField()
    lines = models.BigIntegerField()
    encoding = models.CharField(max_length=20, default="utf-8")
    index = models.JSONField(default=list)
    retention = models.CharField(max_length=20, default="normal")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name
