"""The planted truth, held against what is served."""

import statistics
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.clock import parse_stamp, stamp
from sandbox.company import CLIENT, DEV_ATOM, ENVIRONMENTS, MOLECULE, PRIMARY, RUNTIMES
from sandbox.processes import NORTHWIND, SHIPMENT_TRACKING
from sandbox.scenario import TRUTH, ScenarioError, check_scenario, stories, truth_of
from sandbox.server import Sandbox
from tests.sandbox.caller import Caller, group, simple
from tests.sandbox.conftest import EPOCH


@pytest.fixture(scope="module")
def all_records(read_only):
    """Everything of the primary account, over 45 days, as a patient portal would know it."""
    found = {}
    for days_back in (15, 0):
        read_only.clock.set(EPOCH - timedelta(days=days_back))
        for row in Caller(read_only).everything("ExecutionRecord"):
            found[row["executionId"]] = row
    return list(found.values())


def of_process(records, process_id):
    return [row for row in records if row["processId"] == process_id]


def test_about_six_thousand_executions_in_45_days(all_records, read_only):
    client = Caller(read_only, CLIENT).everything("ExecutionRecord")
    assert 5_500 < len(all_records) + len(client) < 6_500


def test_fourteen_processes_four_runtimes_three_environments(reader):
    assert len(NORTHWIND) == 14
    names = {row["name"] for row in reader.query("Atom")["result"]}
    assert names == {r.name for r in RUNTIMES if r.account_id == PRIMARY.account_id}
    assert len(names) == 4
    wanted = {e.name for e in ENVIRONMENTS if e.account_id == PRIMARY.account_id}
    assert {row["name"] for row in reader.query("Environment")["result"]} == wanted


def test_one_runtime_is_off(reader):
    off = reader.query("Atom", simple("status", "EQUALS", "OFFLINE"))["result"]
    assert [atom["id"] for atom in off] == [TRUTH.offline_runtime.atom_id] == [DEV_ATOM.atom_id]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("failing_run", "ERROR"),
        ("zero_documents_run", "COMPLETE"),
        ("caught_errors_run", "COMPLETE"),
        ("test_mode_run", "COMPLETE"),
        ("aborted_run", "ABORTED"),
        ("retry_run", "COMPLETE"),
        ("discarded_run", "DISCARDED"),
        ("late_run", "COMPLETE"),
    ],
)
def test_a_planted_run_is_served_as_the_truth_says(all_records, read_only, name, status):
    run = getattr(read_only.truth, name)
    row = next(row for row in all_records if row["executionId"] == run.execution_id)
    assert row["status"] == run.status == status
    assert row["processId"] == run.process_id
    assert row["executionTime"] == stamp(run.start)
    assert row["executionType"] == run.execution_type
    assert row.get("message", "") == run.message
    assert row["inboundDocumentCount"] == run.documents


def test_the_failing_run_is_recent_and_has_a_clear_cause(read_only):
    run = read_only.truth.failing_run
    assert timedelta(hours=2) < EPOCH - run.start < timedelta(hours=5)
    assert run.first_error.connection == "ERP HTTP"
    truth = read_only.log_truth(run.execution_id)
    assert 2_000 <= truth.records <= 5_000
    assert truth.http_codes == {"401": run.failed_documents}


def test_caught_errors_leave_the_run_complete(read_only):
    run = read_only.truth.caught_errors_run
    truth = read_only.log_truth(run.execution_id)
    assert (truth.outcome, truth.http_codes) == ("completed", {"502": run.failed_documents})


def test_two_logs_are_21_megabytes_and_more(read_only):
    assert len(read_only.truth.big_logs) == 2
    for big in read_only.truth.big_logs:
        assert read_only.log_truth(big.execution_id).size_bytes >= big.minimum_bytes == 21_000_000


@pytest.mark.parametrize("seed", [2, 3])
def test_big_logs_are_big_for_every_seed(seed):
    with Sandbox(scenario="small", seed=seed, epoch=EPOCH) as sandbox:
        big = sandbox.truth.big_logs[1]
        assert sandbox.log_truth(big.execution_id).size_bytes >= big.minimum_bytes


def test_the_low_latency_process_is_deployed_and_has_no_records(all_records, reader):
    process_id = TRUTH.low_latency_process.process_id
    assert of_process(all_records, process_id) == []
    live = reader.query("DeployedPackage", simple("componentId", "EQUALS", process_id))
    assert live["numberOfResults"] > 0


def test_a_process_got_slower_after_its_deployment(all_records, read_only, reader):
    story = read_only.truth.slower
    durations = {True: [], False: []}
    for row in of_process(all_records, story.process_id):
        after = parse_stamp(row["executionTime"]) >= story.at
        durations[after].append(row["executionDuration"][1] / (row["inboundDocumentCount"] + 30))
    factor = statistics.median(durations[True]) / statistics.median(durations[False])
    assert factor == pytest.approx(story.factor, rel=0.15)
    deployment = reader.get(f"DeployedPackage/{story.deployment_id}").json()
    assert (deployment["componentId"], deployment["deployedDate"]) == (
        story.process_id,
        stamp(story.at),
    )


def failures(records, story, text):
    return [
        parse_stamp(row["executionTime"])
        for row in of_process(records, story.process_id)
        if text in row.get("message", "") and row["atomId"] == MOLECULE.atom_id
    ]


def test_a_new_cause_came_with_a_deployment(all_records, read_only):
    story = read_only.truth.new_cause
    times = failures(all_records, story, story.text)
    assert len(times) > 5
    assert min(times) >= story.at


def test_a_cause_was_fixed_and_came_back(all_records, read_only):
    story = read_only.truth.returning_cause
    times = failures(all_records, story, story.text)
    assert any(time < story.fixed_at for time in times)
    assert any(time >= story.at for time in times)
    assert not any(story.fixed_at <= time < story.at for time in times)


def test_a_schedule_was_missed_while_the_runtime_was_off(all_records, read_only):
    missed = read_only.truth.missed
    assert missed.process_id == SHIPMENT_TRACKING.process_id
    assert missed.due
    inside = [
        row
        for row in all_records
        if row["atomId"] == missed.atom_id
        and missed.start <= parse_stamp(row["executionTime"]) < missed.end
    ]
    assert inside == []


def test_children_of_the_parent_have_records_of_their_own(reader):
    children = reader.everything(
        "ExecutionRecord", simple("executionType", "EQUALS", "sub_process")
    )
    assert children
    parent_id = children[0]["parentExecutionId"]
    parent = reader.query("ExecutionRecord", simple("executionId", "EQUALS", parent_id))["result"]
    assert parent[0]["processName"] == "Nightly Master Data (parent)"


def test_a_failed_run_was_retried(reader, read_only):
    run = read_only.truth.retry_run
    row = reader.query("ExecutionRecord", simple("executionId", "EQUALS", run.execution_id))
    original = row["result"][0]["originalExecutionId"]
    assert original == read_only.truth.aborted_run.execution_id


def test_two_profiles_are_shared_by_copy(read_only):
    caller = Caller(read_only, TRUTH.crm_dev)
    copies = caller.query("ComponentMetadata", simple("copiedFromComponentId", "IS_NOT_NULL"))
    originals = Caller(read_only, TRUTH.orders_dev)
    assert len(copies["result"]) == 2
    for copy in copies["result"]:
        source = f"{copy['copiedFromComponentId']}~{copy['copiedFromComponentVersion']}"
        found = originals.get(f"ComponentMetadata/{source}").json()
        assert found["name"] == copy["name"]


def test_only_one_revision_of_a_component_is_current(read_only):
    caller = Caller(read_only, TRUTH.orders_dev)
    current = group(
        "and",
        simple("currentVersion", "EQUALS", "true"),
        simple("deleted", "EQUALS", "false"),
    )
    ids = [row["componentId"] for row in caller.everything("ComponentMetadata", current)]
    assert len(ids) == len(set(ids)) == 29


def test_a_deleted_component_is_current_and_deleted(read_only):
    caller = Caller(read_only, TRUTH.crm_dev)
    found = caller.query("ComponentMetadata", simple("deleted", "EQUALS", "true"))["result"]
    assert [row["name"] for row in found] == ["Lead Import (old)"]
    assert found[0]["currentVersion"] is True


def test_runs_do_not_depend_on_the_length_of_the_scenario():
    short, _ = stories("small", 1, EPOCH)
    long, _ = stories("northwind", 1, EPOCH)
    known = {run.execution_id: run for run in long}
    assert [run for run in short if known.get(run.execution_id) != run] == []


@pytest.mark.parametrize("weekday", range(7))
def test_every_story_is_there_whatever_the_day(weekday):
    epoch = datetime(2026, 3, 9 + weekday, 4, 30, tzinfo=UTC)
    truth = truth_of("northwind", 7, epoch)
    for name in ("failing_run", "zero_documents_run", "caught_errors_run", "aborted_run"):
        run = getattr(truth, name)
        assert timedelta(0) < epoch - run.start < timedelta(hours=30)
    assert len(truth.big_logs) == 2
    assert truth.missed.due


def test_a_bulk_scenario_is_spread_over_20_days():
    with Sandbox(scenario="bulk:50", rate_limit=0, epoch=EPOCH) as sandbox:
        sandbox.clock.set(EPOCH)
        rows = Caller(sandbox).everything("ExecutionRecord")
        times = sorted(parse_stamp(row["executionTime"]) for row in rows)
        assert (len(times), times[0]) == (50, EPOCH - timedelta(days=20))
        log = Caller(sandbox).log(rows[0]["executionId"])
    assert log.count("\n") > 5


@pytest.mark.parametrize("name", ["", "huge", "bulk", "bulk:", "bulk:0", "bulk:-3", "bulk:1e6"])
def test_an_unknown_scenario_lists_those_there_are(name):
    with pytest.raises(ScenarioError, match="bulk:N"):
        check_scenario(name)


def test_the_truth_has_a_json_form(read_only):
    shown = read_only.truth.as_json()
    assert shown["slower"]["at"] == stamp(read_only.truth.slower.at)
    assert shown["missed"]["due"][0].endswith("Z")
