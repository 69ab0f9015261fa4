"""The commands: what they print, how they end, and that the token stays out of sight."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command, load_command_class

from boomi.models import Connection, ConnectionState, Execution
from sandbox.scenario import TRUTH

pytestmark = pytest.mark.django_db
CREDENTIAL = TRUTH.credential(TRUTH.primary)


def run(name: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def connect(owner, url: str, *more: str) -> str:
    return run(
        "connect", "--owner", owner.email, "--account", TRUTH.primary.account_id,
        "--username", CREDENTIAL.user, "--base-url", url, *more,
    )  # fmt: skip


def test_connect_reads_the_token_from_a_file(operator, sandbox, tmp_path: Path):
    secret = tmp_path / "token"
    secret.write_text(f"{CREDENTIAL.token}\n")
    told = connect(operator, sandbox.url, "--token-file", str(secret))
    assert "Connected to Northwind Trading" in told
    assert "granted  VIEW_RESULT (executions)" in told
    assert CREDENTIAL.token not in told
    assert Connection.objects.get().status == ConnectionState.OK


def test_connect_reads_the_token_from_the_environment(operator, sandbox, monkeypatch):
    monkeypatch.setenv("BOOMI_TOKEN", CREDENTIAL.token)
    assert "Connected" in connect(operator, sandbox.url)


def test_connect_reads_the_token_from_standard_input(operator, sandbox, monkeypatch):
    monkeypatch.delenv("BOOMI_TOKEN", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{CREDENTIAL.token}\n"))
    assert "Connected" in connect(operator, sandbox.url)


def test_a_bad_token_is_saved_and_ends_with_one(operator, sandbox, monkeypatch):
    monkeypatch.setenv("BOOMI_TOKEN", "wrong")
    with pytest.raises(CommandError, match="but it fails") as failed:
        connect(operator, sandbox.url)
    assert failed.value.returncode == 1
    assert Connection.objects.get().status == ConnectionState.FAILING


def test_a_refused_form_ends_with_two(operator, monkeypatch):
    monkeypatch.setenv("BOOMI_TOKEN", "x")
    with pytest.raises(CommandError) as failed:
        connect(operator, "ftp://nowhere")
    assert failed.value.returncode == 2
    assert "\n" not in str(failed.value)


def test_a_missing_token_file_is_said(operator, sandbox):
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        connect(operator, sandbox.url, "--token-file", "/no/such/file")


def test_sync_mirrors_every_working_connection(connection):
    told = run("sync")
    assert " executions, " in told
    assert Execution.objects.exists()


def test_sync_of_one_kind_of_one_connection(connection):
    told = run("sync", "--connection", str(connection.pk), "--kind", "environments")
    assert told.startswith(f"{connection}: 3 new in environments, ")
    assert not Execution.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--since", "yesterday"], "not a date"),
        (["--since", "2026-13-45"], "not a date"),
        (["--since", "1999-01-01"], "400 days"),
        (["--connection", "99"], "no connection 99"),
    ],
)
def test_sync_says_what_it_cannot_do(connection, arguments, words):
    with pytest.raises(CommandError, match=words):
        run("sync", *arguments)


def test_sync_without_connections_says_how_to_add_one(db):
    with pytest.raises(CommandError, match=r"`manage\.py connect`"):
        run("sync")


def test_sync_ends_with_one_when_it_failed(connection, sandbox):
    sandbox.faults.reject_all_tokens = True
    with pytest.raises(CommandError, match="1 of the syncs failed"):
        run("sync")


def test_fetch_log_stores_and_writes_the_log(connection, sandbox, tmp_path: Path):
    run("sync", "--kind", "executions")
    failing = sandbox.truth.failing_run
    target = tmp_path / "run.log"
    told = run("fetch_log", failing.execution_id, "--output", str(target))
    assert " lines, " in told
    lines = target.read_text().splitlines()
    assert failing.first_error.text in lines[failing.first_error.line - 1]


def test_fetch_log_of_an_unknown_execution_says_so(db):
    with pytest.raises(CommandError, match="does not know"):
        run("fetch_log", "execution-x")


@pytest.mark.parametrize("name", ["connect", "sync", "fetch_log"])
def test_help_has_an_example_and_the_exit_status(name):
    text = load_command_class("boomi", name).create_parser("manage.py", name).format_help()
    assert f"manage.py {name}" in text.split("example:")[1]
    assert "exit status: 0" in text
    assert "--token " not in text
