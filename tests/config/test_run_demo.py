"""`make run`: what it refuses, and a second one beside the first."""

from argparse import ArgumentTypeError
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config import processes
from config.management.commands import run_demo

FIRST = "http://127.0.0.1:8000"


@pytest.mark.parametrize("text", ["0", "65536", "80000", "-1", "web", "80.5"])
def test_what_is_no_port_is_said(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="from 1 to 65535"):
        run_demo.port_number(text)


def test_the_folder_is_claimed_by_the_first_and_free_again_afterwards(tmp_path: Path) -> None:
    lock = tmp_path / "var" / "demo.lock"
    with run_demo.claimed(lock, FIRST) as first, run_demo.claimed(lock, "second") as other:
        assert (first, other) == ("", FIRST)
    with run_demo.claimed(lock, "third") as other:
        assert other == ""


def test_a_second_demo_leaves_the_sandbox_of_the_first_alone(
    settings, tmp_path, monkeypatch, capsys
):
    settings.DEMO, settings.VAR_DIR = True, tmp_path
    called: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(
        run_demo, "call_command", lambda name, **options: called.append((name, options))
    )
    with run_demo.claimed(tmp_path / "demo.lock", FIRST):
        run_demo.Command().handle(port=free_port(), sandbox_port=1)
    assert [name for name, _ in called] == ["serve"]
    assert "sandbox" not in called[0][1]
    assert FIRST in capsys.readouterr().out


def test_a_taken_port_names_the_way_out(settings, tmp_path: Path) -> None:
    settings.DEMO, settings.VAR_DIR = True, tmp_path
    with processes.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} .* `make run PORT="):
            call_command("run_demo", port=port, sandbox_port=port)


def free_port() -> int:
    with processes.listen("127.0.0.1", 0) as listener:
        return int(listener.getsockname()[1])
