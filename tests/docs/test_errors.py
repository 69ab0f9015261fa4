"""Every code that people or programs can meet is explained in docs/errors.md or docs/api.md."""

import re
from pathlib import Path

import pytest

from analysis.engine.errors import LogError

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"""(?:default_code|error_code|\bcode)(?:: \w+)? ?= ?"([A-Z_]{4,})\"""")
ALONE = re.compile(r"""^ +"([A-Z]+_[A-Z_]+)",$""", re.MULTILINE)


def explained() -> set[str]:
    pages = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("errors.md", "api.md")]
    return set(re.findall(r"`([A-Z_]{4,})`", "\n".join(pages)))


def written(folder: str) -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / folder).rglob("*.py"))]
    found = {code for text in texts for code in CODE.findall(text)}
    if folder == "scheduling":
        found |= {code for text in texts for code in ALONE.findall(text)}
    return found


@pytest.mark.parametrize("folder", ["common", "scheduling", "boomi", "analysis", "config"])
def test_every_code_of_a_room_is_explained(folder: str) -> None:
    codes = written(folder)
    assert codes
    assert codes <= explained()


def test_every_fault_of_a_log_file_is_explained() -> None:
    kinds = {LogError, *LogError.__subclasses__()}
    assert len(kinds) > 5
    assert {kind.code.upper() for kind in kinds} <= explained()
