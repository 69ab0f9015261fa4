"""The archive of a log is taken apart with suspicion."""

import io
import zipfile

import pytest

from boomi.logzip import BadArchive, open_log_member

MIB = 2**20


def archive(**members: bytes) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name.replace("_", "."), content)
    packed.seek(0)
    return packed


def unpack(packed: io.BytesIO, max_bytes: int = 64 * MIB) -> bytes:
    content = b""
    with open_log_member(packed, max_bytes=max_bytes) as log:
        while block := log.read(64 * 1024):
            content += block
    return content


def test_the_log_is_found_among_other_files():
    assert unpack(archive(readme_txt=b"no", run_log=b"yes")) == b"yes"


def test_a_log_by_another_name_is_taken():
    assert unpack(archive(process_txt=b"yes")) == b"yes"


@pytest.mark.parametrize(
    ("packed", "words", "damaged"),
    [
        (io.BytesIO(b"<html>sorry</html>"), "damaged", True),
        (io.BytesIO(archive(run_log=b"x" * 9000).getvalue()[:60]), "damaged", True),
        (archive(), "no log", False),
        (archive(run_log=b"\0" * 40 * MIB), "200 times", False),
    ],
)
def test_what_is_no_good_is_said(packed, words, damaged):
    with pytest.raises(BadArchive, match=words) as refused:
        unpack(packed)
    assert refused.value.damaged is damaged


def test_a_log_over_the_limit_is_refused_while_reading():
    with pytest.raises(BadArchive, match="larger than 1 MB"):
        unpack(archive(run_log=bytes(range(256)) * 8000), max_bytes=MIB)


def test_an_encrypted_archive_is_refused():
    content = bytearray(archive(run_log=b"secret").getvalue())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(BadArchive, match="encrypted"):
        unpack(io.BytesIO(bytes(content)))


def test_a_flipped_byte_is_noticed():
    content = bytearray(archive(run_log=b"line\n" * 10_000).getvalue())
    content[60] ^= 0xFF
    with pytest.raises(BadArchive, match="damaged"):
        unpack(io.BytesIO(bytes(content)))
