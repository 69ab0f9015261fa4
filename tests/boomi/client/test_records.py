from datetime import UTC, datetime

import pytest

from boomi.client import (
    AccountRecord,
    AtomRecord,
    AttachmentRecord,
    Broken,
    ComponentMetadataRecord,
    DeployedPackageRecord,
    EnvironmentRecord,
    ExecutionRecord,
    LogDownload,
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
