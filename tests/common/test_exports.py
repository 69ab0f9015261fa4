"""Cells of a CSV download, as a spreadsheet reads them."""

import pytest

from common.exports import cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1"])
def test_no_text_of_a_cell_runs_as_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(-5, "-5"), (None, ""), (True, "true"), ("a=b", "a=b"), ({"a": 1}, '{"a": 1}'), ("\0a", "a")],
)  # fmt: skip
def test_other_values_stand_as_they_are(value: object, shown: str) -> None:
    assert cell(value) == shown
