import io
import json
import subprocess
import sys

import pytest

from analysis.engine.cli import main
from tests.analysis.engine.writing import LOGS

FAILED = str(LOGS / "orders-failed.log")
CAUGHT = str(LOGS / "customers-caught.log")


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    status = main(list(arguments), out, err)
    return status, out.getvalue(), err.getvalue()


def test_the_report_begins_with_the_verdict_and_fits_a_terminal():
    status, out, err = run(CAUGHT)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Completed; 1 error was caught on the way"
    assert max(map(len, lines)) <= 100
    assert [line for line in lines if line[:1].isupper() and line[1:3].isupper()] == [
        "FAULTS by cause",
        "STEPS by total time",
        "CONNECTORS",
        "SLOWEST single executions",
        "WARNINGS",
    ]


def test_json_is_one_object_per_file_and_line():
    status, out, _ = run(FAILED, CAUGHT, "--json")
    names = [json.loads(line)["source"]["name"] for line in out.splitlines()]
    assert (status, names) == (0, ["orders-failed.log", "customers-caught.log"])


def test_json_can_be_indented():
    _, out, _ = run(FAILED, "--json", "--indent")
    assert out.startswith('{\n  "schema": 1,')
    assert json.loads(out)["schema"] == 1


def test_a_file_that_is_no_log_costs_one_line_and_the_others_are_done(tmp_path):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    status, out, err = run(str(picture), FAILED)
    assert status == 1
    assert err.startswith("'a.png' is a PNG picture, not a Boomi process log. In Boomi open")
    assert err.count("\n") == 1
    assert out.startswith("Failed in step 'Post order'")


@pytest.mark.parametrize(
    ("path", "reason"), [("missing.log", "no such file"), (".", "is a directory")]
)
def test_a_file_that_cannot_be_read_is_said_in_one_line(path, reason):
    status, out, err = run(path)
    assert (status, out) == (1, "")
    assert reason in err
    assert err.count("\n") == 1


def test_no_file_at_all_is_a_usage_error():
    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 2


def test_a_log_cannot_steer_the_terminal(tmp_path):
    path = tmp_path / "log"
    path.write_text("2026-04-14T06:00:00Z\tWARNING\tA\t\t\x1b[2Jgone\n")
    _, out, _ = run(str(path))
    assert "\x1b" not in out
    assert "?[<n>Jgone" in out


def test_the_module_runs_from_the_command_line_without_django():
    code = "import sys, analysis.engine.cli; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    done = subprocess.run(
        [sys.executable, "-m", "analysis.engine", FAILED], capture_output=True, check=True
    )
    assert done.stdout.decode().startswith("Failed in step 'Post order' – HTTP 401")
