"""The table of lists and filters in docs/api.md is what the router serves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.api_urls import build_router

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
ROW = re.compile(r"^\| `([a-z-]+)/` \| (.+) \|$", re.MULTILINE)
WORDS = {name: set(re.findall(r"`(\w+)`", said)) for name, said in ROW.findall(PAGE.read_text())}
SERVED = {
    prefix: set(filters.base_filters)
    for prefix, view, _ in build_router().registry
    if (filters := getattr(view, "filterset_class", None)) is not None
}


def test_every_list_with_filters_is_in_the_table() -> None:
    assert set(SERVED) - set(WORDS) == set()


@pytest.mark.parametrize("name", sorted(WORDS))
def test_the_filters_of_a_list_are_those_it_takes(name: str) -> None:
    assert WORDS[name] == SERVED[name]
