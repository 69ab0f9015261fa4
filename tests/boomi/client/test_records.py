from datetime import UTC, date, datetime

import pytest

from boomi.client import (
    AccountGroupRecord,
    AccountRecord,
    AtomRecord,
    AttachmentRecord,
    AuditLogRecord,
    Broken,
    ComponentMetadataRecord,
    ConnectorDocumentRecord,
    ConnectorRecord,
    DeployedPackageRecord,
    EnvironmentRecord,
    EventRecord,
    ExecutionConnectorRecord,
    ExecutionCountRecord,
    ExecutionRecord,
    ExecutionTicket,
    FolderRecord,
    LogDownload,
    ManifestRecord,
    PackageRecord,
    ProcessRecord,
    ReferenceRecord,
    ScheduleRecord,
    ScheduleStatusRecord,
    SummaryRecord,
)
from tests.boomi.client.samples import execution


def test_an_execution_is_read_field_by_field():
    found = ExecutionRecord.from_api(execution(parentExecutionId="p", launcherID="l", nodeId="n"))
    assert found.started_at == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert found.recorded_at == datetime(2026, 3, 4, 5, 6, 11, 250000, tzinfo=UTC)
    assert (found.inbound_documents, found.outbound_documents, found.error_documents) == (3, 2, 1)
    assert (found.duration_ms, found.inbound_bytes, found.outbound_bytes) == (3832, 2048, 0)
    assert (found.parent_execution_id, found.launcher_id, found.node_id) == ("p", "l", "n")
    assert found.status == "ERROR"
    assert found.raw == {}


@pytest.mark.parametrize(
    "value", [3832, "3832", " 3832 ", 3832.0, ["Long", 3832], ["Long", "3832"]]
)
def test_a_number_is_read_in_every_form(value):
    assert ExecutionRecord.from_api(execution(executionDuration=value)).duration_ms == 3832


@pytest.mark.parametrize("value", ["soon", ["Long"], ["Text", 3], True, 1.5, {}])
def test_a_number_that_is_none_counts_as_absent_and_is_kept(value):
    found = ExecutionRecord.from_api(execution(executionDuration=value))
    assert found.duration_ms is None
    assert found.raw == {"executionDuration": value}


@pytest.mark.parametrize(
    ("value", "read"), [(True, True), ("true", True), ("False", False), (7, None)]
)
def test_a_boolean_is_read_in_every_form(value, read):
    found = DeployedPackageRecord.from_api({"deploymentId": "d", "active": value})
    assert found.active is read


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-04T05:06:07Z",
        "2026-03-04T05:06:07.000Z",
        "2026-03-04T07:06:07+02:00",
        "2026-03-04T05:06:07",
    ],
)
def test_a_time_is_read_in_every_form(value):
    found = ExecutionRecord.from_api(execution(executionTime=value))
    assert found.started_at == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_absent_fields_stay_unknown():
    found = ExecutionRecord.from_api(
        {"executionId": "execution-1", "executionTime": "2026-03-04T05:06:07Z"}
    )
    assert (found.duration_ms, found.inbound_documents, found.recorded_at) == (None, None, None)
    assert (found.message, found.process_id, found.status) == ("", "", "")


def test_unknown_fields_are_kept_under_their_own_name():
    found = ExecutionRecord.from_api(execution(newThing={"a": 1}))
    assert found.raw == {"newThing": {"a": 1}}


@pytest.mark.parametrize(
    ("make", "source", "name"),
    [
        (ExecutionRecord.from_api, {"executionTime": "2026-03-04T05:06:07Z"}, "executionId"),
        (ExecutionRecord.from_api, {"executionId": "e"}, "executionTime"),
        (ExecutionRecord.from_api, execution(executionTime="yesterday"), "executionTime"),
        (AccountRecord.from_api, {"name": "Acme"}, "accountId"),
        (EnvironmentRecord.from_api, {"name": "Test"}, "id"),
        (AtomRecord.from_api, {"id": ""}, "id"),
        (AttachmentRecord.from_api, {"atomId": "a"}, "environmentId"),
        (ComponentMetadataRecord.from_api, {"name": "Map"}, "componentId"),
        (DeployedPackageRecord.from_api, {"active": True}, "deploymentId"),
        (AccountGroupRecord.from_api, {"name": "Retail"}, "id"),
        (FolderRecord.from_api, {"name": "Orders"}, "id"),
        (ConnectorRecord.from_api, {"name": "Database"}, "type"),
        (ReferenceRecord.from_api, {"componentId": "c"}, "parentComponentId"),
        (ReferenceRecord.from_api, {"parentComponentId": "p"}, "componentId"),
        (PackageRecord.from_api, {"packageVersion": "1"}, "packageId"),
        (ManifestRecord.from_api, {"componentInfo": []}, "packageId"),
        (ProcessRecord.from_api, {"name": "p"}, "id"),
        (ScheduleRecord.from_api, {"atomId": "a"}, "id"),
        (ScheduleStatusRecord.from_api, {"enabled": True}, "id"),
        (EventRecord.from_api, {"eventId": "e"}, "eventDate"),
        (AuditLogRecord.from_api, {"documentId": "d", "date": "soon"}, "date"),
        (SummaryRecord.from_api, {"timeBlock": "2026-03-04T05:00:00Z"}, "processID"),
        (ExecutionConnectorRecord.from_api, {"executionId": "e"}, "id"),
        (ConnectorDocumentRecord.from_api, {"executionId": "e"}, "id"),
        (ExecutionCountRecord.from_api, {"atomId": "a", "date": "soon"}, "date"),
        (ExecutionCountRecord.from_api, {"date": "2026-03-04", "successes": "x"}, "successes"),
        (ExecutionTicket.from_api, {"recordUrl": "u"}, "requestId"),
    ],
)
def test_a_record_without_its_key_is_broken_and_names_the_field(make, source, name):
    with pytest.raises(Broken, match=name) as caught:
        make(source)
    assert caught.value.code == "UNREADABLE_RECORD"


def test_a_component_is_read_with_its_version_as_text():
    found = ComponentMetadataRecord.from_api(
        {"componentId": "c", "version": "15", "deleted": "false", "currentVersion": "true"}
    )
    assert (found.version, found.deleted, found.current) == (15, False, True)


def test_a_runtime_keeps_its_cluster_in_raw():
    found = AtomRecord.from_api(
        {"id": "a", "type": "MOLECULE", "capabilities": ["GATEWAY"], "cluster": {"node": []}}
    )
    assert (found.atom_type, found.capabilities) == ("MOLECULE", ("GATEWAY",))
    assert found.raw == {"cluster": {"node": []}}


@pytest.mark.parametrize("status", [202, "202"])
def test_the_status_of_a_log_is_a_number(status):
    assert LogDownload.from_api({"statusCode": status, "url": "u"}).status_code == 202


def test_a_schedule_keeps_its_entries_under_the_platforms_names():
    entry = {
        "minutes": "0-59/15",
        "hours": "8",
        "daysOfWeek": "2-6",
        "daysOfMonth": "*",
        "months": "*",
        "years": "*",
    }
    source = {
        "@type": "ProcessSchedules",
        "id": "s1",
        "Schedule": [{"@type": "Schedule", **entry}],
        "Retry": {"@type": "ScheduleRetry", "maxRetry": 3, "Schedule": [entry, entry]},
    }
    found = ScheduleRecord.from_api(source)
    assert [one.to_json() for one in found.entries] == [entry]
    assert (found.max_retry, len(found.retry_entries), found.raw) == (3, 2, {})


@pytest.mark.parametrize("retry", [{}, {"Retry": None}, {"Retry": "x"}])
def test_a_schedule_without_retries_or_entries_is_one(retry):
    found = ScheduleRecord.from_api({"id": "s1", "Schedule": [], **retry})
    assert (found.entries, found.max_retry, found.retry_entries) == ((), None, ())


def test_an_audit_entry_does_not_show_its_values():
    properties = [{"name": "NEW_VALUE", "value": "hunter2", "previousValue": "hunter1"}]
    found = AuditLogRecord.from_api(
        {"documentId": "d", "date": "2026-03-04T05:06:07Z", "AuditLogProperty": properties}
    )
    assert (found.properties[0].value, found.properties[0].previous) == ("hunter2", "hunter1")
    assert "hunter" not in repr(found)
    assert found.raw == {}


@pytest.mark.parametrize("spelling", ["ID", "Id"])
def test_a_summary_is_read_in_both_spellings_of_its_ids(spelling):
    source = {
        f"process{spelling}": "p",
        f"atom{spelling}": "a",
        f"launcher{spelling}": "l",
        "timeBlock": "2026-03-04T05:00:00Z",
        "executionCount": 40,
        "returnDocSize": "12",
    }
    found = SummaryRecord.from_api(source)
    assert (found.process_id, found.atom_id, found.launcher_id) == ("p", "a", "l")
    assert (found.executions, found.returned_bytes, found.raw) == (40, 12, {})


def test_an_event_keeps_the_process_it_names_in_raw():
    source = {"eventId": "e", "eventDate": "2026-03-04T05:06:07Z", "processId": "p"}
    found = EventRecord.from_api({**source, "eventLevel": "ERROR", "errorDocumentCount": 1})
    assert (found.level, found.error_documents, found.raw) == ("ERROR", 1, {"processId": "p"})


@pytest.mark.parametrize(
    "value", ["2026-03-04", "2026-03-04T23:59:59Z", "2026-03-05T01:00:00+02:00"]
)
def test_a_day_is_read_in_every_form(value):
    found = ExecutionCountRecord.from_api({"date": value, "successes": 1, "failures": 0})
    assert found.day == date(2026, 3, 4)


def test_a_list_of_one_may_come_without_its_list():
    info = {"id": "c1", "version": 4}
    found = ManifestRecord.from_api({"packageId": "p", "componentInfo": info})
    assert [(one.component_id, one.version) for one in found.items] == [("c1", 4)]
