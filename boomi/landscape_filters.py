"""What the lists of runtimes and deployments can be narrowed by on their pages."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet

from boomi.models import Account, Component, Deployment, Environment, Runtime
from common.audit_filters import MomentInput
from common.filters import MomentFilter, RemoteIdFilter, choosable

RUNTIME_STATUSES = (
    ("ONLINE", "Online"),
    ("WARNING", "Warning"),
    ("OFFLINE", "Offline"),
    ("UNKNOWN", "Unknown"),
)
ON_OFF = (("true", "Live now"), ("false", "Replaced or undeployed"))


class PageFilter(django_filters.FilterSet):  # type: ignore[misc]
    account = RemoteIdFilter(
        "account",
        queryset=choosable(Account),
        to_field_name="account_id",
        empty_label="Any",
        label="Account",
    )


class RuntimePageFilter(PageFilter):
    """Narrows runtimes by name, account, status and environment."""

    q = django_filters.CharFilter(method="named", label="Name, host or id")
    status = django_filters.ChoiceFilter(
        choices=RUNTIME_STATUSES, empty_label="Any", label="Status"
    )
    environment = RemoteIdFilter(
        "environments",
        queryset=choosable(Environment),
        to_field_name="environment_id",
        empty_label="Any",
        label="Environment",
    )

    class Meta:
        model = Runtime
        fields: tuple[str, ...] = ()

    def named(self, rows: QuerySet[Runtime], name: str, value: str) -> QuerySet[Runtime]:
        return rows.filter(
            Q(name__icontains=value) | Q(host_name__icontains=value) | Q(runtime_id=value)
        )


class DeploymentPageFilter(PageFilter):
    """Narrows deployments by what was deployed, where, by whom and when."""

    q = django_filters.CharFilter(method="named", label="Component, package, note or id")
    environment = RemoteIdFilter(
        method="in_environment",
        queryset=choosable(Environment),
        to_field_name="environment_id",
        empty_label="Any",
        label="Environment",
    )
    by = django_filters.CharFilter("deployed_by", "icontains", label="Deployed by")
    active = django_filters.ChoiceFilter(
        choices=ON_OFF, method="live", empty_label="Any", label="State"
    )
    after = MomentFilter("deployed_at", "gte", label="From", widget=MomentInput)
    before = MomentFilter("deployed_at", "lt", label="Until", widget=MomentInput)

    class Meta:
        model = Deployment
        fields: tuple[str, ...] = ()

    def named(self, rows: QuerySet[Deployment], name: str, value: str) -> QuerySet[Deployment]:
        components = Component.objects.filter(name__icontains=value).order_by()
        return rows.filter(
            Q(component_id__in=components.values("component_id"))
            | Q(package_version__icontains=value)
            | Q(notes__icontains=value)
            | Q(deployment_id=value)
            | Q(package_id=value)
            | Q(component_id=value)
        )

    def in_environment(
        self, rows: QuerySet[Deployment], name: str, value: Environment
    ) -> QuerySet[Deployment]:
        return rows.filter(environment_id=value.environment_id)

    def live(self, rows: QuerySet[Deployment], name: str, value: str) -> QuerySet[Deployment]:
        return rows.filter(active=value == "true")
