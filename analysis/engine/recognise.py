"""What a file is, told from its first bytes, never from its name."""

import re
from enum import Enum

from analysis.engine.records import LEVELS, is_record
from analysis.engine.source import utf16_of

HEAD_BYTES = 1 << 16


class Shape(Enum):
    """The forms a process log has on its own, and anything else."""

    TEXT = "text"
    XML = "xml"
    EMPTY = "empty"
    OTHER = "other"


_MAGIC = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a bitmap picture"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"SQLite format 3", "a SQLite database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a Windows program"),
)
_PRINTING = (b"BM", b"MZ")  # these could begin a text as well
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_ROOT = re.compile(r"<(?:!DOCTYPE\s+)?([A-Za-z_][\w:.-]*)")
_RUNTIME_LOG = re.compile(
    r"^\S+ \d{1,2}, \d{4},? \d{1,2}:\d\d:\d\d[ \u202f][AP]M \S+ +"
    rf"(?:{'|'.join(LEVELS)}) +\[",
    re.MULTILINE,
)
_ACCESS_LOG = re.compile(
    r"^\S+ +\S+ +.*? +\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] \"", re.MULTILINE
)
_BLANK_START = re.compile(r"(?:\s|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)


def head_text(head: bytes) -> str:
    """The first bytes as text, good enough to look at."""
    encoding = utf16_of(head) or "utf-8"
    return head.decode(encoding, "replace").lstrip("\ufeff")


def shape_of(head: bytes) -> Shape:
    """Which form of a process log the bytes begin. TEXT may still turn out to hold no record."""
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        return Shape.EMPTY
    text = head_text(head)
    if has_record(text):
        return Shape.TEXT
    if root_of(text) in {"ExecutionLogModel", "LogEvent"}:
        return Shape.XML
    return Shape.OTHER if looks_like(head) else Shape.TEXT


def has_record(text: str) -> bool:
    """Whether a line of `text` is a record."""
    return any(is_record(line) for line in text.split("\n"))


def root_of(text: str) -> str | None:
    """The root element, declared or first, of a text that begins like XML, or None."""
    start = _BLANK_START.match(text)
    match = _ROOT.match(text, start.end() if start else 0)
    return match[1] if match else None


def looks_like(head: bytes) -> str | None:
    """What the bytes look like, in words that follow "is", or None for ordinary text."""
    for magic, words in _MAGIC:
        if head.startswith(magic) and not (magic in _PRINTING and b"\x00" not in head[:64]):
            return words
    text = head_text(head)
    if not utf16_of(head) and b"\x00" in head:
        return "a binary file"
    odd = sum(char < " " and char not in "\t\r\n\f\x1b" for char in text[:4096])
    if odd * 20 > len(text[:4096]):
        return "a binary file"
    start = text.lstrip()
    if _HTML.match(_BLANK_START.sub("", text, count=1)):
        return "a web page"
    if start.startswith("<"):
        root = root_of(text)
        return f"an XML document with the root <{root[:60]}>" if root else "an XML document"
    if re.match(r'\{\s*"|\[\s*[{\["]|\{\s*\}|\[\s*\]', start):
        return "a JSON document"
    return _other_log(text)


def _other_log(text: str) -> str | None:
    if _RUNTIME_LOG.search(text):
        return "a log of the runtime (container log)"
    if _ACCESS_LOG.search(text):
        return "a log of the shared web server"
    return None
