"""The query grammar, read from JSON and XML."""

import json

import pytest

from sandbox.query import Group, Query, Simple, SortField, canonical, properties, read_query
from sandbox.wire import BadRequest


def read(config: object) -> Query:
    return read_query(json.dumps(config).encode(), is_xml=False)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"QueryFilter": {}}', b'{"QueryFilter": null}'])
def test_an_empty_config_asks_for_everything(body):
    assert read_query(body, is_xml=False) == Query()


def test_keys_may_come_in_any_order_and_types_are_ignored():
    expression = {"argument": ["x"], "@type": "Whatever", "operator": "EQUALS", "property": "name"}
    assert read({"QueryFilter": {"expression": expression}}) == Query(
        Simple("name", "EQUALS", ("x",))
    )


@pytest.mark.parametrize(
    ("sent", "read_as"), [(True, "true"), (7, "7"), ("a", "a"), ([False], "false")]
)
def test_arguments_become_strings(sent, read_as):
    expression = {"property": "p", "operator": "EQUALS", "argument": sent}
    assert read({"QueryFilter": {"expression": expression}}).expression == Simple(
        "p", "EQUALS", (read_as,)
    )


def test_a_group_without_an_operator_means_and():
    child = {"property": "p", "operator": "IS_NULL"}
    expression = read({"QueryFilter": {"expression": {"nestedExpression": [child]}}}).expression
    assert expression == Group("and", (Simple("p", "IS_NULL", ()),))


def test_sort_fields_default_to_ascending():
    query = read({"QuerySort": {"sortField": [{"fieldName": "a"}]}})
    assert query.sort == (SortField("a", False),)


@pytest.mark.parametrize(
    "config",
    [
        [],
        {"QueryFilter": ["status"]},
        {"QueryFilter": {"expression": {"property": "p"}}},
        {"QueryFilter": {"expression": {"operator": "xor", "nestedExpression": [{}]}}},
        {"QueryFilter": {"expression": {"operator": "and", "nestedExpression": []}}},
        {"QueryFilter": {"expression": {"property": "p", "operator": "E", "argument": [{}]}}},
        {"QuerySort": {"sortField": [{"fieldName": "a", "sortOrder": "UP"}]}},
    ],
)
def test_a_config_that_breaks_the_grammar_is_refused(config):
    with pytest.raises(BadRequest):
        read(config)


def test_an_expression_nested_without_end_is_refused():
    expression: object = {"property": "p", "operator": "IS_NULL"}
    for _ in range(40):
        expression = {"operator": "and", "nestedExpression": [expression]}
    with pytest.raises(BadRequest, match="too deeply"):
        read({"QueryFilter": {"expression": expression}})


XML = b"""<QueryConfig xmlns="http://api.platform.boomi.com/"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <QueryFilter><expression operator="or" xsi:type="GroupingExpression">
    <nestedExpression operator="EQUALS" property="a" xsi:type="SimpleExpression">
      <argument>1</argument></nestedExpression>
    <nestedExpression operator="BETWEEN" property="b" xsi:type="SimpleExpression">
      <argument>2</argument><argument>3</argument></nestedExpression>
  </expression></QueryFilter>
  <QuerySort><sortField fieldName="a" sortOrder="DESC"/></QuerySort>
</QueryConfig>"""


def test_the_xml_form_says_the_same():
    query = read_query(XML, is_xml=True)
    nested = (Simple("a", "EQUALS", ("1",)), Simple("b", "BETWEEN", ("2", "3")))
    assert query == Query(Group("or", nested), (SortField("a", True),))


def test_the_canonical_text_of_a_query_reads_as_the_same_query():
    query = read_query(XML, is_xml=True)
    assert read_query(canonical(query).encode(), is_xml=False) == query
    assert properties(query.expression) == {"a", "b"}


@pytest.mark.parametrize("body", [b"<a", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'])
def test_broken_or_declared_xml_is_refused(body):
    with pytest.raises(BadRequest):
        read_query(body, is_xml=True)
