"""Schedules in the REST API: change, pause, look ahead, and what became of due times."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import find, require
from common.api.views import PortalReadViewSet
from common.filters import sensible_moment
from scheduling.api.automations import StrictSerializer
from scheduling.filters import OccurrenceFilter, ScheduleFilter
from scheduling.models import Automation, Occurrence, Schedule
from scheduling.services import schedules


class ScheduleSerializer(serializers.ModelSerializer[Schedule]):
    automation_name = serializers.CharField(source="automation.name", read_only=True)
    words = serializers.SerializerMethodField(help_text="The expression in plain English.")
    paused = serializers.SerializerMethodField()

    class Meta:
        model = Schedule
        fields: tuple[str, ...] = (
            "id", "automation", "automation_name", "cron", "zone", "words", "enabled", "overlap",
            "catch_up", "paused", "paused_until", "pause_reason", "paused_by", "next_due_at",
            "last_due_at", "created_at",
        )  # fmt: skip

    def get_words(self, schedule: Schedule) -> str:
        return schedules.preview(schedule.cron, schedule.zone, count=0).words

    def get_paused(self, schedule: Schedule) -> bool:
        return schedule.is_paused_at(timezone.now())


class ScheduleDetailSerializer(ScheduleSerializer):
    next_times = serializers.SerializerMethodField(
        help_text="The next five; empty while it or its automation is switched off."
    )

    class Meta(ScheduleSerializer.Meta):
        fields = (*ScheduleSerializer.Meta.fields, "next_times")

    def get_next_times(self, schedule: Schedule) -> list[datetime]:
        if schedule.next_due_at is None:
            return []
        return list(schedules.preview(schedule.cron, schedule.zone).times)


class ScheduleChangeSerializer(StrictSerializer):
    """Shapes only; what makes a good value is decided by the service."""

    cron = serializers.CharField(help_text="Five fields, such as 0 2 * * 1-5.")
    zone = serializers.CharField(help_text="IANA name, such as Europe/Berlin.")
    overlap = serializers.ChoiceField(Schedule.Overlap.choices, required=False)
    catch_up = serializers.ChoiceField(Schedule.CatchUp.choices, required=False)
    enabled = serializers.BooleanField(required=False)


class NewScheduleSerializer(ScheduleChangeSerializer):
    automation = serializers.IntegerField(min_value=1, max_value=10**18)


class PauseSerializer(StrictSerializer):
    until = serializers.DateTimeField(
        required=False, allow_null=True, default=None,
        validators=[sensible_moment], help_text="null: until somebody resumes it.",
    )  # fmt: skip
    reason = serializers.CharField(max_length=300)


class CronSerializer(StrictSerializer):
    cron = serializers.CharField(max_length=120)
    zone = serializers.CharField(max_length=60, default="UTC")
    after = serializers.DateTimeField(
        required=False, validators=[sensible_moment], help_text="From now on when left out."
    )
    count = serializers.IntegerField(min_value=1, max_value=50, default=5)


class CronPreviewSerializer(serializers.Serializer[Any]):
    """`problem` says what is wrong and `field` where; both are empty otherwise."""

    words = serializers.CharField()
    times = serializers.ListField(child=serializers.DateTimeField())
    problem = serializers.CharField()
    field = serializers.CharField()


class OccurrenceSerializer(serializers.ModelSerializer[Occurrence]):
    automation = serializers.IntegerField(source="schedule.automation_id", read_only=True)

    class Meta:
        model = Occurrence
        fields = (
            "id",
            "schedule",
            "automation",
            "due_at",
            "outcome",
            "note",
            "times",
            "run",
            "created_at",
        )


class ScheduleViewSet(PortalReadViewSet):
    """When automations start: the schedules of those you see."""

    queryset = Schedule.objects.select_related("automation")
    serializer_class = ScheduleSerializer
    filterset_class = ScheduleFilter
    verb = "scheduling.automation.view"
    ordering_fields = {
        "next_due_at": "next_due_at", "last_due_at": "last_due_at", "created_at": "created_at",
        "automation": "automation__name",
    }  # fmt: skip

    def get_serializer_class(self) -> type[serializers.ModelSerializer[Schedule]]:
        return ScheduleSerializer if self.action == "list" else ScheduleDetailSerializer

    @extend_schema(request=NewScheduleSerializer, responses={201: ScheduleDetailSerializer})
    def create(self, request: Request) -> Response:
        """Add a schedule to an automation; it may have several."""
        values = self._read(NewScheduleSerializer(data=request.data))
        owner = find(self.actor, Automation.objects.all(), pk=values.pop("automation"))
        made = schedules.create(owner, actor=self.actor, **values)
        location = {"Location": f"/api/v1/schedules/{made.pk}/"}
        return Response(self.get_serializer(made).data, status=201, headers=location)

    @extend_schema(request=ScheduleChangeSerializer, responses=ScheduleDetailSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is given; it is due anew from now on."""
        schedule = self.get_object()
        require(self.actor, "scheduling.schedule.edit", schedule)
        values = self._read(ScheduleChangeSerializer(data=request.data, partial=True))
        schedule = schedules.update(schedule, actor=self.actor, **values)
        return Response(self.get_serializer(schedule).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it with what it remembers of its due times."""
        schedules.delete(self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=PauseSerializer, responses=ScheduleDetailSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Leave out its starts until a moment, or until it is resumed."""
        schedule = self.get_object()
        values = self._read(PauseSerializer(data=request.data))
        schedule = schedules.pause(schedule, actor=self.actor, **values)
        return Response(self.get_serializer(schedule).data)

    @extend_schema(request=None, responses=ScheduleDetailSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """End the pause now; 409 when it is not paused."""
        schedule = schedules.resume(self.get_object(), actor=self.actor)
        return Response(self.get_serializer(schedule).data)

    @extend_schema(parameters=[CronSerializer], responses=CronPreviewSerializer, filters=False)
    @action(detail=False, pagination_class=None)
    def preview(self, request: Request) -> Response:
        """What an expression means and when it would start; a wrong one is told, not refused."""
        values = self._read(CronSerializer(data=request.query_params.dict()))
        return Response(CronPreviewSerializer(asdict(schedules.preview(**values))).data)

    def _read(self, form: serializers.Serializer[Any]) -> dict[str, Any]:
        form.is_valid(raise_exception=True)
        return dict(form.validated_data)


class OccurrenceViewSet(PortalReadViewSet):
    """What became of the due times of schedules."""

    queryset = Occurrence.objects.select_related("schedule")
    serializer_class = OccurrenceSerializer
    filterset_class = OccurrenceFilter
    verb = "scheduling.automation.view"
    ordering = "-due_at"
    ordering_fields = {"due_at": "due_at"}
