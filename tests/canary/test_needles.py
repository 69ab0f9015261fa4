"""The search itself: a canary test that cannot fail proves nothing."""

import base64
import gzip
import json
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.canary.needles import Evidence, Needles

TOKEN = "9f3c1a52-canary-token-77e0"
USER = "integration@northwind.example"
NEEDLES = Needles(TOKEN, USER)
BASIC = base64.b64encode(f"BOOMI_TOKEN.{USER}:{TOKEN}".encode()).decode()

LEAKS: dict[str, bytes | str] = {
    "page": f"<input value='{TOKEN}'>",
    "upper case": TOKEN.upper(),
    "header": f"Authorization: Basic {BASIC}",
    "pair": f"BOOMI_TOKEN.{USER}:{TOKEN}",
    "base64 of another user": base64.b64encode(f"jo@x.example:{TOKEN}".encode()),
    "base64 of the token": base64.b64encode(TOKEN.encode()),
    "address": f"/x?token={quote(TOKEN).replace('-', '%2D')}",
    "JSON escapes": json.dumps(TOKEN).replace("-", "\\u002d"),
    "HTML entities": TOKEN.replace("-", "&#45;"),
    "UTF-16": TOKEN.encode("utf-16"),
    "hex": TOKEN.encode().hex(),
    "gzip": gzip.compress(TOKEN.encode()),
    "two gzip members": gzip.compress(b"x") + gzip.compress(TOKEN.encode()),
    "torn gzip": gzip.compress(TOKEN.encode() + bytes(9))[:-4],
}


@pytest.mark.parametrize("where", LEAKS)
def test_a_leak_is_found(where: str) -> None:
    assert NEEDLES.found_in(LEAKS[where])


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_a_token_anywhere_inside_base64_is_found(before: str) -> None:
    assert NEEDLES.found_in(base64.b64encode(f"{before}{TOKEN}tail".encode()))


@pytest.mark.parametrize("clean", [b"", TOKEN[:-1], "BOOMI_TOKEN." + USER, b"\x1f\x8bno gzip"])
def test_nothing_is_found_where_nothing_is(clean: bytes | str) -> None:
    assert NEEDLES.found_in(clean) == []


def test_a_leak_is_told_with_its_door(tmp_path: Path) -> None:
    database = tmp_path / "portal.sqlite3"
    with sqlite3.connect(database) as rows:
        rows.execute("CREATE TABLE note (text)")
        rows.execute("INSERT INTO note VALUES (?)", [f"token {TOKEN}"])
    evidence = Evidence()
    evidence.add("page /x/", "<p>nothing</p>")
    evidence.add("audit", {"after": {"token": TOKEN}})
    evidence.add_files("var", [tmp_path])
    assert evidence.leaks(NEEDLES) == ["audit: token", "var portal.sqlite3: token"]
