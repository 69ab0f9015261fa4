from datetime import UTC, datetime

from analysis.lines import TEXT_CHARACTERS, log_lines

RECORD = "2026-09-13T08:15:02Z\tSEVERE\tPost order\tCRM: HTTP Connector; SEND\tCode 401: a\tb"


def test_a_record_shows_its_columns_and_keeps_tabs_of_the_message() -> None:
    [line] = log_lines([(7, RECORD)], faults={7})
    assert line.time == datetime(2026, 9, 13, 8, 15, 2, tzinfo=UTC)
    assert (line.number, line.level, line.step) == (7, "SEVERE", "Post order")
    assert line.info == "CRM: HTTP Connector; SEND"
    assert line.text == "Code 401: a\tb"
    assert line.is_fault
    assert not line.is_continuation


def test_a_line_that_is_no_record_continues_the_one_above() -> None:
    _, trace = log_lines([(1, RECORD), (2, "\tat some.java.Class(File.java:7)")], faults=())
    assert trace.is_continuation
    assert trace.level == "SEVERE"
    assert trace.text == "\tat some.java.Class(File.java:7)"
    assert not trace.is_fault


def test_a_continuation_without_its_record_in_view_has_no_level() -> None:
    [line] = log_lines([(9, "... 12 more")], faults=())
    assert line.level == ""


def test_a_level_inside_a_message_does_not_make_a_record() -> None:
    [line] = log_lines([(1, "noon\tSEVERE\tstep\t\ttext")], faults=())
    assert line.is_continuation


def test_a_copied_line_has_a_time_without_a_zone() -> None:
    [line] = log_lines([(1, "2026-09-13 12:15:02 AM\tINFO\tMap\t\tExecuting Map")], faults=())
    assert line.time == datetime(2026, 9, 13, 0, 15, 2)


def test_an_event_of_the_xml_form_shows_the_same_columns() -> None:
    event = (
        '<LogEvent level="WARNING" time="2026-09-13T08:15:02Z" shapename="shape3" '
        'shapetype="Map" shapelabel="" shapeextendedinfo="Orders &amp; lines">'
        "<Message>a &lt; b</Message></LogEvent>"
    )
    [line] = log_lines([(3, event)], faults=())
    assert (line.level, line.step, line.info, line.text) == (
        "WARNING",
        "Map",
        "Orders & lines",
        "a < b",
    )


def test_a_payload_of_many_kilobytes_is_cut_and_says_so() -> None:
    [line] = log_lines([(1, RECORD + "x" * TEXT_CHARACTERS)], faults=())
    assert len(line.text) == TEXT_CHARACTERS
    assert line.is_cut


def test_line_ends_and_a_byte_order_mark_are_not_part_of_the_columns() -> None:
    [line] = log_lines([(1, "\ufeff" + RECORD + "\r\n")], faults=())
    assert line.time is not None
    assert line.text.endswith("b")
