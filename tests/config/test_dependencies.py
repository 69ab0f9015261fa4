import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def required(file: str) -> list[str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    names = [re.match(r"[A-Za-z0-9_.-]+", line) for line in lines if not line.startswith("-")]
    return [found[0] for found in names if found]


@pytest.mark.parametrize("file", ["requirements.in", "requirements-dev.in", "requirements-sdk.in"])
def test_every_dependency_says_why_it_is_there(file: str) -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    cells = " ".join(line.split("|")[1] for line in text.splitlines() if line.startswith("|"))
    assert [name for name in required(file) if name not in cells] == []


@pytest.mark.parametrize("file", sorted(path.name for path in ROOT.glob("requirements*.lock")))
def test_a_lock_names_no_host_and_has_hashes(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "://" not in text
    pinned = re.findall(r"^[A-Za-z0-9_.-]+==\S+", text, re.MULTILINE)
    assert pinned
    assert text.count("--hash=sha256:") >= len(pinned)
