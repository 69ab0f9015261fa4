"""From the bytes of a log to blocks of whole lines of text.

Reads in pieces, finds the encoding, and cuts at line ends, so that no result depends on where a
read happened to stop. At most one block and one unfinished line are held in memory.
"""

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from analysis.engine.errors import Stopped

BLOCK_BYTES = 1 << 20
# Longer lines are cut: no report quotes more, and one endless line must not fill the memory.
LINE_CHARACTERS = 1 << 18
_LINE_BYTES = 4 * LINE_CHARACTERS

_UTF8_BOM = codecs.BOM_UTF8
_SURROGATE = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines of a log, without their line ends.

    `numbers` counts from 1 within the block for text and from the top of the file for XML;
    `first` is what to add to a number. `torn`: the last line has no line end.
    """

    lines: list[str]
    numbers: Sequence[int]
    first: int = 0
    torn: bool = False


@dataclass(slots=True)
class Feed:
    """The bytes of a log as UTF-8 or whatever they were, with what was learnt on the way.

    `progress` is told the number of bytes read; `should_stop` is asked before each piece.
    """

    stream: BinaryIO
    size: int = BLOCK_BYTES
    progress: Callable[[int], None] | None = None
    should_stop: Callable[[], bool] | None = None
    bytes_read: int = 0
    encoding: str = "utf-8"
    bom: bool = False
    newlines: int = 0
    crlf: int = 0
    _last: bytes = b""
    _strange: bool = False
    _beyond_ascii: bool = False
    _head: list[bytes] = field(default_factory=list)

    def peek(self, count: int) -> bytes:
        """At least `count` bytes from the top, fewer when the log is shorter. Call it first."""
        held = sum(map(len, self._head))
        while held < count and (piece := self._read()):
            self._head.append(piece)
            held += len(piece)
        head = b"".join(self._head)
        self._head = [head] if head else []
        self._detect(head)
        return head

    def pieces(self) -> Iterator[bytes]:
        """All bytes as UTF-8 (or Windows-1252), without a byte-order mark, cut anywhere."""
        head = self.peek(256)
        if self.encoding.startswith("utf-16"):
            decoder = codecs.getincrementaldecoder(self.encoding)("replace")
            skip = 1 if self.bom else 0
            for piece in self._raw():
                text = decoder.decode(piece)
                yield text[skip:].encode()
                skip = 0 if text else skip
            yield decoder.decode(b"", True).encode()
            return
        skip = len(_UTF8_BOM) if head.startswith(_UTF8_BOM) else 0
        for piece in self._raw():
            yield piece[skip:]
            skip = 0

    def text(self, raw: bytes) -> str:
        """Decode whole lines. A byte that is not UTF-8 is read as Windows-1252."""
        try:
            decoded = raw.decode()
        except UnicodeDecodeError:
            decoded = raw.decode("utf-8", "surrogateescape")
        else:
            self._beyond_ascii = self._beyond_ascii or len(decoded) < len(raw)
            return decoded
        return self.repaired(decoded)

    def repaired(self, decoded: str) -> str:
        """Text decoded with `surrogateescape`, its escaped bytes read as Windows-1252."""
        self._beyond_ascii = self._beyond_ascii or bool(_BEYOND_ASCII.search(decoded))
        if not _SURROGATE.search(decoded):
            return decoded
        self._strange = True
        return decoded.translate(_WINDOWS_1252)

    @property
    def encoding_name(self) -> str:
        """utf-8, utf-16-le, utf-16-be, windows-1252, or mixed (UTF-8 with stray bytes)."""
        if not self._strange:
            return self.encoding
        return "mixed" if self._beyond_ascii else "windows-1252"

    @property
    def line_end(self) -> str | None:
        """lf, crlf or mixed; None when there is no line end at all."""
        if not self.newlines:
            return None
        if not self.crlf:
            return "lf"
        return "crlf" if self.crlf == self.newlines else "mixed"

    @property
    def physical_lines(self) -> int:
        """Lines counted so far, with a last one that has no line end."""
        return self.newlines + (self._last not in (b"", b"\n"))

    def count_line_ends(self, raw: bytes) -> None:
        """Note the line ends of the next piece."""
        self.newlines += raw.count(b"\n")
        self.crlf += raw.count(b"\r\n") + (self._last == b"\r" and raw.startswith(b"\n"))
        self._last = raw[-1:] or self._last

    def _raw(self) -> Iterator[bytes]:
        yield from self._head
        self._head = []
        while piece := self._read():
            yield piece

    def _read(self) -> bytes:
        if self.should_stop is not None and self.should_stop():
            raise Stopped("The analysis was stopped before it was done.", "Start it again.")
        piece = self.stream.read(self.size)
        self.bytes_read += len(piece)
        if piece and self.progress is not None:
            self.progress(self.bytes_read)
        return piece

    def _detect(self, head: bytes) -> None:
        sixteen = utf16_of(head)
        if sixteen:
            self.encoding = sixteen
        self.bom = head.startswith((_UTF8_BOM, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def _windows_1252() -> dict[int, str]:
    table = {}
    for byte in range(0x80, 0x100):
        try:
            table[0xDC00 + byte] = bytes([byte]).decode("windows-1252")
        except UnicodeDecodeError:  # the five bytes Windows-1252 leaves undefined
            table[0xDC00 + byte] = chr(byte)
    return table


_WINDOWS_1252 = _windows_1252()


def utf16_of(head: bytes) -> str | None:
    """The UTF-16 form `head` is in, by its mark or by where its zero bytes stand, or None."""
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    sample = head[:200]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd * 2 > len(sample[1::2]) and not even:
        return "utf-16-le"
    if even * 2 > len(sample[::2]) and not odd:
        return "utf-16-be"
    return None


def line_blocks(feed: Feed) -> Iterator[Block]:
    """The log as blocks of whole lines, in order; `Block.first` counts the lines before."""
    first = 0
    held = b""
    overlong = False
    for piece in feed.pieces():
        if overlong:
            piece = _rest_of_line(piece)
        cut = piece.rfind(b"\n") + 1
        if not cut:
            held += piece
            if len(held) > _LINE_BYTES:
                held, overlong = _whole_characters(held[:_LINE_BYTES]), True
            continue
        block = _block(feed, held + piece[:cut] if held else piece[:cut], first)
        held, overlong = piece[cut:], False
        first += len(block.lines)
        yield block
    if held:
        yield _block(feed, held, first, torn=True)


def _rest_of_line(piece: bytes) -> bytes:
    """What follows the tail of an overlong line, its line end included; empty when all is tail."""
    end = piece.find(b"\n")
    if end < 0:
        return b""
    return piece[end - 1 :] if piece[:end].endswith(b"\r") else piece[end:]


def _whole_characters(raw: bytes) -> bytes:
    """`raw` without the beginning of a UTF-8 character at its end."""
    end = len(raw)
    while end > len(raw) - 3 and raw[end - 1] & 0xC0 == 0x80:
        end -= 1
    return raw[: end - 1] if raw[end - 1] >= 0xC0 else raw[:end]


def _block(feed: Feed, raw: bytes, first: int, torn: bool = False) -> Block:
    before = feed.crlf
    feed.count_line_ends(raw)
    text = feed.text(raw)
    if feed.crlf > before:
        text = text.replace("\r\n", "\n")
    if torn:
        lines = [text.removesuffix("\r")]
    else:
        lines = text.split("\n")
        lines.pop()
    if len(max(lines, key=len)) > LINE_CHARACTERS:
        lines = [line[:LINE_CHARACTERS] for line in lines]
    return Block(lines, range(1, len(lines) + 1), first, torn)
