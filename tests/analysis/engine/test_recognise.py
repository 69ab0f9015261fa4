import pytest

from analysis.engine.errors import EmptyLog, NotALog
from tests.analysis.engine.writing import END, HEADER, analyze, analyze_bytes

RUNTIME = b"Jan 7, 2026 12:11:08 PM EST SEVERE  [com.example.Store load] Request failed\n"
ACCESS = (
    b'10.0.0.9 -  -  [09/Jun/2026:15:42:32 +0200] "GET /ws/x HTTP/1.1" 200 0 "-" "-"  "-" "-" 1\n'
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Office document"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "a Windows program"),
        (b"abc\x00\x01\x02def", "a binary file"),
        (b"\x01\x02\x03\x04\x05\x06 text", "a binary file"),
        (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "a web page"),
        (b"\n <html lang='en'>", "a web page"),
        (b'{"message": "no"}', "a JSON document"),
        (b'[{"a": 1}]', "a JSON document"),
        (b"<?xml version='1.0'?><bns:Component/>", "an XML document with the root <bns:Component>"),
        (RUNTIME, "a log of the runtime (container log)"),
        (ACCESS, "a log of the shared web server"),
        (b"Dear colleague,\nplease find\n", "a text without a single process log line"),
        (b"a,b,c\n1,2,3\n", "a text without a single process log line"),
    ],
)
def test_another_kind_of_file_is_named_and_the_way_out_given(content, words):
    with pytest.raises(NotALog) as caught:
        analyze_bytes(content)
    assert words in caught.value.message
    assert "Save Logs" in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"\n\n \t\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_says_how_to_get_a_full_one(content):
    with pytest.raises(EmptyLog) as caught:
        analyze_bytes(content)
    assert "all levels" in caught.value.hint


def test_a_text_with_a_few_records_is_analysed():
    prose = [f"note {number}" for number in range(12)]
    result = analyze(*prose, HEADER, "", END)
    assert result["source"]["records"] == 2
    assert result["unparsed"]["count"] == 12
    assert len(result["unparsed"]["first_lines"]) == 10


def test_records_far_down_a_text_are_found():
    result = analyze(*["preface"] * 20_000, HEADER, END)
    assert result["source"]["records"] == 2
