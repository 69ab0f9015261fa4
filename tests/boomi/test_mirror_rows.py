"""Records become rows: statuses mapped, texts storable, nothing written twice."""

from datetime import UTC, datetime

import pytest

from boomi.client import (
    AtomRecord,
    DeployedPackageRecord,
    EnvironmentRecord,
    ExecutionRecord,
)
from boomi.models import (
    Account,
    Deployment,
    Environment,
    Execution,
    ExecutionOutcome,
    Runtime,
)
from boomi.rows import executions, landscape

pytestmark = [pytest.mark.django_db, pytest.mark.db]
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def account() -> Account:
    return Account.objects.create(account_id="acme-A1B2C3")


def record(**fields: object) -> ExecutionRecord:
    return ExecutionRecord.from_api(
        {
            "executionId": "execution-1",
            "executionTime": "2026-01-01T00:00:00Z",
            "status": "COMPLETE",
            "executionDuration": ["Long", 12],
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("COMPLETE", "success"),
        ("COMPLETE_WARN", "success"),
        ("ERROR", "error"),
        ("ABORTED", "cancelled"),
        ("ABORTED_RECOVERING", "cancelled"),
        ("DISCARDED", "cancelled"),
        ("STARTED", "running"),
        ("INPROCESS", "running"),
        ("ENQUEUED", "running"),
    ],
)
def test_every_platform_status_has_an_outcome_and_is_kept(account, status, outcome):
    executions.store_executions(account.pk, [record(status=status)], NOW)
    row = Execution.objects.get()
    assert (row.status, row.outcome) == (status, outcome)


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({}, ExecutionOutcome.RUNNING),
        ({"recordedDate": "2026-01-01T00:01:00Z"}, ExecutionOutcome.CANCELLED),
        ({"recordedDate": "2026-01-01T00:01:00Z", "message": "no"}, ExecutionOutcome.ERROR),
    ],
)
def test_an_unknown_status_is_never_a_success(fields, outcome):
    assert executions.outcome_of(record(status="PONDERING", **fields)) == outcome


def test_unknown_fields_are_kept_apart(account):
    executions.store_executions(account.pk, [record(shiny="new", reportKey="key")], NOW)
    assert Execution.objects.get().extra == {"shiny": "new", "reportKey": "key"}


def test_what_databases_refuse_is_replaced(account):
    nasty = record(message="a\x00b\ud800c", processName="p" * 400, odd={"x\x00": ["\x00"]})
    executions.store_executions(account.pk, [nasty], NOW)
    row = Execution.objects.get()
    assert row.message == "a\ufffdb?c"
    assert len(row.process_name) == 300
    assert row.extra["odd"] == {"x\ufffd": ["\ufffd"]}


def test_an_unchanged_record_is_not_written(account, django_assert_num_queries):
    executions.store_executions(account.pk, [record()], NOW)
    with django_assert_num_queries(1):
        stored = executions.store_executions(account.pk, [record()], NOW)
    assert (stored.seen, stored.new, stored.changed) == (1, 0, 0)


def test_a_run_that_ended_does_not_run_again(account):
    executions.store_executions(account.pk, [record()], NOW)
    executions.store_executions(account.pk, [record(status="INPROCESS")], NOW)
    assert Execution.objects.get().status == "COMPLETE"


def test_a_run_that_turns_into_an_error_is_a_new_failure_once(account):
    executions.store_executions(account.pk, [record(status="INPROCESS")], NOW)
    first = executions.store_executions(account.pk, [record(status="ERROR")], NOW)
    second = executions.store_executions(account.pk, [record(status="ERROR")], NOW)
    assert (first.failures, second.failures) == (1, 0)


def test_the_promotion_of_a_deployment_is_not_the_platforms_to_change(account):
    told = DeployedPackageRecord.from_api(
        {"deploymentId": "d", "deployedDate": "2026-01-01T00:00:00Z", "active": True}
    )
    landscape.store_deployments(account.pk, [told], NOW)
    Deployment.objects.update(promotion_number="#41")
    landscape.store_deployments(account.pk, [told], NOW)
    assert Deployment.objects.get().promotion_number == "#41"


def test_the_same_ids_in_two_accounts_are_two_rows(account):
    other = Account.objects.create(account_id="other-A1B2C3")
    executions.store_executions(account.pk, [record()], NOW)
    executions.store_executions(other.pk, [record()], NOW)
    assert Execution.objects.count() == 2


def test_a_list_that_names_a_row_twice_is_taken_once(account):
    environment = EnvironmentRecord.from_api({"id": "e-1", "name": "Test"})
    runtime = AtomRecord.from_api({"id": "r-1", "name": "Cloud", "status": "ONLINE"})
    assert landscape.store_environments(account.pk, [environment] * 2, NOW).seen == 1
    assert landscape.store_runtimes(account.pk, [runtime] * 2, NOW).seen == 1
    assert (Environment.objects.count(), Runtime.objects.count()) == (1, 1)


def test_a_number_no_column_holds_is_left_out(account):
    absurd = {"inboundDocumentCount": 2**40, "executionDuration": ["Long", 2**70]}
    executions.store_executions(account.pk, [record(**absurd)], NOW)
    row = Execution.objects.get()
    assert (row.inbound_documents, row.duration_ms) == (None, None)
