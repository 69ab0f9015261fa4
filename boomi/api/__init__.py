"""REST endpoints of connections and of what is mirrored through them."""

from rest_framework.routers import BaseRouter

from boomi.api.accounts import AccountViewSet
from boomi.api.activity import (
    AuditEntryViewSet,
    EventViewSet,
    ProcessScheduleViewSet,
    SummaryViewSet,
)
from boomi.api.calls import CallViewSet, UsageViewSet
from boomi.api.components import ComponentViewSet, PackageViewSet
from boomi.api.connections import ConnectionViewSet
from boomi.api.executions import ExecutionViewSet
from boomi.api.landscape import DeploymentViewSet, EnvironmentViewSet, RuntimeViewSet


def register(router: BaseRouter) -> None:
    router.register("accounts", AccountViewSet, basename="accounts")
    router.register("calls", CallViewSet, basename="calls")
    router.register("usage", UsageViewSet, basename="usage")
    router.register("connections", ConnectionViewSet, basename="connections")
    router.register("environments", EnvironmentViewSet, basename="environments")
    router.register("runtimes", RuntimeViewSet, basename="runtimes")
    router.register("deployments", DeploymentViewSet, basename="deployments")
    router.register("components", ComponentViewSet, basename="components")
    router.register("packages", PackageViewSet, basename="packages")
    router.register("executions", ExecutionViewSet, basename="executions")
    router.register("execution-summaries", SummaryViewSet, basename="execution-summaries")
    router.register("platform-events", EventViewSet, basename="platform-events")
    router.register("platform-audit", AuditEntryViewSet, basename="platform-audit")
    router.register("process-schedules", ProcessScheduleViewSet, basename="process-schedules")
