"""What is mirrored, through the API: lists, details, exports, the stored log."""

import csv
import io
import json
import time

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from boomi import logstore
from boomi.models import Account, Execution, LogState
from common.models import AuditEvent, User
from tests.boomi.rows import (
    connect,
    make_deployment,
    make_environment,
    make_execution,
    make_executions,
    make_runtime,
)
from tests.signed_in import program

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal_urls")]
EXECUTIONS = "/api/v1/executions/"
LOG = b"2026-09-14T06:01:00Z\tINFO\tStart\t\tHello\n" * 3


@pytest.fixture
def account(operator: User) -> Account:
    """An account that Olga is connected to."""
    return connect(operator).account


@pytest.fixture
def landscape(account: Account) -> Account:
    runtime = make_runtime(account)
    runtime.environments.add(make_environment(account))
    make_deployment(account)
    return account


def with_log(account: Account) -> Execution:
    file = logstore.store(io.BytesIO(LOG), name="process.log", max_bytes=1000)
    return make_execution(account, log_file=file, log_state=LogState.READY)


@pytest.mark.usefixtures("landscape")
@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("environments/", 1),
        ("environments/?classification=PROD", 0),
        ("environments/?gone=true", 0),
        ("environments/?gone=false&q=environ", 1),
        ("runtimes/?account=northwind-7Q2K9D&status=ONLINE", 1),
        ("runtimes/?environment=environment-1", 1),
        ("runtimes/?environment=environment-2", 0),
        ("deployments/?component_id=component-1&deployed_after=2026-01-01T00:00Z", 1),
        ("deployments/?active=true", 0),
    ],
)
def test_the_landscape_is_listed_and_narrowed(operator: User, query: str, total: int) -> None:
    assert program(operator).get(f"/api/v1/{query}").json()["total"] == total


@pytest.mark.usefixtures("landscape")
@pytest.mark.parametrize("kind", ["environments", "runtimes", "deployments", "executions"])
def test_a_stranger_to_the_account_finds_nothing(
    developer: User, operator: User, kind: str
) -> None:
    make_execution(Account.objects.get())
    pk = program(operator).get(f"/api/v1/{kind}/").json()["results"][0]["id"]
    client = program(developer)
    assert client.get(f"/api/v1/{kind}/").json()["total"] == 0
    assert client.get(f"/api/v1/{kind}/{pk}/").status_code == 404


def test_a_runtime_names_its_environments(operator: User, landscape: Account) -> None:
    (row,) = program(operator).get("/api/v1/runtimes/").json()["results"]
    assert [item["name"] for item in row["environments"]] == ["Environment 1"]


def test_the_list_has_a_total_and_a_next_link(operator: User, account: Account) -> None:
    make_executions(account, 5)
    first = program(operator).get(EXECUTIONS, {"page_size": 2, "outcome": "success"}).json()
    assert (first["total"], len(first["results"])) == (5, 2)
    assert [row["execution_id"] for row in first["results"]] == ["execution-5", "execution-4"]
    second = program(operator).get(first["next"]).json()
    assert [row["execution_id"] for row in second["results"]] == ["execution-3", "execution-2"]


@pytest.mark.parametrize("order", ["duration_ms", "-duration_ms", "process_name,-started_at"])
def test_the_list_is_ordered_as_asked(operator: User, account: Account, order: str) -> None:
    make_executions(account, 9)
    rows = program(operator).get(EXECUTIONS, {"ordering": order}).json()["results"]
    field = order.split(",")[0]
    values = [row[field.lstrip("-")] for row in rows]
    assert values == sorted(values, reverse=field.startswith("-"))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("ordering=account__connections__token", "ordering"),
        ("statsu=ERROR", "statsu"),
        ("status=ERRROR", "status"),
        ("started_after=soon", "started_after"),
        ("page_size=100000", "page_size"),
        ("export=xlsx", "export"),
    ],
)
def test_a_wrong_parameter_is_named(operator: User, query: str, field: str) -> None:
    answer = program(operator).get(f"{EXECUTIONS}?{query}")
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})


def add_rows(account: Account, first: int, last: int) -> None:
    for number in range(first, last):
        environment = make_environment(account, number)
        make_runtime(account, number).environments.add(environment)
        make_deployment(account, number)
        make_execution(account, number)


@pytest.mark.parametrize("kind", ["executions", "runtimes", "environments", "deployments"])
def test_the_number_of_queries_does_not_grow(operator: User, account: Account, kind: str) -> None:
    client = program(operator)
    client.get("/api/v1/me/")  # The first call of a token writes when it was used.
    counts = []
    for first, last in ((1, 6), (6, 51)):
        add_rows(account, first, last)
        with CaptureQueriesContext(database) as queries:
            rows = client.get(f"/api/v1/{kind}/", {"page_size": 50}).json()["results"]
        assert len(rows) == last - 1
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_a_detail_shows_all_that_is_known(operator: User, landscape: Account) -> None:
    row = make_execution(landscape, message="Boom <script>", extra={"reportKey": "r-1"})
    told = program(operator).get(f"{EXECUTIONS}{row.pk}/").json()
    assert told["message"] == "Boom <script>"
    assert told["extra"] == {"reportKey": "r-1"}
    assert [item["name"] for item in told["environments"]] == ["Environment 1"]


def test_the_csv_export_holds_all_pages_and_runs_no_formula(
    operator: User, account: Account
) -> None:
    make_executions(account, 120, process_name="=1+1")
    answer = program(operator).get(EXECUTIONS, {"export": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert len(rows) == 120
    assert {row["process_name"] for row in rows} == {"'=1+1"}


def test_the_json_export_holds_what_the_filter_selects(operator: User, account: Account) -> None:
    make_executions(account, 30)
    answer = program(operator).get(EXECUTIONS, {"export": "json", "status": "ERROR"})
    assert [row["execution_id"] for row in json.loads(answer.getvalue())] == [
        "execution-30", "execution-20", "execution-10",
    ]  # fmt: skip


def test_the_state_of_a_log_is_told(operator: User, account: Account) -> None:
    client = program(operator)
    bare = make_execution(account, 2, log_state=LogState.PURGED, log_reason="Purged.")
    told = client.get(f"{EXECUTIONS}{bare.pk}/log/").json()
    assert (told["state"], told["reason"], told["name"]) == ("purged", "Purged.", None)
    stored = client.get(f"{EXECUTIONS}{with_log(account).pk}/log/").json()
    assert (stored["lines"], stored["size"], stored["may_download"]) == (3, len(LOG), True)


def test_a_download_is_the_log_itself_and_is_audited(operator: User, account: Account) -> None:
    row = with_log(account)
    answer = program(operator).post(f"{EXECUTIONS}{row.pk}/log/")
    assert answer.getvalue() == LOG
    assert "attachment" in answer["Content-Disposition"]
    event = AuditEvent.objects.get(action="boomi.log.downloaded")
    assert (event.actor_text, event.via, event.object_id) == (operator.email, "api", str(row.pk))


def test_a_viewer_sees_the_state_but_not_the_log(viewer: User) -> None:
    row = with_log(connect(viewer).account)
    client = program(viewer)
    assert client.get(f"{EXECUTIONS}{row.pk}/log/").json()["may_download"] is False
    answer = client.post(f"{EXECUTIONS}{row.pk}/log/")
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")
    assert not AuditEvent.objects.filter(action="boomi.log.downloaded").exists()


def test_a_log_that_is_not_stored_is_not_found(operator: User, account: Account) -> None:
    row = make_execution(account)
    answer = program(operator).post(f"{EXECUTIONS}{row.pk}/log/")
    assert (answer.status_code, answer.json()["code"]) == (404, "LOG_NOT_STORED")


@pytest.mark.soak
def test_a_page_of_a_hundred_thousand_rows_comes_in_time(operator: User, account: Account) -> None:
    make_executions(account, 100_000)
    client = program(operator)
    for query in ({}, {"outcome": "error"}, {"q": "process 3"}, {"ordering": "duration_ms"}):
        began = time.monotonic()
        assert client.get(EXECUTIONS, query).status_code == 200
        assert time.monotonic() - began < 2
