from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from boomi.client import Sort, all_of, any_of, field, query

STATUS = {"operator": "EQUALS", "property": "status", "argument": ["ERROR"]}
NAME = {"operator": "LIKE", "property": "processName", "argument": ["%order%"]}


@pytest.mark.parametrize(
    ("expr", "operator", "argument"),
    [
        (field("a").eq("x"), "EQUALS", ["x"]),
        (field("a").ne("x"), "NOT_EQUALS", ["x"]),
        (field("a").like("x%"), "LIKE", ["x%"]),
        (field("a").contains("x"), "CONTAINS", ["x"]),
        (field("a").between(1, 2), "BETWEEN", ["1", "2"]),
        (field("a").gt(1), "GREATER_THAN", ["1"]),
        (field("a").ge(1), "GREATER_THAN_OR_EQUAL", ["1"]),
        (field("a").lt(1), "LESS_THAN", ["1"]),
        (field("a").le(1), "LESS_THAN_OR_EQUAL", ["1"]),
        (field("a").eq(True), "EQUALS", ["true"]),
        (field("a").eq(date(2026, 3, 4)), "EQUALS", ["2026-03-04"]),
        (field("a").is_null(), "IS_NULL", None),
        (field("a").is_not_null(), "IS_NOT_NULL", None),
    ],
)
def test_each_comparison_is_written_in_the_grammar(expr, operator, argument):
    found = expr.to_api()
    assert (found["property"], found["operator"]) == ("a", operator)
    assert found.get("argument") == argument


def test_times_are_sent_as_utc_in_whole_seconds():
    berlin = timezone(timedelta(hours=2))
    since = datetime(2026, 3, 4, 7, 6, 7, 999999, tzinfo=berlin)
    found = field("executionTime").between(since, datetime(2026, 3, 5, tzinfo=UTC)).to_api()
    assert found["argument"] == ["2026-03-04T05:06:07Z", "2026-03-05T00:00:00Z"]


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        field("executionTime").ge(datetime(2026, 3, 4))


def test_conditions_join_into_flat_groups():
    status, name = field("status").eq("ERROR"), field("processName").like("%order%")
    assert (status & name & status).to_api() == {
        "operator": "and",
        "nestedExpression": [STATUS, NAME, STATUS],
    }
    assert (status & (name | status)).to_api()["nestedExpression"][1] == {
        "operator": "or",
        "nestedExpression": [NAME, STATUS],
    }
    assert all_of(status, name) == status & name
    assert any_of(status, name) == status | name


def test_a_choice_of_values_becomes_an_or():
    assert field("status").one_of(["ERROR"]).to_api() == STATUS
    assert field("status").one_of(["ERROR", "ABORTED"]).to_api()["operator"] == "or"
    with pytest.raises(ValueError):
        field("status").one_of([])


def test_a_query_without_an_expression_asks_for_everything():
    assert query() == {"QueryFilter": {}}


def test_a_query_carries_its_order():
    found = query(field("status").eq("ERROR"), Sort("executionTime", descending=True))
    assert found == {
        "QueryFilter": {"expression": STATUS},
        "QuerySort": {"sortField": [{"fieldName": "executionTime", "sortOrder": "DESC"}]},
    }
