"""Geometry of the day ahead."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduling import timeline

NOW = datetime(2026, 11, 21, 4, 30, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_start_is_a_mark_at_its_share_of_the_day() -> None:
    (mark,) = timeline.marks([at(720)], NOW, UTC)
    assert (mark.x, mark.title) == ("50.00%", "16:30")


def test_what_is_past_or_later_than_a_day_is_left_out() -> None:
    assert timeline.marks([at(-1), at(1440)], NOW, UTC) == ()


def test_starts_close_together_are_one_band() -> None:
    times = [at(60 + 5 * step) for step in range(12)]
    (band,) = timeline.marks(times, NOW, UTC)
    assert band.title == "05:30–06:25, 12 starts"
    assert float(band.width.rstrip("%")) * 14.4 > 55


def test_starts_half_an_hour_apart_are_marks() -> None:
    assert len(timeline.marks([at(30 * step) for step in range(48)], NOW, UTC)) == 48


def test_no_mark_leaves_the_drawing() -> None:
    (mark,) = timeline.marks([at(1439)], NOW, UTC)
    assert float(mark.x.rstrip("%")) + float(mark.width.rstrip("%")) <= 100.01


def test_hours_are_those_of_the_viewer() -> None:
    (mark,) = timeline.marks([at(30)], NOW, ZoneInfo("Asia/Kolkata"))
    assert mark.title == "10:30"
    labels = [tick.label for tick in timeline.ticks(NOW, ZoneInfo("Asia/Kolkata"))]
    assert labels == ["12:00", "15:00", "18:00", "21:00", "00:00", "03:00", "06:00", "09:00"]


def test_ticks_of_a_day_with_a_clock_change_stay_where_they_are() -> None:
    before = datetime(2027, 3, 27, 23, 0, tzinfo=UTC)
    ticks = timeline.ticks(before, ZoneInfo("Europe/Berlin"))
    assert (ticks[0].label, ticks[0].x) == ("03:00", "8.33%")
