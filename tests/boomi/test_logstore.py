"""Stored logs: what went in comes out, any line opens at once, nothing is left behind."""

import errno
import io
import os
import random
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import InMemoryStorage, storages
from django.utils import timezone

from analysis.models import Analysis
from boomi import logstore
from boomi.logindex import MEMBER_BYTES
from boomi.models import LogFile

pytestmark = pytest.mark.django_db
MIB = 2**20


@pytest.fixture(autouse=True)
def log_dir(settings, tmp_path: Path) -> Path:
    settings.STORAGES = {
        **settings.STORAGES,
        "logs": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "logs")},
        },
    }
    return tmp_path / "logs"


def many_lines(count: int) -> list[str]:
    chance = random.Random(7)
    return [f"{n}\tInfo\tStep {chance.random()}\t{'x' * (n % 90)} ü€" for n in range(1, count + 1)]


def store(content: bytes, **options) -> LogFile:
    return logstore.store(
        io.BytesIO(content), **{"name": "run.log", "max_bytes": 64 * MIB, **options}
    )


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_line_is_found_by_its_number(encoding, newline):
    lines = many_lines(30_000)
    row = store((newline.join(lines) + newline).encode(encoding), encoding=encoding)
    assert row.lines == 30_000
    assert len(row.index) > 2
    for first in [1, 2, row.index[1][0] - 1, row.index[1][0], row.index[2][0], 29_998]:
        found = logstore.read_lines(row, first, 5)
        assert found == list(enumerate(lines, 1))[first - 1 : first + 4]


def test_the_whole_log_comes_out_as_it_came_in():
    content = "\n".join(many_lines(30_000)).encode()
    row = store(content)
    with logstore.open_log_file(row) as whole:
        assert whole.read() == content
    assert row.size == len(content)
    assert row.stored_size < len(content)


def test_a_last_line_without_its_end_counts():
    row = store(b"one\ntwo\nthr")
    assert row.lines == 3
    assert logstore.read_lines(row, 2, 10) == [(2, "two"), (3, "thr")]


def test_nothing_is_read_past_the_end():
    assert logstore.read_lines(store(b"one\n"), 2, 10) == []


def test_a_line_larger_than_members_keeps_the_numbers_of_the_others():
    giant = b"a" * (9 * MEMBER_BYTES)
    row = store(b"first\n" + giant + b"\nthird\nfourth\n")
    assert row.lines == 4
    assert any(len(entry) == 4 for entry in row.index)
    assert logstore.read_lines(row, 3, 2) == [(3, "third"), (4, "fourth")]
    assert logstore.read_lines(row, 1, 1) == [(1, "first")]
    [(number, text)] = logstore.read_lines(row, 2, 1)
    assert (number, len(text)) == (2, logstore.LONGEST_LINE_CHARS)


def test_equal_logs_are_stored_once(log_dir):
    first, second = store(b"same\n", name="a.log"), store(b"same\n", name="b.log")
    assert first == second
    assert len(files(log_dir)) == 1


def test_a_missing_file_is_written_again(log_dir):
    row = store(b"same\n")
    files(log_dir)[0].unlink()
    with pytest.raises(logstore.StorageFailed, match="gone"):
        logstore.read_lines(row, 1, 1)
    assert store(b"same\n") == row
    assert logstore.read_lines(row, 1, 1) == [(1, "same")]


def test_a_log_over_the_limit_leaves_nothing(log_dir):
    with pytest.raises(logstore.LogTooLarge, match="larger than 1 MB"):
        store(b"line\n" * 400_000, max_bytes=MIB)
    assert files(log_dir) == []
    assert not LogFile.objects.exists()


def test_a_full_disk_is_said_and_leaves_nothing(log_dir, monkeypatch):
    def no_room(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(logstore.StorageFailed, match="full") as failed:
        store(b"line\n")
    assert failed.value.code == "STORAGE_FULL"
    assert files(log_dir) == []
    assert not LogFile.objects.exists()


def test_a_damaged_file_is_said(log_dir):
    row = store("\n".join(many_lines(500)).encode())
    path = files(log_dir)[0]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(logstore.StorageFailed, match=r"damaged|failed"):
        logstore.read_lines(row, 1, 1)


def test_orphans_go_after_an_hour_and_stored_logs_stay(log_dir):
    kept = store(b"kept\n")
    orphan, part = log_dir / "ab" / "ab.log.gz", log_dir / "incoming" / "x.part"
    fresh = log_dir / "ab" / "fresh.log.gz"
    for path in (orphan, part, fresh):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"left over")
    for path in (orphan, part, log_dir / kept.storage_key):
        os.utime(path, (time.time() - 4000,) * 2)
    assert logstore.sweep_orphans() == 2
    assert sorted(files(log_dir)) == sorted([log_dir / kept.storage_key, fresh])


def test_a_sweep_asks_once_per_folder(log_dir, django_assert_max_num_queries):
    for number in range(30):
        path = log_dir / "ab" / f"{number}.log.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"left over")
    with django_assert_max_num_queries(2):
        logstore.sweep_orphans()


def make_old(row: LogFile, log_dir: Path) -> None:
    LogFile.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(hours=2))
    os.utime(log_dir / row.storage_key, (time.time() - 7200,) * 2)


@pytest.mark.db
def test_a_log_that_nothing_refers_to_goes_with_its_file(log_dir, monkeypatch):
    monkeypatch.setattr(logstore, "ROWS_AT_ONCE", 1)
    used, fresh = store(b"used\n"), store(b"fresh\n")
    Analysis.objects.create(name="used", log_file=used, engine_version=1)
    for row in (used, store(b"lost\n"), store(b"lost too\n")):
        make_old(row, log_dir)
    assert logstore.forget_unused() == 2
    logstore.sweep_orphans()
    assert set(LogFile.objects.all()) == {used, fresh}
    assert len(files(log_dir)) == 2


@pytest.mark.db
def test_a_log_stored_again_is_not_swept_before_it_is_used(log_dir):
    make_old(store(b"again\n"), log_dir)
    row = store(b"again\n")
    assert logstore.forget_unused() == 0
    assert logstore.read_lines(row, 1, 1) == [(1, "again")]


def test_progress_is_told_in_bytes():
    told: list[int] = []
    store(b"line\n" * 200_000, progress=told.append)
    assert told[-1] == 1_000_000
    assert told == sorted(told)


def test_a_storage_without_a_disk_of_its_own_works_too(monkeypatch):
    monkeypatch.setitem(storages._storages, "logs", InMemoryStorage())
    row = store(b"one\ntwo\n")
    assert logstore.read_lines(row, 2, 1) == [(2, "two")]
