"""The platform's objects as values. `from_api` takes one JSON object as it was received.

Absent texts are "", absent numbers, booleans and times None: the platform omits what it
does not know, and nothing is invented here. Times are aware UTC, durations ms, sizes
bytes. `raw` keeps every field that is not named here, under the platform's name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from boomi.client.fields import Fields

Source = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """Object Account."""

    account_id: str
    name: str
    status: str
    created_at: datetime | None
    expires_at: datetime | None
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("an Account", source)
        return cls(
            account_id=read.required_text("accountId"),
            name=read.text("name"),
            status=read.text("status"),
            created_at=read.moment("dateCreated"),
            expires_at=read.moment("expirationDate"),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class EnvironmentRecord:
    """Object Environment; `classification` is PROD or TEST."""

    environment_id: str
    name: str
    classification: str
    parent_account: str
    parent_environment: str
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("an Environment", source)
        return cls(
            environment_id=read.required_text("id"),
            name=read.text("name"),
            classification=read.text("classification"),
            parent_account=read.text("parentAccount"),
            parent_environment=read.text("parentEnvironment"),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class AtomRecord:
    """Object Atom, which people call a runtime.

    `status` is UNKNOWN, ONLINE, WARNING or OFFLINE; `atom_type` ATOM, MOLECULE or CLOUD.
    """

    atom_id: str
    name: str
    status: str
    status_detail: str
    atom_type: str
    host_name: str
    version: str
    installed_at: datetime | None
    purge_history_days: int | None
    cloud_id: str
    cloud_name: str
    instance_id: str
    is_cloud_attachment: bool | None
    capabilities: tuple[str, ...]
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("an Atom", source)
        return cls(
            atom_id=read.required_text("id"),
            name=read.text("name"),
            status=read.text("status"),
            status_detail=read.text("statusDetail"),
            atom_type=read.text("type"),
            host_name=read.text("hostName"),
            version=read.text("currentVersion"),
            installed_at=read.moment("dateInstalled"),
            purge_history_days=read.integer("purgeHistoryDays"),
            cloud_id=read.text("cloudId"),
            cloud_name=read.text("cloudName"),
            instance_id=read.text("instanceId"),
            is_cloud_attachment=read.boolean("isCloudAttachment"),
            capabilities=read.texts("capabilities"),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class AttachmentRecord:
    """Object EnvironmentAtomAttachment: the only way from a runtime to its environment."""

    attachment_id: str
    atom_id: str
    environment_id: str
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("an EnvironmentAtomAttachment", source)
        return cls(
            attachment_id=read.text("id"),
            atom_id=read.required_text("atomId"),
            environment_id=read.required_text("environmentId"),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class ExecutionRecord:
    """Object ExecutionRecord: one run of a process.

    `started_at` is executionTime. There is no end field: `recorded_at` is when the
    platform recorded the run. `error_documents` counts inbound documents in error.
    `launcher_id` is launcherID, spelled launcherId in filters.
    """

    execution_id: str
    original_execution_id: str
    account: str
    started_at: datetime
    status: str
    execution_type: str
    process_id: str
    process_name: str
    atom_id: str
    atom_name: str
    inbound_documents: int | None
    outbound_documents: int | None
    error_documents: int | None
    duration_ms: int | None
    inbound_bytes: int | None
    outbound_bytes: int | None
    message: str
    parent_execution_id: str
    top_level_execution_id: str
    report_key: str
    launcher_id: str
    node_id: str
    recorded_at: datetime | None
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("an ExecutionRecord", source)
        return cls(
            execution_id=read.required_text("executionId"),
            original_execution_id=read.text("originalExecutionId"),
            account=read.text("account"),
            started_at=read.required_moment("executionTime"),
            status=read.text("status"),
            execution_type=read.text("executionType"),
            process_id=read.text("processId"),
            process_name=read.text("processName"),
            atom_id=read.text("atomId"),
            atom_name=read.text("atomName"),
            inbound_documents=read.integer("inboundDocumentCount"),
            outbound_documents=read.integer("outboundDocumentCount"),
            error_documents=read.integer("inboundErrorDocumentCount"),
            duration_ms=read.integer("executionDuration"),
            inbound_bytes=read.integer("inboundDocumentSize"),
            outbound_bytes=read.integer("outboundDocumentSize"),
            message=read.text("message"),
            parent_execution_id=read.text("parentExecutionId"),
            top_level_execution_id=read.text("topLevelExecutionId"),
            report_key=read.text("reportKey"),
            launcher_id=read.text("launcherID", "launcherId"),
            node_id=read.text("nodeId"),
            recorded_at=read.moment("recordedDate"),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class ComponentMetadataRecord:
    """Object ComponentMetadata: one version of a component.

    `modified_*` belong to this version, `created_*` to the component. `current` is
    true on the latest version of the main branch only.
    """

    component_id: str
    version: int | None
    name: str
    component_type: str
    sub_type: str
    created_at: datetime | None
    created_by: str
    modified_at: datetime | None
    modified_by: str
    deleted: bool | None
    current: bool | None
    folder_id: str
    folder_name: str
    copied_from_component_id: str
    copied_from_version: int | None
    branch_id: str
    branch_name: str
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("a ComponentMetadata", source)
        return cls(
            component_id=read.required_text("componentId"),
            version=read.integer("version"),
            name=read.text("name"),
            component_type=read.text("type"),
            sub_type=read.text("subType"),
            created_at=read.moment("createdDate"),
            created_by=read.text("createdBy"),
            modified_at=read.moment("modifiedDate"),
            modified_by=read.text("modifiedBy"),
            deleted=read.boolean("deleted"),
            current=read.boolean("currentVersion"),
            folder_id=read.text("folderId"),
            folder_name=read.text("folderName"),
            copied_from_component_id=read.text("copiedFromComponentId"),
            copied_from_version=read.integer("copiedFromComponentVersion"),
            branch_id=read.text("branchId"),
            branch_name=read.text("branchName"),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class DeployedPackageRecord:
    """Object DeployedPackage: one deployment; `active` false once another replaced it."""

    deployment_id: str
    version: int | None
    package_id: str
    package_version: str
    environment_id: str
    component_id: str
    component_version: int | None
    component_type: str
    deployed_at: datetime | None
    deployed_by: str
    notes: str
    active: bool | None
    branch_name: str
    listener_status: str
    message: str
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("a DeployedPackage", source)
        return cls(
            deployment_id=read.required_text("deploymentId"),
            version=read.integer("version"),
            package_id=read.text("packageId"),
            package_version=read.text("packageVersion"),
            environment_id=read.text("environmentId"),
            component_id=read.text("componentId"),
            component_version=read.integer("componentVersion"),
            component_type=read.text("componentType"),
            deployed_at=read.moment("deployedDate"),
            deployed_by=read.text("deployedBy"),
            notes=read.text("notes"),
            active=read.boolean("active"),
            branch_name=read.text("branchName"),
            listener_status=read.text("listenerStatus"),
            message=read.text("message"),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class LogDownload:
    """Object LogDownload: where a log will be; `url` is "" when there is none.

    `status_code` stands in the body and says more than the HTTP status: 202 is being
    collected, 504 the runtime is away.
    """

    status_code: int
    message: str
    url: str
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("a LogDownload", source)
        return cls(
            status_code=read.integer("statusCode") or 0,
            message=read.text("message"),
            url=read.text("url"),
            raw=read.rest(),
        )
