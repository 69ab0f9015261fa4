"""Arrows between the rooms: the contracts hold, and no door is left out of them."""

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / ".importlinter"
DOORS = ("admin", "admin_components", "admin_mirror", "api", "tasks", "views")
# The base of every API stands low, for all apps; what is a door there is one module of it.
INSTEAD = {"common.api": "common.api.endpoints"}


def test_no_arrow_points_up() -> None:
    """In a process of its own: the linter configures logging and so silences other tests."""
    lint = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", lint], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("app", ["common", "scheduling", "boomi", "analysis"])
def test_every_door_of_an_app_is_under_contract(app: str) -> None:
    there = {f"{app}.{name}" for name in DOORS if list((ROOT / app).glob(f"{name}*"))}
    there = {INSTEAD.get(door, door) for door in there if _is_module(door)}
    assert there <= _forbidden(f"doors-{app}")
    assert there - set(INSTEAD.values()) <= _forbidden("verbs")


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _forbidden(contract: str) -> set[str]:
    contracts = configparser.ConfigParser()
    contracts.read(CONTRACTS)
    return set(contracts[f"importlinter:contract:{contract}"]["forbidden_modules"].split())
