import codecs
import io

import pytest

from analysis.engine.errors import Stopped
from analysis.engine.source import LINE_CHARACTERS, Feed, line_blocks, utf16_of
from tests.analysis.engine.writing import END, HEADER, analyze_bytes, log, record

TEXT = log(HEADER, ("Größe prüfen", "", "Übergröße 12 €"), END)


def read(content, size=7):
    feed = Feed(io.BytesIO(content), size)
    blocks = list(line_blocks(feed))
    return feed, [line for block in blocks for line in block.lines]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("windows-1252"), "windows-1252"),
        (TEXT.encode() + record("é", "", "x").encode("windows-1252") + b"\n", "mixed"),
    ],
)
def test_an_encoding_is_found_and_read(content, encoding):
    feed, lines = read(content)
    assert lines[:3] == TEXT.splitlines()
    assert feed.encoding_name == encoding
    assert analyze_bytes(content)["source"]["encoding"] == encoding


def test_bytes_no_encoding_knows_are_kept_as_some_character():
    _, lines = read(b"a\x81b\n")
    assert lines == ["a\x81b"]


def test_a_byte_order_mark_is_told():
    assert analyze_bytes(codecs.BOM_UTF8 + TEXT.encode())["source"]["bom"] is True
    assert analyze_bytes(TEXT.encode())["source"]["bom"] is False


@pytest.mark.parametrize(
    ("content", "lines", "line_end"),
    [
        (b"a\nb\n", ["a", "b"], "lf"),
        (b"a\r\nb\r\n", ["a", "b"], "crlf"),
        (b"a\r\nb\nc", ["a", "b", "c"], "mixed"),
        (b"a\r\n\r\n\n", ["a", "", ""], "mixed"),
        (b"a\rb\n", ["a\rb"], "lf"),
        (b"abc", ["abc"], None),
        (b"abc\r", ["abc"], None),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_lines_are_cut_at_their_ends(content, lines, line_end, size):
    feed, found = read(content, size)
    assert (found, feed.line_end) == (lines, line_end)


def test_blocks_know_how_many_lines_stand_before_them():
    lines = [b"%03d" % number for number in range(200)]
    blocks = list(line_blocks(Feed(io.BytesIO(b"\n".join(lines)), 50)))
    assert len(blocks) > 5
    assert [block.torn for block in blocks] == [False] * (len(blocks) - 1) + [True]
    assert [block.lines[0] for block in blocks] == [f"{block.first:03}" for block in blocks]


@pytest.mark.parametrize("size", [1_000, 1 << 20, 1 << 24])
def test_an_endless_line_is_cut_and_the_next_one_is_whole(size):
    content = b"x" * (5 << 20) + b"\r\nnext\n"
    feed, lines = read(content, size)
    assert [len(line) for line in lines] == [LINE_CHARACTERS, 4]
    assert feed.encoding_name == "utf-8"


def test_an_endless_line_is_not_cut_within_a_character():
    feed, lines = read(("a" + "ü" * (3 << 20) + "\n").encode(), 4_096)
    assert set(lines[0][1:]) == {"ü"}
    assert feed.encoding_name == "utf-8"


def test_progress_is_told_in_bytes():
    seen = []
    analyze_bytes(TEXT.encode(), block_bytes=64, progress=seen.append)
    assert seen[0] == 64
    assert seen[-1] == len(TEXT.encode())
    assert seen == sorted(seen)


def test_an_analysis_can_be_stopped():
    answers = iter([False, False, True])
    with pytest.raises(Stopped):
        analyze_bytes(TEXT.encode(), block_bytes=64, should_stop=lambda: next(answers))


@pytest.mark.parametrize(
    ("line", "torn"),
    [
        ("2026-04-14T06:00:00Z\tINFO\tMa", True),
        ("2026-04-1", True),
        (record("Map", "", "Shape executed successfully in 1"), True),
        (record("Map", "", "Executing Map with 1 docu"), True),
        (record("Map", "", "Shape executed successfully in 12 ms."), False),
        (record("cleanup...", "", "Process execution completed normally."), False),
        (" ", False),
    ],
)
def test_a_last_line_without_an_end_is_torn_unless_it_is_whole(line, torn):
    result = analyze_bytes((log(HEADER) + line).encode())
    assert result["source"]["torn_last_line"] is torn


def test_a_torn_last_line_is_listed_as_unparsed():
    result = analyze_bytes((log(HEADER) + "2026-04-1").encode())
    assert result["unparsed"]["first_lines"] == [{"line": 2, "text": "2026-04-1"}]
    assert result["source"]["continuation_lines"] == 0


def test_sixteen_bit_text_is_not_seen_in_plain_bytes():
    assert utf16_of(b"2026-04-14") is None
    assert utf16_of(b"") is None
