"""How long the log of calls to the platform is kept."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from boomi.models import ApiCall
from common.pruning import delete_old


def forget_old() -> int:
    """Delete calls older than RETENTION_API_CALL_DAYS, oldest first; returns how many."""
    before = timezone.now() - timedelta(days=settings.RETENTION_API_CALL_DAYS)
    return delete_old(ApiCall.objects.filter(at__lt=before).order_by("at"))
