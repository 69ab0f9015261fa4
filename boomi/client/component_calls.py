"""What is built, packaged and planned on the platform, as methods."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from boomi.client.answers import Answer
from boomi.client.caller import BULK_LIMIT, Caller, understood
from boomi.client.component_records import (
    AccountGroupRecord,
    ConnectorRecord,
    FolderRecord,
    ManifestRecord,
    PackageRecord,
    ProcessRecord,
    ReferenceRecord,
    ScheduleRecord,
    ScheduleStatusRecord,
    references_of_row,
)
from boomi.client.component_xml import ComponentXml, read_bulk, read_component
from boomi.client.errors import Details, Missing, Rejected
from boomi.client.paging import Page
from boomi.client.queries import Expression, field, query
from boomi.client.records import ComponentMetadataRecord, DeployedPackageRecord

COMPONENTS_PER_CALL = 5
Wanted = tuple[str, int | None]


class ComponentCalls(Caller):
    """The part of the client that reads what is built."""

    def account_groups(self) -> list[AccountGroupRecord]:
        """All groups of accounts with their resources: a query, and a GET for each."""
        make = AccountGroupRecord.from_api
        groups = self._all("AccountGroup", make, None, lambda r: r.group_id)
        return [self._account_group(group.group_id) for group in groups]

    def _account_group(self, group_id: str) -> AccountGroupRecord:
        found, details = self._ask(self._request("GET", "AccountGroup", group_id))
        return understood(lambda: AccountGroupRecord.from_api(found), details)

    def folders(self, expr: Expression | None = None) -> list[FolderRecord]:
        """All folders, deleted ones included unless the condition leaves them out."""
        return self._all("Folder", FolderRecord.from_api, expr, lambda r: r.folder_id)

    def folders_page(self, expr: Expression | None, token: str | None = None) -> Page[FolderRecord]:
        """One page of folders; see `execution_page`."""
        return self._page("Folder", FolderRecord.from_api, query(expr), token)

    def processes(self, expr: Expression | None = None) -> list[ProcessRecord]:
        """All processes, with those of integration packs."""
        return self._all("Process", ProcessRecord.from_api, expr, lambda r: r.process_id)

    def connectors(self) -> list[ConnectorRecord]:
        """The kinds of connector this account may use."""
        return self._all("Connector", ConnectorRecord.from_api, None, lambda r: r.connector_type)

    # Components

    def component_metadata(self, expr: Expression | None) -> list[ComponentMetadataRecord]:
        """Component versions. None asks for every version on every branch, deleted ones
        included; usually wanted is `currentVersion` true and `deleted` false."""
        make = ComponentMetadataRecord.from_api
        return self._all(
            "ComponentMetadata", make, expr, lambda r: (r.component_id, r.version, r.branch_id)
        )

    def component_metadata_page(
        self, expr: Expression | None, token: str | None = None
    ) -> Page[ComponentMetadataRecord]:
        """One page of component versions; see `component_metadata` and `execution_page`."""
        make = ComponentMetadataRecord.from_api
        return self._page("ComponentMetadata", make, query(expr), token)

    def component_xml(self, component_id: str, version: int | None = None) -> ComponentXml:
        """The document of a component, of its current version unless one is given.

        Raises Missing when the platform knows no such component or version.
        """
        request = self._request("GET", "Component", _versioned(component_id, version))
        try:
            return self._transport.fetch(replace(request, accept="application/xml"), self._document)
        except Rejected as exc:
            if exc.status != 400 or "is invalid" not in exc.said.lower():
                raise
            refused = exc
        known: Details = {**refused.details, "code": "", "hint": ""}
        raise Missing("The platform knows no such component or version.", **known)

    def _document(self, answer: Answer) -> ComponentXml:
        return understood(lambda: read_component(answer.body), answer.details)

    def component_xmls(self, wanted: Sequence[Wanted]) -> dict[str, ComponentXml]:
        """Up to five documents in one call, by `id~version`, or by `id` where no version is given.

        What the platform refuses is not in the answer. Raises ValueError for more than five.
        """
        if not wanted:
            return {}
        if len(wanted) > COMPONENTS_PER_CALL:
            raise ValueError(f"At most {COMPONENTS_PER_CALL} components can be read in one call.")
        keys = [_versioned(*one) for one in wanted]
        body = {"type": "GET", "request": [{"id": key} for key in keys]}
        request = self._request("POST", "Component", "bulk", body=dict(body))
        found = self._transport.fetch(replace(request, accept="application/xml"), self._documents)
        by_key: dict[str, ComponentXml] = {}
        for document in found:
            both = _versioned(document.component_id, document.version), document.component_id
            by_key |= {key: document for key in both if key in keys}
        return by_key

    def _documents(self, answer: Answer) -> list[ComponentXml]:
        items = understood(lambda: read_bulk(answer.body), answer.details)
        for item in items:
            if item.document is None:
                self._refuse_item(item.status, item.said, answer.details)
        return [item.document for item in items if item.document is not None]

    def references_of(self, component_id: str, version: int) -> list[ReferenceRecord]:
        """What this version of a component uses, one level deep."""
        parent = field("parentComponentId").eq(component_id)
        expr = parent & field("parentVersion").eq(version)
        return self._references(expr)

    def _references(self, expr: Expression) -> list[ReferenceRecord]:
        pages = self._pages("ComponentReference", references_of_row, query(expr), None)
        return _once(reference for page in pages for row in page.items for reference in row)

    def users_of(self, component_ids: Sequence[str]) -> dict[str, list[ReferenceRecord]]:
        """For each id the references to it from current versions; an empty list if unused.

        Raises ValueError for more than 100 ids.
        """
        _check_bulk(component_ids)
        rows = self._bulk("ComponentReference", component_ids, references_of_row)
        found: dict[str, list[ReferenceRecord]] = {one: [] for one in component_ids}
        for reference in _once(reference for row in rows for reference in row):
            found.setdefault(reference.component_id, []).append(reference)
        return found

    # Packages and deployments

    def packages_page(
        self, expr: Expression | None, token: str | None = None
    ) -> Page[PackageRecord]:
        """One page of packages, deleted ones included unless the condition leaves them out."""
        return self._page("PackagedComponent", PackageRecord.from_api, query(expr), token)

    def manifests(self, package_ids: Sequence[str]) -> dict[str, ManifestRecord]:
        """What is inside each package; unknown packages are left out.

        Raises ValueError for more than 100 ids.
        """
        _check_bulk(package_ids)
        found = self._bulk("PackagedComponentManifest", package_ids, ManifestRecord.from_api)
        return {manifest.package_id: manifest for manifest in found}

    def deployed_packages_page(
        self, expr: Expression | None, token: str | None = None
    ) -> Page[DeployedPackageRecord]:
        """One page of deployments, replaced ones included."""
        return self._page("DeployedPackage", DeployedPackageRecord.from_api, query(expr), token)

    # Schedules

    def schedules(self, expr: Expression | None = None) -> list[ScheduleRecord]:
        """When each deployed process runs on each runtime; many have no entry at all."""
        make = ScheduleRecord.from_api
        return self._all("ProcessSchedules", make, expr, lambda r: r.schedule_id)

    def schedule_statuses(self, expr: Expression | None = None) -> list[ScheduleStatusRecord]:
        """Whether the schedules of each process and runtime are in force."""
        make = ScheduleStatusRecord.from_api
        return self._all("ProcessScheduleStatus", make, expr, lambda r: r.schedule_id)

    def schedules_page(
        self, expr: Expression | None, token: str | None = None
    ) -> Page[ScheduleRecord]:
        """One page of schedules; see `execution_page`."""
        return self._page("ProcessSchedules", ScheduleRecord.from_api, query(expr), token)

    def schedule_statuses_page(
        self, expr: Expression | None, token: str | None = None
    ) -> Page[ScheduleStatusRecord]:
        """One page of what is in force; see `execution_page`."""
        make = ScheduleStatusRecord.from_api
        return self._page("ProcessScheduleStatus", make, query(expr), token)


def _versioned(component_id: str, version: int | None) -> str:
    return component_id if version is None else f"{component_id}~{version}"


def _check_bulk(ids: Sequence[str]) -> None:
    if len(ids) > BULK_LIMIT:
        raise ValueError(f"At most {BULK_LIMIT} objects can be read in one call.")


def _once(references: Iterable[ReferenceRecord]) -> list[ReferenceRecord]:
    # Pages are no snapshot: what moved between two of them comes twice.
    keyed = {(r.parent_id, r.parent_version, r.component_id, r.branch_id): r for r in references}
    return list(keyed.values())
