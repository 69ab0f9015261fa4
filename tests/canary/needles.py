"""Looks for a secret in anything the portal gives away, in every form it could have taken."""

from __future__ import annotations

import base64
import html
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes

_ESCAPE = re.compile(rb"\\u([0-9a-fA-F]{4})")


@dataclass
class Needles:
    """The forms of one token: as it is, encoded, and in the login pair of its user."""

    token: str
    username: str
    forms: dict[str, bytes] = field(init=False)

    def __post_init__(self) -> None:
        raw = self.token.encode()
        pair = f"BOOMI_TOKEN.{self.username}:".encode() + raw
        self.forms = {
            "token": raw,
            "login pair": pair,
            "token reversed": raw[::-1],
            "token as hex": raw.hex().encode(),
            "token as UTF-16": self.token.encode("utf-16-le"),
            "Basic header": base64.b64encode(pair),
            "Basic header, URL-safe": base64.urlsafe_b64encode(pair),
        }
        for shift in range(3):
            self.forms[f"token inside base64, shifted by {shift}"] = _inner_base64(raw, shift)
        self.forms = {name: form.lower() for name, form in self.forms.items()}

    def found_in(self, content: bytes | str) -> list[str]:
        """Names of the forms that occur in the content, read in every usual way."""
        sight = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        readings = [reading.lower() for reading in _readings(sight)]
        return [name for name, form in self.forms.items() if any(form in text for text in readings)]


def _inner_base64(raw: bytes, shift: int) -> bytes:
    """The characters of base64 that depend on the token alone, whatever stands around it."""
    start = -(-shift * 8 // 6)
    whole = (shift + len(raw)) * 8 // 6
    return base64.b64encode(b"\0" * shift + raw)[start:whole]


def _readings(content: bytes) -> Iterator[bytes]:
    yield content
    if content.startswith(b"\x1f\x8b"):
        yield from _unpacked(content)
    if b"%" in content:
        yield unquote_to_bytes(content)
    if b"\\u" in content:
        yield _ESCAPE.sub(lambda found: chr(int(found[1], 16)).encode("utf-8", "replace"), content)
    if b"&" in content:
        yield html.unescape(content.decode("utf-8", "replace")).encode()


def _unpacked(content: bytes) -> Iterator[bytes]:
    """All members of a gzip file; of a damaged one what can still be read."""
    while content:
        member = zlib.decompressobj(31)
        try:
            yield member.decompress(content)
        except zlib.error:
            return
        content = member.unused_data


@dataclass
class Evidence:
    """Everything that came out of the portal, each piece with the name of its door."""

    pieces: list[tuple[str, bytes]] = field(default_factory=list)

    def add(self, door: str, content: object) -> None:
        if not isinstance(content, bytes | str):
            content = json.dumps(content, default=repr) + repr(content)
        raw = content.encode("utf-8", "replace") if isinstance(content, str) else content
        self.pieces.append((door, raw))

    def add_files(self, door: str, folders: Iterable[Path]) -> None:
        for folder in folders:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    self.add(f"{door} {path.name}", path.read_bytes())
                    self.add(f"{door} {path.name} (its name)", str(path))

    def doors(self) -> set[str]:
        return {door for door, _ in self.pieces}

    def leaks(self, needles: Needles) -> list[str]:
        """One line per piece that holds a form of the token."""
        found = ((door, needles.found_in(content)) for door, content in self.pieces)
        return [f"{door}: {', '.join(forms)}" for door, forms in found if forms]
