"""Vendored files are the ones whose sums were written down, and nothing beside them."""

import hashlib

from django.conf import settings

VENDOR = settings.BASE_DIR / "static" / "vendor"
OURS = {"SHA256SUMS", "README.md"}


def test_vendored_files_are_unchanged() -> None:
    lines = (VENDOR / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name.removeprefix("./"): digest for digest, name in map(str.split, lines)}
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name not in OURS
    }
    assert found == listed


def test_every_vendored_folder_has_its_licence() -> None:
    folders = [path for path in VENDOR.iterdir() if path.is_dir()]
    assert folders
    assert all((folder / "LICENSE").exists() for folder in folders)
