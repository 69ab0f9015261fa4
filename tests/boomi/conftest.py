"""A sandbox platform over a real socket, connections to it, and a log store of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from boomi.models import Account, Connection, ConnectionState
from common.models import User
from sandbox.scenario import TRUTH
from sandbox.server import Sandbox

MakeConnection = Callable[..., Connection]


@pytest.fixture(autouse=True)
def log_dir(settings, tmp_path: Path) -> Path:
    """Where logs are stored during a test."""
    backend = "django.core.files.storage.FileSystemStorage"
    options = {"location": str(tmp_path / "logs")}
    settings.STORAGES = {**settings.STORAGES, "logs": {"BACKEND": backend, "OPTIONS": options}}
    return tmp_path / "logs"


@pytest.fixture(autouse=True)
def roomy_caps(settings) -> None:
    """Tests of the limiter set caps of their own; the others must not wait for it."""
    settings.API_REQUESTS_PER_SECOND = 1000
    settings.API_REQUESTS_PER_MINUTE = 60_000
    settings.API_CONCURRENCY = 50


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The imitation platform with a few hundred executions, without a rate limit."""
    with Sandbox(scenario="small", rate_limit=0) as server:
        yield server


@pytest.fixture
def make_connection(db: None) -> MakeConnection:
    """Save a connection to Northwind's primary account as if it had been tested."""

    def make(owner: User, base_url: str = "http://127.0.0.1:9", **fields: object) -> Connection:
        account_id = str(fields.pop("account_id", TRUTH.primary.account_id))
        account, _ = Account.objects.get_or_create(account_id=account_id)
        credential = TRUTH.credential(TRUTH.primary)
        values = {
            "name": f"{account_id} of {owner.email}",
            "username": credential.user,
            "token": credential.token,
            "status": ConnectionState.OK,
            "proved_at": timezone.now(),
            **fields,
        }
        return Connection.objects.create(owner=owner, account=account, base_url=base_url, **values)

    return make


@pytest.fixture
def connection(sandbox: Sandbox, operator: User, make_connection: MakeConnection) -> Connection:
    """A working connection to the sandbox that belongs to the operator."""
    return make_connection(operator, sandbox.url)
