"""Calls to the platform in the REST API: each one, and what they cost together."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from boomi import usage, usage_page
from boomi.call_filters import CallFilter
from boomi.models import ApiCall
from common.actors import Actor
from common.api.views import PortalReadViewSet
from common.errors import InputError


class CallSerializer(serializers.ModelSerializer[ApiCall]):
    class Meta:
        model = ApiCall
        fields = (
            "id", "at", "service", "account_id", "override_account", "connection_id", "feature",
            "purpose", "method", "path", "status", "duration_ms", "attempt", "request_bytes",
            "response_bytes", "error", "request_id",
        )  # fmt: skip


class CallViewSet(PortalReadViewSet):
    """HTTP attempts made with your connections; neither bodies nor tokens are kept."""

    queryset = ApiCall.objects.all()
    serializer_class = CallSerializer
    filterset_class = CallFilter
    ordering_fields = {"at": "at", "duration_ms": "duration_ms"}


class QuotaSerializer(serializers.Serializer[Any]):
    account_id = serializers.CharField()
    minute = serializers.IntegerField(help_text="Calls in the last 60 seconds.")
    minute_cap = serializers.IntegerField()
    hour = serializers.IntegerField(help_text="Calls in the last 60 minutes.")
    hour_cap = serializers.IntegerField()
    high = serializers.BooleanField(help_text="At 80 % of a cap or above.")
    circuit = serializers.CharField(help_text="closed, open or half_open.")
    circuit_reason = serializers.CharField(allow_blank=True)


class SumsSerializer(serializers.Serializer[Any]):
    calls = serializers.IntegerField(help_text="HTTP attempts.")
    asked = serializers.IntegerField(help_text="Calls, repeats not counted.")
    failed = serializers.IntegerField(help_text="Calls without a usable answer after all repeats.")
    throttled = serializers.IntegerField(help_text="Attempts answered with 503 or 429.")
    duration_ms = serializers.IntegerField()
    bytes = serializers.IntegerField()


class FeatureSerializer(SumsSerializer):
    feature = serializers.CharField(allow_blank=True)


class HourSerializer(serializers.Serializer[Any]):
    hour = serializers.DateTimeField()
    calls = serializers.DictField(child=serializers.IntegerField(), help_text="By feature.")


class UsageSerializer(serializers.Serializer[Any]):
    since = serializers.DateTimeField()
    quota = QuotaSerializer(many=True)
    total = SumsSerializer()
    features = FeatureSerializer(many=True)
    hours = HourSerializer(many=True)
    today = serializers.IntegerField(help_text="Calls since midnight in your time zone.")
    today_forecast = serializers.IntegerField()


class UsageViewSet(viewsets.ViewSet):
    """What calls to the platform cost, for the accounts you see."""

    @extend_schema(
        responses=UsageSerializer,
        operation_id="usage_retrieve",
        parameters=[
            OpenApiParameter("span", str, enum=[*usage_page.SPANS], description="24h by default."),
            OpenApiParameter("account", str, description="Account id; all you see by default."),
        ],
    )
    def list(self, request: Request) -> Response:
        accounts = usage.charged(Actor.of(request, "api"))
        if wanted := request.query_params.get("account", ""):
            accounts = [one for one in accounts if one.account_id == wanted]
        ids, now = [account.account_id for account in accounts], timezone.now()
        hours = usage_page.hours_of(_span(request), now)
        found = usage.of(ids, hours[0])
        so_far, whole_day = usage_page.today(ids, now)
        body = {
            "since": hours[0],
            "quota": [_quota(gauge) for gauge in usage.gauges(accounts, now)],
            "total": asdict(found.total),
            "features": [
                {"feature": line.feature, **asdict(line.sums)} for line in usage_page.lines(found)
            ],
            "hours": [{"hour": hour, "calls": found.by_hour.get(hour, {})} for hour in hours],
            "today": so_far,
            "today_forecast": whole_day,
        }
        return Response(UsageSerializer(body).data)


def _span(request: Request) -> timedelta:
    name = request.query_params.get("span", "") or "24h"
    if name not in usage_page.SPANS:
        text = f"Choose among {', '.join(usage_page.SPANS)}."
        raise InputError(f"There is no span {name!r}.", fields={"span": [text]})
    return usage_page.SPANS[name]


def _quota(gauge: usage.Gauge) -> dict[str, object]:
    return {
        "account_id": gauge.account.account_id,
        "minute": gauge.minute,
        "minute_cap": gauge.minute_cap,
        "hour": gauge.hour,
        "hour_cap": gauge.hour_cap,
        "high": gauge.is_high,
        "circuit": gauge.circuit.state if gauge.circuit else "closed",
        "circuit_reason": gauge.circuit.reason if gauge.circuit else "",
    }
