"""The settings the code reads, the page that explains them and the example file are one list."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETTINGS = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
READ = re.compile(
    r"""\b(?:flag|number|words|_secrets\.\w+|env\.\w+|os\.environ\.get)\(\s*"([A-Z_]+)\""""
)
# They say where the rest is found, so the file that holds the rest cannot hold them.
OUTSIDE = {"ENV_FILE"}


def read() -> set[str]:
    return set(READ.findall(SETTINGS))


def explained() -> set[str]:
    cells = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    return set(re.findall(r"`([A-Z_]+)`", " ".join(cells)))


def test_every_setting_is_explained_and_nothing_else():
    assert explained() == read() - OUTSIDE
    assert all(name in PAGE for name in OUTSIDE)


def test_the_example_file_lists_every_setting_and_nothing_else():
    listed = set(re.findall(r"^(?:# )?([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    assert listed == read() - OUTSIDE


def test_the_reader_of_settings_finds_them():
    assert {"SECRET_KEY", "DEBUG", "Q_WORKERS", "BOOMI_HOSTS", "DATABASE_URL", "LOG_DIR"} <= read()
