"""Stored analyses of process logs."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from boomi.models import Execution, LogFile
from common.models import Team
from common.states import Transitions


class AnalysisStatus(models.TextChoices):
    PENDING = "pending", "Waiting"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Analysis(models.Model):
    """One log, read by one version of the engine.

    Of an execution there is one row per engine version; of an upload one per upload. `result`
    is the object of `analyze --json`; what lists and cards need stands in columns beside it.
    """

    TRANSITIONS: ClassVar[Transitions] = {
        AnalysisStatus.PENDING: frozenset({AnalysisStatus.DONE, AnalysisStatus.FAILED}),
        AnalysisStatus.FAILED: frozenset({AnalysisStatus.PENDING}),
        AnalysisStatus.DONE: frozenset(),
    }

    execution = models.ForeignKey(
        Execution, null=True, blank=True, on_delete=models.CASCADE, related_name="analyses"
    )
    log_file = models.ForeignKey(
        LogFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="analyses"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="analyses",
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="analyses"
    )
    name = models.CharField(max_length=200)
    status = models.CharField(
        max_length=10, choices=AnalysisStatus.choices, default=AnalysisStatus.PENDING
    )
    engine_version = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    verdict = models.CharField(max_length=500, blank=True)
    outcome = models.CharField(max_length=30, blank=True)
    first_fault_line = models.BigIntegerField(null=True, blank=True)
    first_fault_step = models.CharField(max_length=300, blank=True)
    first_fault_text = models.TextField(blank=True)
    severe_count = models.PositiveIntegerField(default=0)
    warning_count = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.CharField(max_length=1000, blank=True)
    error_hint = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "analyses"
        constraints = [
            models.UniqueConstraint(
                fields=["execution", "engine_version"],
                condition=models.Q(execution__isnull=False),
                name="analysis_one_per_execution_and_engine",
            ),
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="analysis_owner")]

    def __str__(self) -> str:
        return self.name
