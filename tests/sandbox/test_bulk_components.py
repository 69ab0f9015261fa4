"""Thousands of components, drawn from their number."""

from datetime import timedelta

import pytest

from sandbox.bulk_components import bulk_component_rows, bulk_content, bulk_id
from sandbox.clock import parse_stamp
from sandbox.company import PRIMARY
from sandbox.faults import Faults
from sandbox.references import references_in
from sandbox.scenario import Bulk, ScenarioError, check_scenario
from sandbox.server import Sandbox
from tests.sandbox.caller import Caller, group, simple
from tests.sandbox.conftest import EPOCH
from tests.sandbox.documents import inner, parsed

TEAM = simple("folderName", "LIKE", "Team %")
CURRENT = simple("currentVersion", "EQUALS", "true")


@pytest.fixture(scope="module")
def big():
    with Sandbox(scenario="bulk:600:1000:60", rate_limit=0, epoch=EPOCH) as running:
        running.clock.set(EPOCH)
        yield running


@pytest.fixture
def caller(big):
    return Caller(big)


def test_there_are_as_many_components_as_asked_for(caller):
    rows = caller.everything("ComponentMetadata", group("and", TEAM, CURRENT))
    assert len({row["componentId"] for row in rows}) == 1_000
    assert len({row["type"] for row in rows}) == 9


def test_every_reference_leads_to_a_component(caller):
    rows = caller.everything("ComponentMetadata", group("and", TEAM, CURRENT))
    known = {row["componentId"] for row in rows}
    asked = simple("componentId", "IS_NOT_NULL")
    uses = [row["references"][0] for row in caller.everything("ComponentReference", asked)]
    ours = [use for use in uses if use["parentComponentId"] in known]
    assert {use["componentId"] for use in ours} <= known
    assert len(ours) > 1_000


def test_a_document_is_made_when_it_is_asked_for(caller):
    id_ = bulk_id(PRIMARY.account_id, 40)
    document = parsed(caller, id_)
    assert document.get("name") == "Flow 005"
    actions = list(inner(document).iter("connectoraction"))
    names = [parsed(caller, action.get("operationId")).get("name") for action in actions]
    assert names == ["Read from service 005", "Send to service 005"]


def test_references_are_those_of_the_document(caller):
    id_ = bulk_id(PRIMARY.account_id, 70)
    content = bulk_content(PRIMARY.account_id, 70, 0)
    wanted = {use.component_id for use in references_in(id_, content.object_xml, content.overrides)}
    version = str(caller.get(f"ComponentMetadata/{id_}").json()["version"])
    parent = simple("parentComponentId", "EQUALS", id_), simple("parentVersion", "EQUALS", version)
    rows = caller.everything("ComponentReference", group("and", *parent))
    assert {row["references"][0]["componentId"] for row in rows} == wanted


def test_some_connections_have_many_users(caller):
    id_ = bulk_id(PRIMARY.account_id, 1)
    users = caller.get(f"ComponentReference/{id_}").json()["references"]
    assert len({use["parentComponentId"] for use in users}) == 13


def test_neighbouring_versions_differ():
    for number in range(3, 100, 4):
        texts = [bulk_content(PRIMARY.account_id, number, age) for age in range(3)]
        assert texts[0] != texts[1] != texts[2]


def test_new_versions_arrive_after_the_epoch(big, caller):
    def latest():
        rows = caller.everything("ComponentMetadata", group("and", TEAM, CURRENT))
        return max(row["modifiedDate"] for row in rows)

    before = latest()
    big.clock.set(EPOCH + timedelta(hours=10))
    after = latest()
    big.clock.set(EPOCH)
    assert before <= EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ") < after


def test_runs_of_60_days_are_kept_when_asked_for(big, caller):
    assert caller.query("ExecutionRecord")["numberOfResults"] < 310
    big.faults = Faults(keep_days=61)
    rows = caller.everything("ExecutionRecord")
    log = caller.log(min(rows, key=lambda row: row["executionTime"])["executionId"])
    big.faults = Faults()
    times = sorted(parse_stamp(row["executionTime"]) for row in rows)
    assert (len(times), times[0]) == (600, EPOCH - timedelta(days=60))
    assert log.count("\n") > 5


def test_rows_are_made_one_after_the_other():
    rows = bulk_component_rows(100_000, EPOCH, 60)
    assert next(row for row in rows if row[0] == "ComponentMetadata")[1] == PRIMARY.account_id
    rows.close()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("bulk:50", Bulk(50, 0, 20)),
        ("bulk:50:10", Bulk(50, 10, 20)),
        ("bulk:2000000:5000:60", Bulk(2_000_000, 5_000, 60)),
        ("small", None),
    ],
)
def test_the_name_of_a_scenario_says_how_much(name, wanted):
    assert check_scenario(name) == wanted


@pytest.mark.parametrize(
    "name", ["bulk:5:5", "bulk:5:10:0", "bulk:5:10:61", "bulk:5:10:6:1", "bulk:5:"]
)
def test_a_size_that_cannot_be_is_refused(name):
    with pytest.raises(ScenarioError, match="multiple of ten"):
        check_scenario(name)
