"""What is mirrored of an account beside its executions: environments, runtimes, deployments."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from boomi.models import Account, Deployment, Environment, Runtime
from common.api.views import PortalReadViewSet
from common.filters import MomentFilter, RemoteIdFilter, choosable


class EnvironmentSerializer(serializers.ModelSerializer[Environment]):
    account_id = serializers.CharField(source="account.account_id", read_only=True)

    class Meta:
        model = Environment
        fields = (
            "id", "account_id", "environment_id", "name", "classification", "gone_at", "seen_at",
        )  # fmt: skip


class AttachedSerializer(serializers.ModelSerializer[Environment]):
    class Meta:
        model = Environment
        fields = ("id", "environment_id", "name")


class RuntimeSerializer(serializers.ModelSerializer[Runtime]):
    account_id = serializers.CharField(source="account.account_id", read_only=True)
    environments = serializers.SerializerMethodField()

    class Meta:
        model = Runtime
        fields = (
            "id", "account_id", "runtime_id", "name", "status", "status_since", "type",
            "host_name", "version", "purge_days", "environments", "gone_at", "seen_at",
        )  # fmt: skip

    @extend_schema_field(AttachedSerializer(many=True))
    def get_environments(self, runtime: Runtime) -> list[dict[str, Any]]:
        return list(AttachedSerializer(runtime.environments.all(), many=True).data)


class DeploymentSerializer(serializers.ModelSerializer[Deployment]):
    account_id = serializers.CharField(source="account.account_id", read_only=True)

    class Meta:
        model = Deployment
        fields = (
            "id", "account_id", "deployment_id", "environment_id", "component_id",
            "component_type", "component_version", "package_id", "package_version", "version",
            "active", "deployed_at", "deployed_by", "notes", "listener_status", "seen_at",
        )  # fmt: skip


class OfAccountFilter(django_filters.FilterSet):  # type: ignore[misc]
    account = RemoteIdFilter(
        "account", queryset=choosable(Account), to_field_name="account_id", label="Account"
    )


class StillThereFilter(OfAccountFilter):
    q = django_filters.CharFilter("name", "icontains", label="Part of the name")
    gone = django_filters.BooleanFilter(
        "gone_at", "isnull", exclude=True, label="No longer on the platform"
    )


class EnvironmentFilter(StillThereFilter):
    class Meta:
        model = Environment
        fields = ("environment_id", "classification")


class RuntimeFilter(StillThereFilter):
    environment = django_filters.CharFilter(
        "environments__environment_id", distinct=True, label="Environment it is attached to"
    )

    class Meta:
        model = Runtime
        fields = ("runtime_id", "status", "type")


class DeploymentFilter(OfAccountFilter):
    deployed_after = MomentFilter("deployed_at", "gte", label="Deployed at or after")
    deployed_before = MomentFilter("deployed_at", "lt", label="Deployed before")

    class Meta:
        model = Deployment
        fields = ("environment_id", "component_id", "component_type", "package_version", "active")


class EnvironmentViewSet(PortalReadViewSet):
    """The environments of the accounts you see."""

    queryset = Environment.objects.select_related("account")
    serializer_class = EnvironmentSerializer
    filterset_class = EnvironmentFilter
    ordering = "name"
    ordering_fields = {"name": "name", "seen_at": "seen_at"}


class RuntimeViewSet(PortalReadViewSet):
    """The runtimes (Atoms, Molecules, clouds) of the accounts you see."""

    queryset: QuerySet[Runtime] = Runtime.objects.select_related("account").prefetch_related(
        Prefetch("environments", Environment.objects.order_by("name"))
    )
    serializer_class = RuntimeSerializer
    filterset_class = RuntimeFilter
    ordering = "name"
    ordering_fields = {"name": "name", "status": "status", "seen_at": "seen_at"}


class DeploymentViewSet(PortalReadViewSet):
    """The deployment history of the environments you see."""

    queryset = Deployment.objects.select_related("account")
    serializer_class = DeploymentSerializer
    filterset_class = DeploymentFilter
    ordering = "-deployed_at"
    ordering_fields = {"deployed_at": "deployed_at"}
