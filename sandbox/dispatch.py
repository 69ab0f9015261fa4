"""Which objects have a handler of their own, by name and in front of their rows.

An object of `HANDLERS` may also have a `Shape`: what its handler does not
answer (None) goes to the rows. `PRIVILEGES` names what a user needs for it.
"""

from __future__ import annotations

from sandbox import (
    artifact_api,
    component_api,
    connector_api,
    counts,
    log_api,
    run_requests,
    schedule_api,
    summaries,
)
from sandbox.activity_shapes import ACTIVITY_SHAPES, COUNTS
from sandbox.asking import Handler
from sandbox.shapes import SHAPES, Shape

HANDLERS: dict[str, Handler] = {
    "ProcessLog": log_api.process_log,
    "ExecutionRequest": run_requests.execution_request,
    "executeProcess": run_requests.execute_process,
    "ExecutionRecord": run_requests.requested_record,
    "cancelExecution": run_requests.cancel_execution,
    "ProcessSchedules": schedule_api.process_schedules,
    "ProcessScheduleStatus": schedule_api.schedule_status,
    "ExecutionConnector": connector_api.execution_connectors,
    "GenericConnectorRecord": connector_api.connector_records,
    "ConnectorDocument": connector_api.connector_document,
    "ExecutionArtifacts": artifact_api.execution_artifacts,
    "AtomLog": artifact_api.atom_log,
    "AtomWorkerLog": artifact_api.atom_worker_log,
    "ExecutionSummaryRecord": summaries.summary_records,
    **{shape.name: counts.counted for shape in COUNTS},
    "Component": component_api.component,
    "ComponentMetadata": component_api.metadata,
    "ComponentReference": component_api.references,
    "PackagedComponentManifest": component_api.manifest,
}
ALL_SHAPES: dict[str, Shape] = SHAPES | ACTIVITY_SHAPES
PRIVILEGES: dict[str, str] = {name: shape.privilege for name, shape in ALL_SHAPES.items()} | {
    "ProcessLog": "VIEW_RESULT",
    "ExecutionRequest": "EXECUTE",
    "executeProcess": "EXECUTE",
    "cancelExecution": "EXECUTE",
    "ConnectorDocument": "VIEW_DATA",
    "ExecutionArtifacts": "VIEW_RESULT",
    "AtomLog": "ATOM_MANAGEMENT_READ_ONLY",
    "AtomWorkerLog": "ATOM_MANAGEMENT_READ_ONLY",
    "Component": "BUILD_READ_ACCESS",
    "PackagedComponentManifest": "PACKAGE_MANAGEMENT",
}
