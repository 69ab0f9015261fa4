import pytest

from analysis.engine import analyze_file
from analysis.engine.errors import NotALog
from tests.analysis.engine.writing import LOGS, analyze_bytes

XML = (LOGS / "orders-failed-process_log.xml").read_bytes()
EVENT = """\
<LogEvent level="{level}" time="2026-04-14T06:00:00Z" shapename="shape1" shapetype="Map"
 shapelabel="" shapeextendedinfo=""><Message>{message}</Message>{more}
</LogEvent>
"""


def event(message, level="INFO", more=""):
    return EVENT.format(message=message, level=level, more=more)


def analyze(*events, head="<ExecutionLogModel>\n", tail="</ExecutionLogModel>\n"):
    return analyze_bytes((head + "".join(events) + tail).encode())


def without_lines(value):
    """A result without what differs between the two forms: the source, and line numbers."""
    if isinstance(value, dict):
        lines = {"source", "verdict", "line", "first_line", "last_line", "max_line"}
        return {key: without_lines(item) for key, item in value.items() if key not in lines}
    return [without_lines(item) for item in value] if isinstance(value, list) else value


def test_the_xml_form_gives_the_same_as_the_download():
    text = analyze_file(LOGS / "orders-failed.log")
    xml = analyze_file(LOGS / "orders-failed-process_log.xml")
    assert without_lines(xml) == without_lines(text)


def test_lines_are_those_of_the_xml_file():
    result = analyze_bytes(XML)
    line = XML.decode().splitlines()[result["first_fault"]["line"] - 1]
    assert 'shapelabel="Post order"' in line
    assert result["source"]["format"] == "xml"
    assert result["source"]["physical_lines"] == XML.count(b"\n")


@pytest.mark.parametrize("size", [1, 7, 100, 1 << 20])
def test_the_size_of_the_reads_does_not_matter(size):
    assert analyze_bytes(XML, block_bytes=size) == analyze_bytes(XML)


def test_an_open_end_is_a_run_that_is_still_going():
    result = analyze(event("Executing Map with 1 document(s)."), tail="")
    assert result["process"]["outcome"] == "running"
    assert result["source"]["torn_last_line"] is False


@pytest.mark.parametrize("cut", ["<LogEvent level=", EVENT[:-20], "<LogEvent><Message>half"])
def test_a_cut_within_an_event_is_torn(cut):
    result = analyze(event("x"), tail=cut)
    assert result["source"]["records"] == 1
    assert result["source"]["torn_last_line"] is True


def test_what_follows_broken_xml_is_counted_as_unparsed():
    result = analyze(event("x"), "<LogEvent level=oops>\n", event("y"))
    assert result["source"]["records"] == 1
    assert result["unparsed"]["count"] == 5
    assert result["unparsed"]["first_lines"][0]["line"] == 5


def test_a_document_type_is_refused():
    bomb = '<!DOCTYPE ExecutionLogModel [<!ENTITY a "aaaa">]>\n<ExecutionLogModel>\n'
    with pytest.raises(NotALog, match="document type"):
        analyze(event("&a;"), head=bomb)


def test_an_unknown_element_is_kept_as_lines_of_its_record():
    trace = "<StackTrace>a.B: no\n\tat a.B(B.java:1)\nCaused by: c.D: no route</StackTrace>"
    result = analyze(event("Cannot map", "SEVERE", trace), event("x"))
    assert result["source"]["continuation_lines"] == 3
    assert result["faults"][0]["root_cause"] == "no route"


@pytest.mark.parametrize("dirty", ["a\x0bb", "a&#0;b", "a&#x1f;b", "a&#xd800;b", "a\x00b"])
def test_a_character_xml_forbids_does_not_stop_the_reading(dirty):
    result = analyze(event(dirty), event("y", "WARNING"))
    assert result["source"]["records"] == 2


def test_an_allowed_reference_is_read():
    assert (
        analyze(event("&#65;&amp;B", "WARNING"))["warnings"]["by_template"][0]["template"] == "A&B"
    )


def test_bytes_that_are_not_utf8_are_read_as_windows_1252():
    content = ("<ExecutionLogModel>" + event("Größe", "WARNING") + "</ExecutionLogModel>").encode(
        "cp1252"
    )
    result = analyze_bytes(content)
    assert result["warnings"]["by_template"][0]["template"] == "Größe"
    assert result["source"]["encoding"] == "windows-1252"


def test_a_message_over_several_lines_becomes_one():
    result = analyze(event("one\n  two\n", "WARNING"))
    assert result["warnings"]["by_template"][0]["template"] == "one two"


def test_a_tab_in_a_label_does_not_move_the_columns():
    labelled = event("Shape executed successfully in 3 ms.").replace(
        'shapelabel=""', 'shapelabel="a&#9;b"'
    )
    assert analyze(labelled)["shapes"][0]["step"] == "a b"


def test_a_model_without_events_holds_no_log():
    with pytest.raises(NotALog, match="without a single process log line"):
        analyze()
