import json

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from common.models import User
from common.registry import CheckResult, registry
from config import health

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def only_own_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "checks", {})


def add(state: str) -> None:
    registry.add_check("part", lambda: CheckResult("part", state, "It is so.", "Do this."))


def no_database(*args: object, **kwargs: object) -> None:
    raise OperationalError("password=hunter2 refused")


def test_alive_needs_no_database(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_ready_lists_the_parts() -> None:
    body = Client().get("/readyz").json()
    assert body["state"] == "healthy"
    assert [part["name"] for part in body["checks"]] == ["database", "migrations", "storage"]


@pytest.mark.parametrize(("state", "status"), [("degraded", 200), ("down", 503)])
def test_the_worst_part_decides(state: str, status: int) -> None:
    add(state)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["state"]) == (status, state)


def test_details_are_for_admins(admin_user: User, viewer: User) -> None:
    add("degraded")
    client = Client()
    assert "It is so." not in client.get("/readyz").content.decode()
    client.force_login(viewer)
    assert "It is so." not in client.get("/readyz").content.decode()
    client.force_login(admin_user)
    assert "It is so." in client.get("/readyz").content.decode()


def test_a_database_that_does_not_answer_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "cursor", no_database)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (
        503, [{"name": "database", "state": "down"}],
    )  # fmt: skip


def test_a_missing_migration_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "config.health.MigrationExecutor.migration_plan", lambda *args: [("common", False)]
    )
    result = health.check_migrations()
    assert (result.state, result.detail) == ("down", "1 migrations are not applied.")


def test_a_full_disk_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", full)
    result = health.check_storage()
    assert (result.state, result.detail) == (
        "down", "Logs cannot be stored: No space left on device.",
    )  # fmt: skip


def test_a_check_that_breaks_hides_no_other() -> None:
    def broken() -> CheckResult:
        raise KeyError("oops")

    registry.add_check("a", broken)
    registry.add_check("b", lambda: CheckResult("b", "healthy", "fine"))
    states = {item.name: item.state for item in health.run_checks()}
    assert (states["a"], states["b"]) == ("down", "healthy")


@pytest.mark.parametrize(("state", "code"), [("healthy", 0), ("degraded", 1), ("down", 2)])
def test_the_command_tells_by_its_exit_status(
    state: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    add(state)
    with pytest.raises(SystemExit) as ended:
        call_command("health", "--json")
    assert ended.value.code == code
    assert json.loads(capsys.readouterr().out)["state"] == state


def test_the_command_reads_well(capsys: pytest.CaptureFixture[str]) -> None:
    add("degraded")
    with pytest.raises(SystemExit):
        call_command("health")
    printed = capsys.readouterr().out
    assert "degraded  part: It is so. Do this." in printed
    assert printed.endswith("The portal is degraded.\n")
