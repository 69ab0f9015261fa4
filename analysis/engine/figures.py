"""Exact figures from the durations of a step: nearest-rank percentiles, rounded means, shares."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds, except `count`."""

    count: int
    total: int
    min: int
    mean: int
    p50: int
    p95: int
    p99: int
    max: int

    @classmethod
    def of(cls, durations: Iterable["array[int]"]) -> "Figures":
        """The figures of all durations together; there must be at least one."""
        ordered: list[int] = []
        for some in durations:
            ordered.extend(some)
        ordered.sort()
        count, total = len(ordered), sum(ordered)
        return cls(
            count=count,
            total=total,
            min=ordered[0],
            mean=rounded(total, count),
            p50=nearest_rank(ordered, 50),
            p95=nearest_rank(ordered, 95),
            p99=nearest_rank(ordered, 99),
            max=ordered[-1],
        )


def nearest_rank(ordered: list[int], percent: int) -> int:
    """The smallest value that at least `percent` of 100 values do not exceed."""
    rank = -(-percent * len(ordered) // 100)
    return ordered[max(rank, 1) - 1]


def rounded(total: int, count: int) -> int:
    """`total / count`, halves rounded up."""
    return (2 * total + count) // (2 * count)


def share(part: int, whole: int) -> float:
    """`part` as a fraction of `whole` with four decimals; 0.0 of nothing."""
    return round(part / whole, 4) if whole else 0.0
