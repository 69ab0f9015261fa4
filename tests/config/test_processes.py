"""What is checked and opened before the portal's processes start."""

import socket
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from config import processes
from config.processes import CannotServe
from scheduling import heartbeats


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_taken_port_is_said_before_anything_starts(taken: int) -> None:
    with pytest.raises(CommandError, match=f"Port {taken} on 127.0.0.1 is taken") as told:
        call_command("serve", port=taken)
    assert "--port" in str(told.value)


def test_a_taken_sandbox_port_is_said_too(taken: int) -> None:
    with pytest.raises(CommandError, match=f"Port {taken} on 127.0.0.1 is taken"):
        call_command("serve", port=0, sandbox=True, sandbox_port=taken)


@pytest.mark.parametrize(("host", "port"), [("203.0.113.7", 8000), ("127.0.0.1", 70_000)])
def test_an_address_that_is_not_ours_is_said(host: str, port: int) -> None:
    with pytest.raises(CannotServe, match="cannot be opened"):
        processes.listen(host, port)


@pytest.mark.parametrize(
    ("host", "text"), [("127.0.0.1", "http://127.0.0.1:"), ("::1", "http://[::1]:")]
)
def test_port_0_takes_a_free_one_and_names_it(host: str, text: str) -> None:
    with processes.listen(host, 0) as listener:
        assert processes.address(listener) == f"{text}{listener.getsockname()[1]}"


def test_the_portal_is_web_two_queues_and_a_clock() -> None:
    with processes.listen("127.0.0.1", 0) as listener:
        children = processes.portal(listener)
        names = [child.name for child in children]
        assert names == ["clock", "queue now", "queue later", "web"]
        assert children[2].environment == {"Q_CLUSTER_NAME": "later"}
        assert processes.portal(listener, 8090)[0].name == "sandbox"


@pytest.mark.django_db
def test_signs_of_life_are_those_in_the_database() -> None:
    heartbeats.beat("clock")
    assert processes.signs_of_life() == {"clock": heartbeats.last_beat("clock")}


@pytest.mark.django_db
def test_a_migrated_database_passes_and_an_empty_one_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    processes.check_database()
    monkeypatch.setattr(
        "config.processes.MigrationExecutor.migration_plan", lambda self, targets: [1, 2]
    )
    with pytest.raises(CannotServe, match="lacks 2 migrations") as told:
        processes.check_database()
    assert "manage.py migrate" in told.value.hint
