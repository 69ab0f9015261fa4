"""Mirrored rows for tests of pages, API and admin, made without a platform."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from boomi.models import (
    Account,
    ApiCall,
    Connection,
    ConnectionState,
    Deployment,
    Environment,
    Execution,
    ExecutionOutcome,
    Runtime,
)
from common.models import User

START = datetime(2026, 9, 14, 6, 0, tzinfo=UTC)
SECRET = "canary-9f3c-token"


def make_account(account_id: str = "northwind-7Q2K9D") -> Account:
    return Account.objects.get_or_create(account_id=account_id, defaults={"name": "Northwind"})[0]


def connect(owner: User, account: Account | None = None, **fields: object) -> Connection:
    """A connection that was tested and works; nothing listens at its address."""
    values = {
        "name": f"Connection of {owner.email}",
        "account": account or make_account(),
        "base_url": "http://127.0.0.1:9",
        "username": owner.email,
        "token": SECRET,
        "status": ConnectionState.OK,
        "proved_at": START,
        **fields,
    }
    return Connection.objects.create(owner=owner, **values)


def make_environment(account: Account, number: int = 1, **fields: object) -> Environment:
    values = {
        "environment_id": f"environment-{number}",
        "name": f"Environment {number}",
        "classification": "TEST",
        "seen_at": START,
        **fields,
    }
    return Environment.objects.create(account=account, **values)


def make_runtime(account: Account, number: int = 1, **fields: object) -> Runtime:
    values = {
        "runtime_id": f"runtime-{number}",
        "name": f"Runtime {number}",
        "status": "ONLINE",
        "type": "ATOM",
        "seen_at": START,
        **fields,
    }
    return Runtime.objects.create(account=account, **values)


def make_deployment(account: Account, number: int = 1, **fields: object) -> Deployment:
    values = {
        "deployment_id": f"deployment-{number}",
        "environment_id": "environment-1",
        "component_id": f"component-{number}",
        "deployed_at": START,
        "seen_at": START,
        **fields,
    }
    return Deployment.objects.create(account=account, **values)


def execution(account: Account, number: int = 1, **fields: object) -> Execution:
    """One unsaved run a minute, every tenth of them failed."""
    failed = number % 10 == 0
    values: dict[str, object] = {
        "execution_id": f"execution-{number}",
        "process_id": f"process-{number % 7}",
        "process_name": f"Process {number % 7}",
        "runtime_id": "runtime-1",
        "runtime_name": "Runtime 1",
        "status": "ERROR" if failed else "COMPLETE",
        "outcome": ExecutionOutcome.ERROR if failed else ExecutionOutcome.SUCCESS,
        "execution_type": "exec_sched",
        "started_at": START + timedelta(minutes=number),
        "duration_ms": number * 100,
        **fields,
    }
    return Execution(account=account, **values)


def make_executions(account: Account, count: int, **fields: object) -> None:
    rows = [execution(account, number, **fields) for number in range(1, count + 1)]
    Execution.objects.bulk_create(rows, batch_size=500)


def make_execution(account: Account, number: int = 1, **fields: object) -> Execution:
    row = execution(account, number, **fields)
    row.save(force_insert=True)
    return row


def make_call(account_id: str = "northwind-7Q2K9D", **fields: object) -> ApiCall:
    values = {
        "at": START,
        "method": "POST",
        "path": f"/api/rest/v1/{account_id}/Atom/query",
        "status": 200,
        "duration_ms": 120,
        "response_bytes": 900,
        "purpose": "background",
        "feature": "sync.runtimes",
        **fields,
    }
    return ApiCall.objects.create(account_id=account_id, **values)
