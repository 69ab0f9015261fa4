import json
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import Secrets, flag, number, words

Patch = pytest.MonkeyPatch


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("Yes", True), (" on ", True), ("0", False), ("FALSE", False)]
)
def test_a_switch_is_read(monkeypatch: Patch, text: str, value: bool) -> None:
    monkeypatch.setenv("X_FLAG", text)
    assert flag("X_FLAG", default=not value) is value


def test_an_empty_switch_keeps_the_default(monkeypatch: Patch) -> None:
    monkeypatch.setenv("X_FLAG", "")
    assert flag("X_FLAG", default=True) is True


def test_a_misspelt_switch_is_refused(monkeypatch: Patch) -> None:
    monkeypatch.setenv("X_FLAG", "ture")
    with pytest.raises(ImproperlyConfigured, match=r"is not a switch\. Write 1 or 0\."):
        flag("X_FLAG")


@pytest.mark.parametrize(("text", "says"), [("ten", "not a whole number"), ("0", "too small")])
def test_a_bad_number_is_refused(monkeypatch: Patch, text: str, says: str) -> None:
    monkeypatch.setenv("X_NUMBER", text)
    with pytest.raises(ImproperlyConfigured, match=says):
        number("X_NUMBER", 5, least=1)


def test_words_are_split_and_trimmed(monkeypatch: Patch) -> None:
    monkeypatch.setenv("X_WORDS", " a , ,b,")
    assert words("X_WORDS", ["z"]) == ["a", "b"]
    assert words("X_NOT_SET", ["z"]) == ["z"]


def secrets(tmp_path: Path, *, demo: bool = False) -> Secrets:
    return Secrets(demo=demo, store=tmp_path / "var" / "keys.json")


def test_a_missing_secret_stops_the_start_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"X_SECRET is not set.*generate_key"):
        secrets(tmp_path).read("X_SECRET")


def test_a_secret_comes_from_a_file(monkeypatch: Patch, tmp_path: Path) -> None:
    (tmp_path / "mounted").write_text("hunter2\n")
    monkeypatch.setenv("X_SECRET_FILE", str(tmp_path / "mounted"))
    assert secrets(tmp_path).read("X_SECRET") == "hunter2"


def test_an_unreadable_file_is_named(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setenv("X_SECRET_FILE", str(tmp_path / "absent"))
    with pytest.raises(ImproperlyConfigured, match="X_SECRET_FILE cannot be read"):
        secrets(tmp_path).read("X_SECRET")


def test_the_environment_wins_over_the_file(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setenv("X_SECRET", "direct")
    monkeypatch.setenv("X_SECRET_FILE", str(tmp_path / "absent"))
    assert secrets(tmp_path).read("X_SECRET") == "direct"


def test_the_demo_invents_a_secret_once_and_keeps_it_private(tmp_path: Path) -> None:
    first = secrets(tmp_path, demo=True).read("X_SECRET")
    assert secrets(tmp_path, demo=True).read("X_SECRET") == first
    kept = tmp_path / "var" / "keys.json"
    assert json.loads(kept.read_text()) == {"X_SECRET": first}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
