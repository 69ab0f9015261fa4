"""What is built and where it runs by plan: components, packages, schedules, groups.

Read by the same rules as `records`. A list inside an object is a tuple of values of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from boomi.client.fields import Fields

Source = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class GroupResource:
    """Something a group of accounts may use; `type` is the platform's objectType."""

    id: str
    name: str
    type: str

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("a Resource", source)
        return cls(
            id=read.text("resourceId"), name=read.text("resourceName"), type=read.text("objectType")
        )


@dataclass(frozen=True, slots=True)
class AccountGroupRecord:
    """Object AccountGroup. Its `resources` come with a GET only, never with a query."""

    group_id: str
    account_id: str
    name: str
    alert_level: str
    is_default: bool | None
    resources: tuple[GroupResource, ...]
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("an AccountGroup", source)
        resources = Fields("Resources", read.inner("Resources")).records("Resource")
        return cls(
            group_id=read.required_text("id"),
            account_id=read.text("accountId"),
            name=read.text("name"),
            alert_level=read.text("autoSubscribeAlertLevel"),
            is_default=read.boolean("defaultGroup"),
            resources=tuple(GroupResource.from_api(one) for one in resources),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class FolderRecord:
    """Object Folder. `full_path` starts with the name of the account's root folder."""

    folder_id: str
    name: str
    full_path: str
    parent_id: str
    parent_name: str
    deleted: bool | None
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("a Folder", source)
        return cls(
            folder_id=read.required_text("id"),
            name=read.text("name"),
            full_path=read.text("fullPath"),
            parent_id=read.text("parentId"),
            parent_name=read.text("parentName"),
            deleted=read.boolean("deleted"),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class ConnectorRecord:
    """Object Connector: a kind of connector the account may use, such as "http"."""

    connector_type: str
    name: str
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("a Connector", source)
        return cls(
            connector_type=read.required_text("type"), name=read.text("name"), raw=read.rest()
        )


@dataclass(frozen=True, slots=True)
class ReferenceRecord:
    """One line of a ComponentReference: version `parent_version` of the parent uses the component.

    `type` is DEPENDENT (packaged with the parent) or INDEPENDENT.
    """

    parent_id: str
    parent_version: int | None
    component_id: str
    type: str
    branch_id: str
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("a ComponentReference", source)
        return cls(
            parent_id=read.required_text("parentComponentId"),
            parent_version=read.integer("parentVersion"),
            component_id=read.required_text("componentId"),
            type=read.text("type"),
            branch_id=read.text("branchId"),
            raw=read.rest(),
        )


def references_of_row(source: Source) -> tuple[ReferenceRecord, ...]:
    """Every reference of one ComponentReference object, whose only field is their list."""
    lines = Fields("a ComponentReference", source).records("references")
    return tuple(ReferenceRecord.from_api(line) for line in lines)


@dataclass(frozen=True, slots=True)
class PackageRecord:
    """Object PackagedComponent; `package_version` is free text, `component_version` a number."""

    package_id: str
    package_version: str
    component_id: str
    component_version: int | None
    component_type: str
    created_at: datetime | None
    created_by: str
    notes: str
    shareable: bool | None
    deleted: bool | None
    branch_name: str
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("a PackagedComponent", source)
        return cls(
            package_id=read.required_text("packageId"),
            package_version=read.text("packageVersion"),
            component_id=read.text("componentId"),
            component_version=read.integer("componentVersion"),
            component_type=read.text("componentType"),
            created_at=read.moment("createdDate"),
            created_by=read.text("createdBy"),
            notes=read.text("notes"),
            shareable=read.boolean("shareable"),
            deleted=read.boolean("deleted"),
            branch_name=read.text("branchName"),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class ManifestItem:
    """One component revision inside a package."""

    component_id: str
    version: int | None

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("a ComponentInfo", source)
        return cls(component_id=read.required_text("id"), version=read.integer("version"))


@dataclass(frozen=True, slots=True)
class ManifestRecord:
    """Object PackagedComponentManifest: everything a package holds, each pinned to a revision."""

    package_id: str
    items: tuple[ManifestItem, ...]
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("a PackagedComponentManifest", source)
        return cls(
            package_id=read.required_text("packageId"),
            items=tuple(ManifestItem.from_api(one) for one in read.records("componentInfo")),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """Object Process; `description` is the platform's Description, often empty."""

    process_id: str
    name: str
    description: str
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("a Process", source)
        return cls(
            process_id=read.required_text("id"),
            name=read.text("name"),
            description=read.text("Description", "description"),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    """When a process runs, in cron style; `days_of_week` counts from 1, Sunday."""

    minutes: str
    hours: str
    days_of_week: str
    days_of_month: str
    months: str
    years: str

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("a Schedule", source)
        return cls(
            minutes=read.text("minutes"),
            hours=read.text("hours"),
            days_of_week=read.text("daysOfWeek"),
            days_of_month=read.text("daysOfMonth"),
            months=read.text("months"),
            years=read.text("years"),
        )

    def to_json(self) -> dict[str, str]:
        """The entry under the platform's own names."""
        return {
            "minutes": self.minutes,
            "hours": self.hours,
            "daysOfWeek": self.days_of_week,
            "daysOfMonth": self.days_of_month,
            "months": self.months,
            "years": self.years,
        }


def _entries(read: Fields) -> tuple[ScheduleEntry, ...]:
    return tuple(ScheduleEntry.from_api(one) for one in read.records("Schedule"))


@dataclass(frozen=True, slots=True)
class ScheduleRecord:
    """Object ProcessSchedules: every deployed process has one per runtime, empty at first."""

    schedule_id: str
    process_id: str
    atom_id: str
    entries: tuple[ScheduleEntry, ...]
    max_retry: int | None
    retry_entries: tuple[ScheduleEntry, ...]
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("a ProcessSchedules", source)
        retry = Fields("a ScheduleRetry", read.inner("Retry"))
        return cls(
            schedule_id=read.required_text("id"),
            process_id=read.text("processId"),
            atom_id=read.text("atomId"),
            entries=_entries(read),
            max_retry=retry.integer("maxRetry"),
            retry_entries=_entries(retry),
            raw=read.rest(),
        )


@dataclass(frozen=True, slots=True)
class ScheduleStatusRecord:
    """Object ProcessScheduleStatus: whether the schedules of a process are in force."""

    schedule_id: str
    process_id: str
    atom_id: str
    enabled: bool | None
    raw: Source = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def from_api(cls, source: Source) -> Self:
        read = Fields("a ProcessScheduleStatus", source)
        return cls(
            schedule_id=read.required_text("id"),
            process_id=read.text("processId"),
            atom_id=read.text("atomId"),
            enabled=read.boolean("enabled"),
            raw=read.rest(),
        )
