"""What the platform says in an error, on its way to people and into columns."""

import json

import pytest

from boomi.client.answers import read_reason


@pytest.mark.parametrize("bad", ["\x00", "\ud800"])
def test_characters_that_no_column_takes_are_replaced(bad: str) -> None:
    reason = read_reason(json.dumps({"message": f"No {bad} right."}).encode(), ())
    assert bad not in reason.said
    assert reason.said.startswith("No ")
    assert reason.said.endswith(" right.")
    reason.said.encode()
