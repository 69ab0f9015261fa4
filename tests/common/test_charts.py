"""Geometry of the server-drawn charts."""

from common import charts

TWO_MINUTES = {
    "bucket_seconds": 60,
    "start": "2026-05-04T09:12:00Z",
    "records": [10, 40],
    "errors": [0, 2],
}


def test_the_tallest_bar_fills_its_panel() -> None:
    drawn = charts.histogram(TWO_MINUTES)
    assert drawn is not None
    assert [(bar.y, bar.height) for bar in drawn.records] == [(48, 16), (0, 64)]


def test_a_slice_without_errors_has_no_bar() -> None:
    drawn = charts.histogram(TWO_MINUTES)
    assert drawn is not None
    assert [bar.title for bar in drawn.errors] == ["09:13:00: 40 records, 2 errors"]


def test_many_slices_are_added_up_and_nothing_is_lost() -> None:
    drawn = charts.histogram({**TWO_MINUTES, "records": [1] * 1000, "errors": [1] * 1000})
    assert drawn is not None
    assert len(drawn.buckets) <= charts.MOST_BARS
    assert (drawn.total_records, drawn.total_errors) == (1000, 1000)
    assert drawn.bucket_seconds == 300


def test_a_log_without_clock_time_has_no_ticks() -> None:
    drawn = charts.histogram({**TWO_MINUTES, "start": None})
    assert drawn is not None
    assert drawn.ticks == ()


def test_an_empty_log_draws_nothing() -> None:
    assert charts.histogram({}) is None
    assert charts.histogram({**TWO_MINUTES, "records": [0, 0]}) is None


def test_a_spark_line_ends_at_its_last_value() -> None:
    drawn = charts.sparkline([1, 2, 4])
    assert drawn is not None
    points, last = drawn
    assert points.split()[-1] == f"{last.x},{last.y}" == "94.0,2.0"


def test_one_value_is_no_line() -> None:
    assert charts.sparkline([3]) is None


def test_a_run_without_duration_keeps_a_low_bar() -> None:
    assert [bar.height for bar in charts.strip([None, 100, 50])] == [5, 24, 12]
