import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from analysis.receiving import CappedUploadHandler, clean_name, seekable
from common.errors import InputError


class Pipe(io.RawIOBase):
    """Bytes that come once and never say how many there are."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces
        self.given = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        piece = self.pieces.pop(0) if self.pieces else b""
        self.given += len(piece)
        return piece


@pytest.fixture
def one_megabyte(settings: Any) -> None:
    settings.UPLOAD_MAX_MB = 1


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("process_log.zip", "process_log.zip"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\run.log", "run.log"),
        ("a\x00b\nc.log", "a b c.log"),
        ("invoice\u202egol.exe", "invoice gol.exe"),
        ("...hidden", "hidden"),
        ("  two   words .log ", "two words .log"),
        ("<script>.log", "<script>.log"),
        ("日誌.log", "日誌.log"),
        ("", "process.log"),
        ("/", "process.log"),
    ],
)
def test_a_name_keeps_only_what_is_safe_to_show(given: str, clean: str) -> None:
    assert clean_name(given) == clean


def test_a_long_name_keeps_its_ending() -> None:
    clean = clean_name("a" * 400 + ".log")
    assert len(clean) == 150
    assert clean.endswith("….log")


@pytest.mark.usefixtures("one_megabyte")
def test_a_seekable_file_over_the_limit_is_refused() -> None:
    source = io.BytesIO(b"x" * (1024 * 1024 + 1))
    with pytest.raises(InputError, match="larger than the 1 MB") as caught, seekable(source):
        pass
    assert caught.value.code == "TOO_LARGE"
    assert "UPLOAD_MAX_MB" in caught.value.hint


@pytest.mark.usefixtures("one_megabyte")
def test_a_stream_is_read_no_further_than_the_limit() -> None:
    pipe = Pipe([b"x" * 400_000] * 100)
    with pytest.raises(InputError, match="larger than"), seekable(pipe):  # type: ignore[arg-type]
        pass
    assert pipe.given < 2_000_000


def test_a_stream_can_be_read_twice() -> None:
    with seekable(Pipe([b"one ", b"two"])) as source:  # type: ignore[arg-type]
        first = source.read()
        source.seek(0)
        assert first == source.read() == b"one two"


@pytest.mark.usefixtures("one_megabyte")
def test_an_upload_that_lies_about_its_size_is_cut_at_the_limit() -> None:
    uploaded = _post(b"x" * 3_000_000).FILES["file"]
    assert Path(uploaded.temporary_file_path()).stat().st_size <= 1024 * 1024
    with pytest.raises(InputError, match="larger than the 1 MB"), seekable(uploaded):
        pass


@pytest.mark.usefixtures("one_megabyte")
def test_an_upload_within_the_limit_comes_whole_from_disk() -> None:
    uploaded = _post(b"y" * 900_000).FILES["file"]
    assert uploaded.temporary_file_path()
    with seekable(uploaded) as source:
        assert source.read() == b"y" * 900_000


@pytest.mark.usefixtures("one_megabyte")
def test_many_files_share_one_limit() -> None:
    files = {f"f{number}": SimpleUploadedFile("a.log", b"x" * 900_000) for number in range(5)}
    request = RequestFactory().post("/", files)
    request.upload_handlers = [CappedUploadHandler(request)]
    stored = [Path(file.temporary_file_path()).stat().st_size for file in request.FILES.values()]
    assert sum(stored) <= 1024 * 1024


def _post(content: bytes) -> HttpRequest:
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("a.log", content)})
    request.upload_handlers = [CappedUploadHandler(request)]
    return request
