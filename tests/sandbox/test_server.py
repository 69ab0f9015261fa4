"""The sandbox as a server and as a command: start, stop, refusals, survival."""

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests

from sandbox import cli
from sandbox.server import Sandbox
from sandbox.store import Store, StoreError
from tests.sandbox.caller import Caller
from tests.sandbox.conftest import EPOCH

ROOT = Path(__file__).resolve().parents[2]


def test_a_temporary_state_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sandbox = Sandbox(scenario="small", epoch=EPOCH)
    assert list(tmp_path.iterdir())
    sandbox.start().stop()
    sandbox.stop()
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_scenario_is_refused(tmp_path):
    path = tmp_path / "state.sqlite3"
    Sandbox(path, scenario="small", epoch=EPOCH).stop()
    for wanted in ({"scenario": "bulk:5"}, {"scenario": "small", "seed": 2}):
        with pytest.raises(StoreError, match="scenario small with seed 1"):
            Sandbox(path, **wanted)


def test_a_file_that_is_no_sandbox_is_refused(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear all,\n" * 200)
    with pytest.raises(StoreError, match="not a sandbox file"):
        Sandbox(path, scenario="small")
    assert path.read_text().startswith("Dear all")


def test_a_filling_that_is_interrupted_leaves_nothing(tmp_path):
    path = tmp_path / "state.sqlite3"
    store = Store(path)

    def rows():
        raise RuntimeError("killed")
        yield ()

    with pytest.raises(RuntimeError):
        store.fill({}, [], rows())
    store.close()
    with Sandbox(path, scenario="small", epoch=EPOCH) as sandbox:
        assert sandbox.epoch == EPOCH


def test_stopping_does_not_wait_for_clients_that_keep_their_connection(sandbox, caller):
    caller.query("Environment")
    begun = time.monotonic()
    sandbox.stop()
    assert time.monotonic() - begun < 1


def test_many_clients_at_once_get_whole_answers(sandbox):
    def ask(_):
        return len(Caller(sandbox).everything("ExecutionRecord"))

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(16)))) == 1


def test_a_kept_connection_serves_many_requests(sandbox):
    connection = HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    connection.connect()
    kept = connection.sock
    for _ in range(5):
        connection.request("GET", "/_sandbox/counters")
        assert connection.getresponse().read().startswith(b"{")
        assert connection.sock is kept
    connection.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Length": "99999999"}, 413),
        ({"Content-Length": "-1"}, 411),
        ({"Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_a_body_without_a_sane_length_is_refused(sandbox, headers, status):
    lines = ["POST /api/rest/v1/a/Environment/query HTTP/1.1", "Host: x"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=5) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        assert connection.recv(100).startswith(f"HTTP/1.1 {status} ".encode())


def start(*arguments):
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0", "--scenario", "small", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    line = process.stdout.readline()
    assert line.startswith("sandbox ready on http://127.0.0.1:"), process.stderr.read()
    return process, line.split()[-1]


def test_a_killed_sandbox_keeps_epoch_clock_and_downloads(tmp_path):
    path = str(tmp_path / "state.sqlite3")
    process, url = start("--db", path)
    requests.post(f"{url}/_sandbox/clock", json={"offset_seconds": -7200}, timeout=10)
    before = requests.get(f"{url}/_sandbox/state", timeout=10).json()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    process, url = start("--db", path)
    after = requests.get(f"{url}/_sandbox/state", timeout=10).json()
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=10)[0] == "sandbox stopped\n"
    assert process.returncode == 0
    assert after["epoch"] == before["epoch"]
    assert after["clock"]["offset_seconds"] == pytest.approx(-7200, abs=1)


def test_a_taken_port_is_told_in_one_sentence(sandbox, capsys):
    assert cli.main(["--port", str(sandbox.port), "--scenario", "small"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"Cannot listen on 127.0.0.1:{sandbox.port}")
    assert "--port" in said


def test_an_unknown_scenario_is_told_in_one_sentence(capsys):
    assert cli.main(["--port", "0", "--scenario", "huge"]) == 2
    assert "There is no scenario 'huge'" in capsys.readouterr().err


def test_help_shows_an_example(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"])
    assert "Example: python -m sandbox" in capsys.readouterr().out
