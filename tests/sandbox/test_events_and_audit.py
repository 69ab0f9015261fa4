"""Events tell of failures and runtimes for seven days; the audit log of people, for ever."""

from datetime import timedelta

import pytest

from sandbox.audit import PLANTED_SECRETS
from sandbox.clock import parse_stamp, stamp
from sandbox.company import ACCOUNTS, CRM_DEV, EDI_ATOM, ORDERS_DEV
from sandbox.faults import Faults
from tests.sandbox.caller import Caller, group, simple
from tests.sandbox.conftest import EPOCH

WEEK = timedelta(days=7)


def failed(caller, since):
    """Failed runs outside test mode, by execution id."""
    rows = caller.everything(
        "ExecutionRecord", simple("executionTime", "GREATER_THAN_OR_EQUAL", stamp(since))
    )
    return {
        row["executionId"]: row
        for row in rows
        if row["status"] in ("ERROR", "ABORTED") and not row["executionType"].startswith("test_")
    }


@pytest.mark.parametrize("account", ACCOUNTS[:4], ids=lambda account: account.account_id)
def test_every_failed_run_of_the_week_has_one_event_that_agrees(reader, account):
    caller = Caller(reader.sandbox, account)
    records = failed(caller, EPOCH - WEEK + timedelta(hours=1))
    events = caller.everything("Event", simple("eventType", "EQUALS", "process.execution"))
    of_runs = {event["executionId"]: event for event in events}
    assert len(of_runs) == len(events)
    late = [id_ for id_ in records if id_ not in of_runs]
    assert all(
        EPOCH - parse_stamp(records[i]["recordedDate"]) < timedelta(seconds=20) for i in late
    )
    for id_ in records.keys() & of_runs.keys():
        record, event = records[id_], of_runs[id_]
        assert (event["status"], event["error"]) == (record["status"], record["message"])
        assert event["eventDate"] == event["endTime"] == record["recordedDate"]
        assert event["errorDocumentCount"] == record["inboundErrorDocumentCount"]


def test_events_are_purged_after_seven_days(read_only, reader):
    dates = [parse_stamp(event["eventDate"]) for event in reader.everything("Event")]
    assert min(dates) > EPOCH - WEEK
    read_only.clock.set(EPOCH + timedelta(days=3))
    later = [parse_stamp(event["eventDate"]) for event in reader.everything("Event")]
    assert min(later) > EPOCH - timedelta(days=4)


def test_a_runtime_that_went_and_came_back_is_told(reader):
    found = reader.everything("Event", simple("eventType", "EQUALS", "atom.status"))
    told = sorted((event["eventDate"], event["status"], event["atomId"]) for event in found)
    assert [(status, atom) for _, status, atom in told] == [
        ("OFFLINE", EDI_ATOM.atom_id),
        ("ONLINE", EDI_ATOM.atom_id),
    ]


def test_a_notice_of_a_process_names_it(reader):
    found = reader.everything("Event", simple("eventType", "EQUALS", "user.notification"))
    assert found
    assert all(event["status"].startswith("Not sent: ") for event in found)
    assert all(event["processId"] == event["topLevelProcessId"] for event in found)


def test_events_can_be_asked_for_by_time_and_page_by_page(reader):
    low, high = stamp(EPOCH - timedelta(days=3)), stamp(EPOCH - timedelta(days=1))
    within = reader.everything("Event", simple("eventDate", "BETWEEN", low, high))
    everything = reader.everything("Event")
    assert [e for e in everything if low <= e["eventDate"] <= high] == within
    assert 0 < len(within) < len(everything)


def test_every_run_by_hand_has_an_audit_entry_of_a_person(reader):
    for account in ACCOUNTS[:4]:
        caller = Caller(reader.sandbox, account)
        rows = caller.everything("ExecutionRecord")
        manual = [r for r in rows if r["executionType"] in ("exec_manual", "retry_manual")]
        tests = [r for r in rows if r["executionType"] == "test_manual"]
        for records, kind in ((manual, "manual"), (tests, "test")):
            type_ = simple("type", "EQUALS", f"as.process.{kind}_execution")
            seen = {
                key_of(entry): entry["userId"] for entry in caller.everything("AuditLog", type_)
            }
            for row in records:
                at = parse_stamp(row["executionTime"]) - timedelta(seconds=1)
                assert "@" in seen[stamp(at), row["atomId"], row["processId"]]


def key_of(entry):
    values = {found["name"]: found["value"] for found in entry["AuditLogProperty"]}
    return entry["date"], entry["containerId"], values["PROCESS_ID"]


def test_extension_edits_hold_secrets_as_on_the_platform(reader):
    edits = reader.everything("AuditLog", simple("type", "EQUALS", "as.extensions"))
    shown = "".join(p["value"] for entry in edits for p in entry["AuditLogProperty"])
    assert all(secret in shown for secret in PLANTED_SECRETS)
    assert all(p.get("previousValue") for entry in edits for p in entry["AuditLogProperty"])


def test_audit_entries_are_never_purged(read_only, reader):
    before = {entry["documentId"] for entry in reader.everything("AuditLog")}
    read_only.clock.set(EPOCH + timedelta(days=50))
    after = {entry["documentId"] for entry in reader.everything("AuditLog")}
    assert before < after
    assert min(e["date"] for e in reader.everything("AuditLog")) < stamp(
        EPOCH - timedelta(days=600)
    )


def test_the_audit_log_filters_by_person_and_time(reader):
    since = stamp(EPOCH - timedelta(days=40))
    expression = group(
        "and",
        simple("userId", "EQUALS", "olga@northwind.example"),
        simple("date", "GREATER_THAN", since),
    )
    found = reader.everything("AuditLog", expression)
    assert found
    assert {entry["userId"] for entry in found} == {"olga@northwind.example"}
    assert min(entry["date"] for entry in found) > since


def test_document_ids_are_twenty_characters_and_unique(reader):
    ids = [entry["documentId"] for entry in reader.everything("AuditLog")]
    assert {len(id_) for id_ in ids} == {20}
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("account", [ORDERS_DEV, CRM_DEV], ids=["orders", "crm"])
def test_developers_accounts_have_runs_by_hand_tests_and_failures(reader, account):
    rows = Caller(reader.sandbox, account).everything("ExecutionRecord")
    types = {row["executionType"] for row in rows}
    assert {"exec_sched", "test_manual"} <= types
    assert 150 < len(rows) < 900
    share = sum(row["status"] == "ERROR" for row in rows) / len(rows)
    assert 0.02 < share < 0.2


@pytest.mark.parametrize(
    ("privilege", "name"), [("VIEW_AUDIT_LOGS", "AuditLog"), ("VIEW_RESULT", "Event")]
)
def test_a_user_without_the_privilege_sees_neither(sandbox, caller, privilege, name):
    sandbox.faults = Faults(missing_privileges={privilege})
    assert caller.post(f"{name}/query", {}).status_code == 403
