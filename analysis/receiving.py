"""Taking a file from somebody: its name made safe, its size capped, nothing trusted.

What a request claims about length and type is not looked at; bytes are counted as they come.
"""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from common.errors import InputError

COPY_BYTES = 1 << 20
NAME_CHARACTERS = 150
UNNAMED = "process.log"


def upload_limit() -> int:
    """The most bytes an upload may have, and the log inside it."""
    return int(settings.UPLOAD_MAX_MB) * 1024 * 1024


def too_large() -> InputError:
    return InputError(
        f"The file is larger than the {settings.UPLOAD_MAX_MB} MB this portal accepts.",
        hint="Upload it zipped, or ask an admin to raise UPLOAD_MAX_MB.",
        code="TOO_LARGE",
    )


def clean_name(name: str) -> str:
    """The last part of a path without what could deceive: controls, marks, leading dots.

    Directions of both kinds of slash count, so `C:\\logs\\a.log` and `../a.log` become `a.log`.
    A long name is cut in its middle part, so that the ending stays.
    """
    last = re.split(r"[\\/]", name)[-1]
    visible = "".join(
        char if char.isprintable() and unicodedata.category(char) != "Cf" else " " for char in last
    )
    clean = " ".join(visible.split()).lstrip(". ")
    if len(clean) > NAME_CHARACTERS:
        stem, dot, ending = clean.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 10 else ""
        clean = clean[: NAME_CHARACTERS - len(ending) - 1] + "…" + ending
    return clean or UNNAMED


@contextmanager
def seekable(source: IO[bytes]) -> Iterator[BinaryIO]:
    """`source` as a file that can be read twice; a stream is copied to a temporary file.

    Raises InputError as soon as more than the limit has come, whatever length was announced.
    """
    limit = upload_limit()
    if getattr(source, "is_over_limit", False):
        raise too_large()
    if source.seekable():
        if source.seek(0, 2) > limit:
            raise too_large()
        source.seek(0)
        yield source  # type: ignore[misc]  # Django's File is a binary file in all but type
        return
    with tempfile.TemporaryFile(prefix="upload-") as spool:
        size = 0
        while piece := source.read(COPY_BYTES):
            size += len(piece)
            if size > limit:
                raise too_large()
            spool.write(piece)
        spool.seek(0)
        yield spool


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Writes an uploaded file to disk and stops writing where the limit is passed.

    The limit holds for all files of a request together. The rest of the body is read and thrown
    away, so that the browser gets our sentence and not a broken connection. The file says so by
    `is_over_limit`; `seekable` refuses it.
    """

    file: TemporaryUploadedFile
    received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        if self.received > upload_limit():
            self.file.is_over_limit = True  # type: ignore[attr-defined]
            return None
        return super().receive_data_chunk(raw_data, start)
