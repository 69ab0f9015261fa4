import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.analysis.builders import failing_log, zipped


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    path = tmp_path / "run.log"
    path.write_bytes(failing_log())
    return path


def test_a_report_names_the_first_fault(log_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("analyze", str(log_path))
    assert "401" in capsys.readouterr().out


def test_json_is_one_object_per_file(
    log_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = tmp_path / "run.zip"
    packed.write_bytes(zipped(run_log=failing_log()))
    call_command("analyze", str(log_path), str(packed), "--json")
    plain, unpacked = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert plain["source"].pop("name") != unpacked["source"].pop("name")
    assert plain == unpacked


def test_a_file_that_is_no_log_costs_one_line_and_status_1(
    log_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear team")
    with pytest.raises(SystemExit) as caught:
        call_command("analyze", str(letter), str(log_path))
    said = capsys.readouterr()
    assert caught.value.code == 1
    assert said.err.count("\n") == 1
    assert "letter.txt" in said.err
    assert "401" in said.out


def bare(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """The command as on a machine where nothing is set up."""
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "VAR_DIR": str(folder / "v")}
    return subprocess.run(
        [sys.executable, "manage.py", "analyze", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )


def test_the_command_needs_no_settings_and_touches_no_database(
    log_path: Path, tmp_path: Path
) -> None:
    done = bare(str(log_path), "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["first_fault"]["http_code"] == 401
    assert not (tmp_path / "v").exists()


def test_without_settings_a_bad_file_still_costs_one_line(tmp_path: Path) -> None:
    done = bare(str(tmp_path / "missing.log"), folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


def test_without_settings_the_help_has_an_example(tmp_path: Path) -> None:
    done = bare("--help", folder=tmp_path)
    assert done.returncode == 0
    assert "example: manage.py analyze" in done.stdout
