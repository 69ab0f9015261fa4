"""Starting the portal with and without its keys, as a person at a terminal sees it."""

import os
import subprocess
import sys
from pathlib import Path

from common.crypto import generate_key

ROOT = Path(__file__).resolve().parents[2]


def manage(tmp_path: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """manage.py in an environment that knows nothing but `variables`."""
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(tmp_path / "var"),
        "ALLOWED_HOSTS": "portal.example",
        **variables,
    }
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_without_a_key_the_portal_says_what_is_missing_and_stops(tmp_path: Path):
    ended = manage(tmp_path, "check")
    assert ended.returncode == 1
    assert ended.stderr.startswith("The portal cannot start: SECRET_KEY is not set.")
    assert "generate_key" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_keys_may_come_from_files(tmp_path: Path):
    key_file = tmp_path / "keys"
    key_file.write_text(generate_key() + "\n")
    ended = manage(
        tmp_path, "check", SECRET_KEY="s" * 60, AUDIT_KEY="a" * 40,
        ENCRYPTION_KEYS_FILE=str(key_file),
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr


def test_a_key_file_that_cannot_be_read_is_named(tmp_path: Path):
    ended = manage(tmp_path, "check", SECRET_KEY_FILE=str(tmp_path / "nowhere"))
    assert ended.returncode == 1
    assert "SECRET_KEY_FILE cannot be read" in ended.stderr


def test_a_malformed_number_is_told_by_name(tmp_path: Path):
    ended = manage(tmp_path, "check", DEMO="1", Q_WORKERS="many")
    assert ended.returncode == 1
    assert "Q_WORKERS='many' is not a whole number." in ended.stderr


def test_a_key_can_be_made_before_any_setting_exists(tmp_path: Path):
    first, second = (manage(tmp_path, "generate_key") for _ in range(2))
    assert first.returncode == second.returncode == 0
    assert first.stdout != second.stdout
