"""Counts per day and the blocks of the low-latency process."""

from collections import Counter, defaultdict
from datetime import timedelta

import pytest

from sandbox.account_objects import GROUPS
from sandbox.clock import parse_stamp, stamp
from sandbox.company import CLIENT, MOLECULE, PRIMARY, PRODUCTION, TEST, TEST_ATOM
from sandbox.faults import Faults
from sandbox.processes import ORDER_STATUS
from tests.sandbox.caller import Caller, group, simple
from tests.sandbox.conftest import EPOCH

GOOD = ("COMPLETE", "COMPLETE_WARN")


def ended(caller):
    rows = caller.everything("ExecutionRecord")
    return [row for row in rows if row["status"] != "INPROCESS"]


def test_executions_are_counted_as_the_records_show(reader):
    wanted = defaultdict(lambda: [0, 0])
    for row in ended(reader):
        wanted[row["executionTime"][:10], row["atomId"]][row["status"] not in GOOD] += 1
    found = {
        (row["date"], row["atomId"]): [row["successes"], row["failures"]]
        for row in reader.everything("ExecutionCountAccount")
    }
    assert found == wanted


def test_documents_and_bytes_are_counted_as_the_records_show(reader):
    documents, sizes = Counter(), Counter()
    for row in ended(reader):
        key = row["executionTime"][:10], row["atomId"]
        documents[key] += row["inboundDocumentCount"] + row["outboundDocumentCount"]
        sizes[key] += row["inboundDocumentSize"][1] + row["outboundDocumentSize"][1]
    for name, wanted in (("DocumentCountAccount", documents), ("ThroughputAccount", sizes)):
        rows = reader.everything(name)
        assert {(row["date"], row["atomId"]): row["value"] for row in rows} == wanted


def test_a_group_counts_the_accounts_in_it(reader):
    customers = next(found for found in GROUPS if found.name == "Customers")
    rows = reader.everything(
        "ExecutionCountAccountGroup", simple("accountGroupId", "EQUALS", customers.group_id)
    )
    client = Caller(reader.sandbox, CLIENT).everything("ExecutionCountAccount")
    assert [(r["date"], r["successes"]) for r in rows] == [
        (r["date"], r["successes"]) for r in client
    ]
    unknown = simple("accountGroupId", "EQUALS", "nope")
    assert reader.everything("ThroughputAccountGroup", unknown) == []


def test_counts_filter_by_day_environment_and_runtime(reader):
    yesterday = (EPOCH - timedelta(days=1)).date().isoformat()
    expression = group(
        "and",
        simple("processDate", "EQUALS", yesterday),
        simple("environmentId", "EQUALS", PRODUCTION.environment_id),
    )
    rows = reader.everything("ExecutionCountAccount", expression)
    assert {row["date"] for row in rows} == {yesterday}
    assert MOLECULE.atom_id in {row["atomId"] for row in rows}
    assert TEST_ATOM.atom_id not in {row["atomId"] for row in rows}
    of_test = reader.everything(
        "ExecutionCountAccount", simple("environmentId", "EQUALS", TEST.environment_id)
    )
    assert {row["atomId"] for row in of_test} == {TEST_ATOM.atom_id}


@pytest.mark.parametrize("text", ["11.03.2026", "2026-03-11T00:00:00Z", "soon"])
def test_a_day_that_is_none_is_refused(reader, text):
    config = {"QueryFilter": {"expression": simple("processDate", "EQUALS", text)}}
    assert reader.post("ExecutionCountAccount/query", config).status_code == 400


def test_a_late_record_is_not_counted_while_it_is_late(sandbox, caller):
    def total():
        rows = caller.everything("ExecutionCountAccount")
        return sum(row["successes"] + row["failures"] for row in rows)

    everything = total()
    sandbox.faults = Faults(late_records=0.5, late_by_seconds=4 * 3600)
    assert total() == len(ended(caller)) < everything


def test_only_the_low_latency_process_has_summaries_and_it_has_no_records(reader):
    blocks = reader.everything("ExecutionSummaryRecord")
    assert {row["processID"] for row in blocks} == {ORDER_STATUS.process_id}
    records = simple("processId", "EQUALS", ORDER_STATUS.process_id)
    assert reader.query("ExecutionRecord", records)["numberOfResults"] == 0
    client = Caller(reader.sandbox, CLIENT)
    assert client.everything("ExecutionSummaryRecord") == []


def test_a_block_adds_up(reader):
    blocks = reader.everything("ExecutionSummaryRecord")
    assert {row["status"] for row in blocks} == {"COMPLETE", "ERROR"}
    for row in blocks:
        assert row["accountID"] == PRIMARY.account_id
        assert row["maxElapsedTime"] <= row["elapsedTime"]
        assert row["elapsedTime"] <= row["maxElapsedTime"] * row["executionCount"]
        assert row["inboundDocCount"] == row["executionCount"]
        assert (row["outboundDocCount"] == 0) == (row["status"] == "ERROR")
        assert parse_stamp(row["timeBlock"]).minute % 5 == 0


def test_blocks_of_a_span_are_part_of_all_blocks(reader):
    low, high = stamp(EPOCH - timedelta(hours=30)), stamp(EPOCH - timedelta(hours=6))
    within = reader.everything("ExecutionSummaryRecord", simple("timeBlock", "BETWEEN", low, high))
    everything = reader.everything("ExecutionSummaryRecord")
    assert within == [row for row in everything if low <= row["timeBlock"] <= high]
    assert within


def test_a_block_appears_when_it_is_over_and_stays_as_it_is(sandbox, caller):
    since = simple("timeBlock", "GREATER_THAN_OR_EQUAL", stamp(EPOCH))
    sandbox.clock.advance(timedelta(minutes=4))
    assert caller.everything("ExecutionSummaryRecord", since) == []
    sandbox.clock.advance(timedelta(hours=1))
    first = caller.everything("ExecutionSummaryRecord", since)
    sandbox.clock.advance(timedelta(hours=1))
    later = caller.everything("ExecutionSummaryRecord", since)
    assert first
    assert later[: len(first)] == first


@pytest.mark.parametrize("name", ["timeBlock", "executionTime"])
def test_a_time_that_is_none_is_refused(reader, name):
    object_name = "ExecutionSummaryRecord" if name == "timeBlock" else "ExecutionRecord"
    config = {"QueryFilter": {"expression": simple(name, "GREATER_THAN", "yesterday")}}
    assert reader.post(f"{object_name}/query", config).status_code == 400
