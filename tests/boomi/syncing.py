"""Running syncs to their end in a test, and what the mirror holds afterwards."""

from __future__ import annotations

from collections import Counter

from django.db.models import Model

from boomi.models import (
    AccountGroup,
    Component,
    ComponentReference,
    ComponentVersion,
    Connection,
    Deployment,
    Environment,
    Execution,
    ExecutionConnector,
    ExecutionSummary,
    Folder,
    PackagedComponent,
    PlatformAuditEntry,
    PlatformEvent,
    ProcessSchedule,
    Runtime,
)
from boomi.services import sync
from common.actors import Actor
from scheduling.models import JobRun
from scheduling.testing import drain

# The natural key and what else must be alike, however a row came here.
TOLD: dict[type[Model], tuple[str, ...]] = {
    AccountGroup: ("group_id", "name"),
    Environment: ("environment_id", "name", "gone_at"),
    Runtime: ("runtime_id", "name", "status", "gone_at"),
    Execution: ("execution_id", "status", "outcome", "message", "duration_ms", "triggered_by"),
    ExecutionConnector: ("execution__execution_id", "connector_id", "error_count"),
    ExecutionSummary: ("process_id", "runtime_id", "status", "time_block", "executions"),
    PlatformEvent: ("event_id", "type", "status", "at"),
    Deployment: ("deployment_id", "package_id", "active", "deployed_at"),
    PackagedComponent: ("package_id", "component_id", "deleted", "manifest"),
    Folder: ("folder_id", "full_path", "deleted"),
    Component: ("component_id", "name", "version", "deleted", "references_version"),
    ComponentVersion: ("component__component_id", "version", "current", "modified_by"),
    ComponentReference: ("parent_component_id", "parent_version", "component_id", "current"),
    ProcessSchedule: ("schedule_id", "entries", "enabled"),
    PlatformAuditEntry: ("document_id", "user", "type", "properties"),
}


def run_sync(connection: Connection, **options) -> JobRun:
    """Ask for a sync as its owner and work it off."""
    run = sync.request(connection, actor=Actor.person(connection.owner), **options)
    drain(ignore_waits=True)
    run.refresh_from_db()
    return run


def mirrored() -> dict[str, Counter[str]]:
    """Everything the mirror holds, by kind; equal for two syncs of one platform."""
    return {
        model.__name__: Counter(map(str, model._default_manager.values_list(*columns)))
        for model, columns in TOLD.items()
    }
