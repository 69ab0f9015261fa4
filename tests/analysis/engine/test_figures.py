from array import array

import pytest

from analysis.engine.figures import Figures, nearest_rank, rounded, share


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7], 50, 7),
        ([1, 2], 50, 1),
        ([1, 2], 95, 2),
        ([1, 2, 3], 50, 2),
        ([15, 20, 35, 40, 50], 30, 20),
        ([15, 20, 35, 40, 50], 40, 20),
        ([15, 20, 35, 40, 50], 100, 50),
        (list(range(1, 101)), 95, 95),
        (list(range(1, 101)), 99, 99),
        (list(range(1, 102)), 99, 100),
    ],
)
def test_a_percentile_is_the_nearest_rank(values, percent, expected):
    assert nearest_rank(values, percent) == expected


@pytest.mark.parametrize(
    ("total", "count", "expected"), [(5, 2, 3), (4, 3, 1), (5, 3, 2), (0, 7, 0), (3, 2, 2)]
)
def test_a_mean_is_rounded_half_up(total, count, expected):
    assert rounded(total, count) == expected


def test_figures_of_several_steps_are_those_of_all_their_durations():
    figures = Figures.of([array("I", [5, 1]), array("I", [3])])
    assert figures == Figures(count=3, total=9, min=1, mean=3, p50=3, p95=5, p99=5, max=5)


def test_a_share_has_four_decimals_and_nothing_has_none():
    assert (share(1, 3), share(2, 3), share(0, 0)) == (0.3333, 0.6667, 0.0)
