"""The names by which executions are narrowed, at both doors."""

from collections.abc import Iterable

import pytest
from django.http import HttpRequest, QueryDict

from boomi.filters import ExecutionFilter
from boomi.models import Execution
from common.models import User
from tests.boomi.rows import (
    connect,
    make_account,
    make_environment,
    make_execution,
    make_runtime,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of_olga(operator: User) -> HttpRequest:
    request = HttpRequest()
    request.user = operator
    return request


@pytest.fixture
def runs(operator: User) -> None:
    """Two runs of Olga's account on two runtimes, the second attached to an environment."""
    account = connect(operator).account
    make_runtime(account, 1)
    second = make_runtime(account, 2)
    second.environments.add(make_environment(account, 2))
    make_execution(account, 1, process_name="Send orders", log_state="ready")
    make_execution(
        account, 2, process_name="Read stock 100%", status="ERROR", outcome="error",
        runtime_id="runtime-2", execution_type="exec_manual",
    )  # fmt: skip


def selected(query: str, request: HttpRequest) -> set[str]:
    filterset = ExecutionFilter(QueryDict(query), queryset=Execution.objects.all(), request=request)
    assert filterset.is_valid(), filterset.errors
    return set(filterset.qs.values_list("execution_id", flat=True))


def faults(query: str, request: HttpRequest) -> Iterable[str]:
    filterset = ExecutionFilter(QueryDict(query), queryset=Execution.objects.all(), request=request)
    return set(filterset.errors)


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", {1, 2}),
        ("q=ORDERS", {1}),
        ("q=100%25", {2}),
        ("q=1_0", set()),
        ("process=Send+orders", {1}),
        ("process=Send", set()),
        ("process_id=process-2", {2}),
        ("execution_id=execution-2", {2}),
        ("status=ERROR", {2}),
        ("status=ERROR&status=COMPLETE", {1, 2}),
        ("outcome=success", {1}),
        ("account=northwind-7Q2K9D", {1, 2}),
        ("runtime=runtime-1", {1}),
        ("environment=environment-2", {2}),
        ("type=exec_manual", {2}),
        ("log_state=ready", {1}),
        ("started_after=2026-09-14T06:02:00Z", {2}),
        ("started_before=2026-09-14T06:02:00Z", {1}),
        ("started_before=2026-09-14T08:02:00%2B02:00", {1}),
        ("status=&runtime=&q=&started_after=", {1, 2}),
        ("q=orders&status=ERROR", set()),
    ],
)
def test_each_name_narrows(query: str, numbers: set[int], request_of_olga: HttpRequest) -> None:
    assert selected(query, request_of_olga) == {f"execution-{number}" for number in numbers}


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("status=GREAT", "status"),
        ("outcome=fine", "outcome"),
        ("account=nobody", "account"),
        ("runtime=runtime-9", "runtime"),
        ("runtime=%00", "runtime"),
        ("environment=" + "9" * 400, "environment"),
        ("started_after=yesterday", "started_after"),
        ("started_after=0001-01-01T00:00:00%2B14:00", "started_after"),
        ("started_before=9999-12-31T23:59:59-14:00", "started_before"),
        ("log_state=lost", "log_state"),
        ("q=%00", "q"),
    ],
)
def test_a_value_nobody_knows_is_an_error_of_its_field(
    query: str, name: str, request_of_olga: HttpRequest
) -> None:
    assert faults(query, request_of_olga) == {name}


def test_an_account_one_may_not_see_is_no_choice(
    request_of_olga: HttpRequest, viewer: User
) -> None:
    connect(viewer, make_account("secret-1"))
    assert faults("account=secret-1", request_of_olga) == {"account"}


@pytest.mark.usefixtures("runs")
def test_a_runtime_that_two_accounts_know_is_one_choice(
    request_of_olga: HttpRequest, operator: User
) -> None:
    other = connect(operator, make_account("fabrikam-1"), name="second").account
    make_runtime(other, 1)
    make_execution(other, 3)
    assert selected("runtime=runtime-1", request_of_olga) == {"execution-1", "execution-3"}
