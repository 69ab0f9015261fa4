"""The circuit seen through the client: what opens it, what does not, and that it heals itself."""

from dataclasses import replace

import pytest

from boomi import clients
from boomi.breaker import FAILURES_TO_OPEN
from boomi.client import BoomiError, CircuitOpen, field
from boomi.clients import translate
from boomi.health import check_platform
from boomi.models import Circuit
from common.errors import RemoteBusy
from sandbox.faults import Faults

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    patient = clients.policy
    monkeypatch.setattr(
        clients, "policy", lambda: replace(patient(), max_attempts=1, read_timeout=0.2)
    )


def ask(connection, times: int = 1) -> list[str]:
    """The codes of so many calls, "" for a good one."""
    client, codes = clients.open_client(connection), []
    for _ in range(times):
        try:
            client.execution_page(field("status").eq("ERROR"))
            codes.append("")
        except BoomiError as error:
            codes.append(error.code)
    return codes


@pytest.mark.parametrize(
    "faults",
    [{"next_503": 99}, {"next_drops": 99}, {"next_html_errors": 99}],
    ids=["503", "dropped", "502"],
)
def test_an_outage_stops_the_calls(connection, sandbox, faults):
    sandbox.faults = Faults(**faults, retry_after=0)
    codes = ask(connection, FAILURES_TO_OPEN + 20)
    assert sandbox.counters.total == FAILURES_TO_OPEN
    assert set(codes[FAILURES_TO_OPEN:]) == {"CIRCUIT_OPEN"}


@pytest.mark.parametrize(
    "faults",
    [{"reject_all_tokens": True}, {"next_429": 99, "retry_after": 0}, {"next_broken_json": 99}],
    ids=["401", "429", "unreadable"],
)
def test_a_platform_that_answers_badly_still_answers(connection, sandbox, faults):
    sandbox.faults = Faults(**faults)
    ask(connection, FAILURES_TO_OPEN + 2)
    assert sandbox.counters.total == FAILURES_TO_OPEN + 2


def test_a_runtime_that_is_away_is_no_outage(connection, sandbox):
    failing = sandbox.truth.failing_run.execution_id
    sandbox.faults = Faults(offline_runtimes={sandbox.truth.failing_run.atom_id})
    client = clients.open_client(connection)
    for _ in range(FAILURES_TO_OPEN + 2):
        with pytest.raises(BoomiError):
            client.request_process_log(failing)
    assert not Circuit.objects.exclude(state=Circuit.State.CLOSED).exists()


def test_health_returns_to_green_without_a_restart(connection, sandbox):
    sandbox.faults = Faults(next_drops=FAILURES_TO_OPEN)
    ask(connection, FAILURES_TO_OPEN)
    assert check_platform().state == "degraded"
    Circuit.objects.update(retry_at=Circuit.objects.get().state_since)
    assert ask(connection, 3) == ["", "", ""]
    assert check_platform().state == "healthy"


def test_jobs_wait_for_it(connection, sandbox):
    sandbox.faults = Faults(next_drops=FAILURES_TO_OPEN)
    ask(connection, FAILURES_TO_OPEN)
    with pytest.raises(CircuitOpen) as refused:
        clients.open_client(connection).atoms()
    told = translate(refused.value)
    assert isinstance(told, RemoteBusy)
    assert (told.code, told.wait_seconds > 5) == ("CIRCUIT_OPEN", True)


def test_a_connection_that_was_never_taken_opens_nobodys_circuit(operator, make_connection):
    row = make_connection(operator, "http://127.0.0.1:9", proved_at=None)
    codes = ask(row, FAILURES_TO_OPEN + 2)
    assert set(codes) == {"CONNECTION_REFUSED"}
    assert not Circuit.objects.exists()
