"""Everything that happens on the platform matches its compact description, in both formats."""

import xml.etree.ElementTree as ET

import pytest

from sandbox.account_objects import GROUPS
from sandbox.activity_shapes import ACTIVITY_SHAPES
from sandbox.company import ACCOUNTS
from tests.sandbox.caller import Caller, simple
from tests.sandbox.test_shapes import NAMESPACE, problems

BY_GROUP = simple("accountGroupId", "EQUALS", GROUPS[0].group_id)


def asked_for(name, sandbox):
    """The query that is needed where everything at once is refused."""
    if name in ("ExecutionConnector", "GenericConnectorRecord"):
        return simple("executionId", "EQUALS", sandbox.truth.failing_run.execution_id)
    return BY_GROUP if name.endswith("Group") and name != "AccountGroup" else None


@pytest.mark.parametrize("name", ACTIVITY_SHAPES)
def test_every_row_of_every_account_matches_its_shape(reader, name):
    shape = ACTIVITY_SHAPES[name]
    asked = asked_for(name, reader.sandbox)
    callers = [Caller(reader.sandbox, account) for account in ACCOUNTS]
    rows = [row for caller in callers for row in caller.everything(name, asked)]
    assert rows
    assert [problem for row in rows for problem in problems(shape, row)] == []


@pytest.mark.parametrize("name", ACTIVITY_SHAPES)
def test_xml_has_every_value_where_the_shape_says(reader, name):
    shape = ACTIVITY_SHAPES[name]
    asked = asked_for(name, reader.sandbox)
    row = reader.query(name, asked)["result"][0]
    config = {"QueryFilter": {} if asked is None else {"expression": asked}}
    answer = reader.post(f"{name}/query", config, headers={"Accept": "application/xml"})
    result = ET.fromstring(answer.content).find(f"{NAMESPACE}result")
    assert result is not None
    for field in shape.fields:
        value = row.get(field.name)
        if value is None or field.kind in ("list", "object"):
            continue
        text = str(value).lower() if field.kind == "boolean" else str(value)
        found = result.findtext(NAMESPACE + field.name) if field.element else result.get(field.name)
        assert found == text


@pytest.mark.parametrize("name", [n for n, shape in ACTIVITY_SHAPES.items() if shape.get])
def test_single_and_bulk_reads_match_the_shape_too(reader, name):
    shape = ACTIVITY_SHAPES[name]
    row = reader.query(name, asked_for(name, reader.sandbox))["result"][0]
    one = reader.get(f"{name}/{row[shape.key]}").json()
    assert problems(shape, one) == []
    assert row.items() <= one.items()
    request = {"type": "GET", "request": [{"id": row[shape.key]}, {"id": "nope"}]}
    items = reader.post(f"{name}/bulk", request).json()["response"]
    assert [item["statusCode"] for item in items] == [200, 400]
    assert items[0]["Result"] == one


@pytest.mark.parametrize("name", ACTIVITY_SHAPES)
def test_a_filter_the_object_does_not_know_is_refused(reader, name):
    config = {"QueryFilter": {"expression": simple("colour", "EQUALS", "red")}}
    assert reader.post(f"{name}/query", config).status_code == 400


@pytest.mark.parametrize("name", [n for n, shape in ACTIVITY_SHAPES.items() if not shape.get])
def test_what_has_no_single_read_has_no_address_for_it(reader, name):
    assert reader.get(f"{name}/some-id").status_code == 404


@pytest.mark.parametrize(
    "name", ["ExecutionConnector", "GenericConnectorRecord", "ExecutionCountAccountGroup"]
)
def test_a_query_without_its_needed_filter_is_refused(reader, name):
    refused = reader.post(f"{name}/query", {"QueryFilter": {}})
    assert refused.status_code == 400
    assert "with the operator EQUALS" in refused.json()["message"]
