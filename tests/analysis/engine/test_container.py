import gzip
import io
import struct
import zipfile

import pytest

from analysis.engine import Limits, analyze_file, analyze_stream, open_log
from analysis.engine.errors import (
    BrokenZip,
    EmptyLog,
    EncryptedZip,
    LogError,
    NoLogInZip,
    NotALog,
    TooLarge,
    TooManyMembers,
    ZipBomb,
)
from tests.analysis.engine.writing import END, HEADER, LOGS, log

LOG = log(HEADER, END).encode()


def zipped(members, compression=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def read(content, **limits):
    with open_log(io.BytesIO(content), name="up.zip", limits=Limits(**limits)) as opened:
        return opened, opened.stream.read()


def refusal(content, **limits):
    with pytest.raises(LogError) as caught:
        read(content, **limits)
    error = caught.value
    assert error.hint
    assert "\n" not in error.message
    return error


@pytest.mark.parametrize(
    ("content", "container", "member"),
    [
        (LOG, "plain", None),
        (zipped({"ProcessLog_7.log": LOG}), "zip", "ProcessLog_7.log"),
        (zipped({"x/": "", "x/any.bin": LOG}), "zip", "x/any.bin"),
        (zipped({"a.log": LOG, "readme.txt": "hi", "__MACOSX/._a.log": "x"}), "zip", "a.log"),
        (zipped({"a.log": LOG}, zipfile.ZIP_STORED), "zip", "a.log"),
        (gzip.compress(LOG), "gzip", None),
    ],
)
def test_a_log_is_found_by_content(content, container, member):
    opened, log_bytes = read(content)
    assert (opened.container, opened.member, log_bytes) == (container, member, LOG)


def test_the_container_does_not_change_the_result(tmp_path):
    results = []
    for content in (LOG, zipped({"a.log": LOG}), gzip.compress(LOG)):
        (tmp_path / "log").write_bytes(content)
        results.append(analyze_file(tmp_path / "log"))
    assert results[0] == results[1] == results[2]


def test_a_stream_that_was_passed_in_stays_open():
    stream = io.BytesIO(zipped({"a.log": LOG}))
    with open_log(stream, name="a.zip") as opened:
        opened.stream.read()
    assert not stream.closed


def test_several_logs_in_a_zip_are_named():
    error = refusal(zipped({"one.log": LOG, "two.log": LOG}))
    assert isinstance(error, TooManyMembers)
    assert "one.log, two.log" in error.message
    assert "one at a time" in error.hint


def test_a_zip_without_a_log_says_what_it_holds():
    error = refusal(zipped({"a.txt": "hello", "b.csv": "1,2"}))
    assert isinstance(error, NoLogInZip)
    assert "only a.txt, b.csv" in error.message


def test_an_empty_zip_holds_nothing():
    error = refusal(zipped({}))
    assert isinstance(error, NoLogInZip)
    assert error.message.endswith("nothing.")


def test_an_empty_log_in_a_zip_is_an_empty_log():
    error = refusal(zipped({"ProcessLog_7.log": b""}))
    assert isinstance(error, EmptyLog)
    assert "level" in error.hint


def test_a_single_member_that_is_something_else_is_named():
    error = refusal(zipped({"report.pdf": b"%PDF-1.7 ..."}))
    assert isinstance(error, NotALog)
    assert "report.pdf in up.zip" in error.message
    assert "a PDF document" in error.message


def test_an_office_file_is_not_called_a_zip():
    error = refusal(zipped({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"}))
    assert isinstance(error, NotALog)
    assert "an Excel workbook" in error.message


def test_a_zip_cut_short_is_broken():
    content = zipped({"a.log": LOG * 100})
    assert isinstance(refusal(content[: len(content) // 2]), BrokenZip)


def test_a_zip_with_changed_bytes_is_broken():
    content = bytearray(zipped({"a.log": LOG * 100}))
    content[60:70] = b"\xff" * 10
    assert isinstance(refusal(bytes(content)), BrokenZip)


@pytest.mark.parametrize("as_file", [True, False])
def test_a_zip_with_lost_bytes_is_broken(tmp_path, as_file):
    content = bytearray(zipped({"a.log": LOG * 100}))
    del content[40:60]
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with (
        pytest.raises(BrokenZip),
        open_log(path if as_file else io.BytesIO(content), name="a.zip"),
    ):
        pass


def test_a_gzip_cut_short_is_broken():
    content = gzip.compress(LOG * 100)
    assert isinstance(refusal(content[:-20]), BrokenZip)


def test_a_zip_with_a_password_is_refused():
    content = bytearray(zipped({"a.log": LOG}))
    directory = content.find(b"PK\x01\x02")
    for offset in (6, directory + 8):
        struct.pack_into("<H", content, offset, 1)
    assert isinstance(refusal(bytes(content)), EncryptedZip)


def test_a_log_over_the_limit_is_refused_before_it_is_read():
    assert isinstance(refusal(zipped({"a.log": LOG * 50}), max_bytes=1_000), TooLarge)


def test_a_plain_log_over_the_limit_is_refused_while_it_is_read():
    assert isinstance(refusal(LOG * 50, max_bytes=1_000), TooLarge)


def test_a_bomb_is_refused_by_its_ratio():
    assert isinstance(refusal(zipped({"a.log": LOG + b" " * (3 << 20)})), ZipBomb)


def test_a_bomb_that_lies_about_its_size_stops_early():
    content = bytearray(zipped({"a.log": LOG + b" " * (64 << 20)}))
    directory = content.find(b"PK\x01\x02")
    for offset in (22, directory + 24):
        struct.pack_into("<I", content, offset, 5_000)
    error = refusal(bytes(content))
    assert isinstance(error, (ZipBomb, BrokenZip))


def test_a_gzip_bomb_stops_early():
    assert isinstance(refusal(gzip.compress(LOG + b" " * (16 << 20))), ZipBomb)


def test_a_zip_with_too_many_files_is_not_searched():
    error = refusal(zipped({f"{number}.txt": "x" for number in range(5)}), max_members=4)
    assert isinstance(error, TooManyMembers)


def test_a_zip_given_as_a_stream_of_log_bytes_is_named():
    with pytest.raises(NotALog, match="a zip archive"):
        analyze_stream(io.BytesIO(zipped({"a.log": LOG})), name="a.zip")


def test_a_name_with_control_characters_stays_on_one_line():
    with pytest.raises(EmptyLog) as caught, open_log(io.BytesIO(b""), name="a\n\x1b[2J.log"):
        pass
    assert caught.value.message == "'a??[2J.log' is empty."


def test_a_missing_file_is_the_caller_s_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        analyze_file(tmp_path / "missing.log")


def test_the_name_of_the_file_is_shown_and_nothing_else_depends_on_it(tmp_path):
    original = LOGS / "customers-caught.log"
    copy = tmp_path / "copy.dat"
    copy.write_bytes(original.read_bytes())
    first, second = analyze_file(original), analyze_file(copy)
    names = (first["source"].pop("name"), second["source"].pop("name"))
    assert names == (original.name, "copy.dat")
    assert first == second
