"""The client inside the portal: calls are logged, transactions refused, errors said in words."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import responses
from django.db import connection as database
from django.db import transaction

from boomi import clients
from boomi.client import BoomiClient, BoomiError, field
from boomi.models import ApiCall, Connection, LimiterState
from common.errors import InputError, PortalError, RemoteBusy
from sandbox.server import Sandbox

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
Call = Callable[[BoomiClient], object]
UNKNOWN_RUN = "execution-00000000-0000-4000-8000-000000000000-2026.01.01"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """One attempt of a second: what is told, not how often it is tried."""
    patient = clients.policy
    monkeypatch.setattr(
        clients, "policy", lambda: replace(patient(), max_attempts=1, read_timeout=0.3)
    )


def environments(client: BoomiClient) -> object:
    return client.environments()


def download(url: str) -> Call:
    return lambda client: client.download(url, io.BytesIO())


def test_every_call_is_logged_without_a_secret(connection, sandbox):
    clients.open_client(connection).environments()
    call = ApiCall.objects.get()
    assert (call.status, call.method, call.purpose) == (200, "POST", "background")
    assert call.path.endswith("/Environment/query")
    assert call.account_id == connection.account.account_id
    assert call.connection_id == connection.pk
    assert connection.token not in str(vars(call))


@pytest.mark.parametrize(
    "narrowed",
    [{"ALLOW_PRIVATE_ADDRESSES": False}, {"ALLOW_PRIVATE_ADDRESSES": False, "BOOMI_HOSTS": []}],
)  # fmt: skip
def test_no_token_goes_where_the_settings_no_longer_allow(
    settings, make_connection, operator, narrowed
):
    row = make_connection(operator, "https://127.0.0.1:9")
    for name, value in narrowed.items():
        setattr(settings, name, value)
    with pytest.raises(InputError, match="not allowed here") as caught:
        clients.open_client(row)
    assert caught.value.code == "INVALID_CONNECTION"
    assert "BOOMI_HOSTS" in caught.value.hint


def test_a_failed_call_is_logged_too(connection, sandbox):
    sandbox.faults.next_drops = 1
    with pytest.raises(BoomiError):
        clients.open_client(connection).environments()
    call = ApiCall.objects.get()
    assert (call.status, call.error) == (None, "CONNECTION_DROPPED")


def test_calls_are_counted_by_the_shared_limiter(connection):
    clients.open_client(connection).environments()
    state = LimiterState.objects.get(account_id=connection.account.account_id)
    assert len(state.hits) == len(state.background_hits) == 1
    assert state.leases == {}


def test_an_interactive_call_takes_nothing_from_the_background(connection):
    clients.open_client(connection, purpose="interactive").environments()
    assert LimiterState.objects.get().background_hits == []


def test_a_call_inside_a_transaction_is_refused_before_it_is_made(connection, sandbox):
    client = clients.open_client(connection)
    with transaction.atomic(), pytest.raises(clients.CallInTransaction):
        client.environments()
    assert sandbox.counters.total == 0


def test_the_transaction_around_a_test_is_not_ours():
    assert database.in_atomic_block
    assert not clients.in_transaction()
    with transaction.atomic():
        assert clients.in_transaction()


FAULTS: dict[str, tuple[dict[str, object], Call]] = {
    "AUTH_FAILED": ({"reject_all_tokens": True}, environments),
    "ACCESS_DENIED": ({"missing_privileges": {"ATOM_MANAGEMENT_READ_ONLY"}}, environments),
    "API_RATE_LIMIT": ({"next_503": 1}, environments),
    "TIMEOUT": ({"next_timeouts": 1, "timeout_seconds": 1.0}, environments),
    "CONNECTION_DROPPED": ({"next_drops": 1}, environments),
    "BROKEN_ANSWER": ({"next_broken_json": 1}, environments),
    "REQUEST_REJECTED": ({}, lambda client: client.execution_page(field("colour").eq("red"))),
    "LOG_NOT_THERE": ({}, lambda client: client.request_process_log(UNKNOWN_RUN)),
    "FOREIGN_HOST": ({}, download("https://evil.example/log")),
    "BAD_ADDRESS": ({}, download("nonsense")),
}


@pytest.mark.parametrize("code", FAULTS)
def test_each_fault_of_the_platform_has_its_code_and_a_way_out(connection, sandbox, code):
    faults, call = FAULTS[code]
    for name, value in faults.items():
        setattr(sandbox.faults, name, value)
    check_told(connection, call, code)


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("UNREADABLE_RECORD", {"json": {"result": [{"name": "no id"}] * 10}}),
        ("NOT_FOUND", {"status": 404}),
        ("GONE", {"status": 410}),
        ("BROKEN_ANSWER", {"status": 500}),
    ],
)
def test_each_odd_answer_has_its_code(connection, code, answer):
    with responses.RequestsMock() as platform:
        platform.post(re.compile(".*/Environment/query"), **answer)
        check_told(connection, environments, code)


@pytest.mark.parametrize(
    ("code", "address"),
    [
        ("CONNECTION_REFUSED", "http://127.0.0.1:9"),
        ("HOST_UNKNOWN", "https://nowhere.invalid"),
        ("TLS_FAILED", "{https}"),
        ("INVALID_CONNECTION", "http://198.41.0.4"),
    ],
)
def test_each_fault_of_the_way_has_its_code(connection, sandbox: Sandbox, code, address):
    connection.base_url = address.format(https=sandbox.url.replace("http:", "https:"))
    check_told(connection, environments, code)


def test_a_listed_host_gets_no_token_without_tls(connection, settings):
    settings.BOOMI_HOSTS = ["198.41.0.4:80"]
    check_told(connection, download("http://198.41.0.4/log"), "INSECURE_ADDRESS")


def test_an_unknown_account_is_named(connection):
    with responses.RequestsMock() as platform:
        platform.get(re.compile(".*/Account/.*"), status=400, json={"message": "no such id"})
        check_told(connection, lambda client: client.account(), "ACCOUNT_NOT_FOUND")


def check_told(connection: Connection, call: Call, code: str) -> None:
    with pytest.raises(PortalError) as told, clients.spoken():
        call(clients.open_client(connection))
    assert told.value.code == code
    assert told.value.message.endswith((".", ")")) or ":" in told.value.message
    assert connection.token not in f"{told.value.message} {told.value.hint} {told.value!r}"
    assert told.value.__cause__ is None


def test_a_wait_is_told_in_seconds(connection, sandbox):
    sandbox.faults.next_503, sandbox.faults.retry_after = 1, 30
    with pytest.raises(RemoteBusy) as told, clients.spoken():
        clients.open_client(connection).environments()
    assert told.value.wait_seconds == 30


def test_only_passing_faults_are_for_jobs_to_repeat(connection, sandbox):
    sandbox.faults.next_drops = 1
    with pytest.raises(clients.PassingFault), clients.spoken():
        clients.open_client(connection).environments()
    sandbox.faults.reject_all_tokens = True
    with pytest.raises(PortalError) as told, clients.spoken():
        clients.open_client(connection).environments()
    assert not getattr(told.value, "transient", False)


def test_a_stored_value_that_is_no_good_is_said(connection):
    connection.username = "a:b"
    with pytest.raises(InputError) as told:
        clients.open_client(connection)
    assert told.value.code == "INVALID_CONNECTION"


def test_every_code_is_explained():
    """The client and the services write codes as texts; docs/errors.md has a row for each."""
    explained = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/errors.md").read_text(), re.M))
    written: set[str] = set()
    forms = r"""(?:code="|default_code(?:: ClassVar\[str\])? = "|"code": "|code = "|code, ")"""
    for path in (ROOT / "boomi").rglob("*.py"):
        written |= set(re.findall(rf'{forms}([A-Z_]{{4,}})"', path.read_text()))
        written |= set(re.findall(r'^    "([A-Z_]{4,})": "', path.read_text(), re.M))
    written -= {"INSERT", "UPDATE", "DELETE"}  # events of triggers
    assert len(written) > 25
    assert written <= explained


def test_a_call_is_logged_with_what_it_was_for(connection):
    clients.open_client(connection, feature="sync.runtimes").atoms()
    assert list(ApiCall.objects.values_list("service", "feature")) == [("boomi", "sync.runtimes")]
