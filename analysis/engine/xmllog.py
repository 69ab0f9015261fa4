"""The log as the runtime keeps it on disk: `process_log.xml`, read as a stream.

Each `LogEvent` becomes the line a download would have shown for it, so everything after this
module is the same for both forms; line numbers are those of the XML file. The file of a run that
is still going has no closing root and is accepted; a document type is refused.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from analysis.engine.errors import NotALog
from analysis.engine.source import LINE_CHARACTERS, Block, Feed

_RECORDS_PER_BLOCK = 8_192
# Characters XML forbids, which a payload in a message may nevertheless hold.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));")
_LONGEST_REFERENCE = 12
_BLANKS = re.compile(r"\s*[\r\n]\s*")
_EVENT, _MESSAGE, _ROOT = "LogEvent", "Message", "ExecutionLogModel"


@dataclass(slots=True)
class _Reader:
    """Collects the records of the events the parser has finished."""

    parser: expat.XMLParserType
    lines: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    event: dict[str, str] | None = None
    event_line: int = 0
    text: list[str] = field(default_factory=list)
    length: int = 0
    message: str = ""
    details: list[str] = field(default_factory=list)
    events: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == _EVENT:
            self.event, self.event_line = attributes, self.parser.CurrentLineNumber
            self.message, self.details = "", []
            self.events += 1
        self.path.append(name)
        self.text, self.length = [], 0

    def characters(self, data: str) -> None:
        if self.event is not None and self.length < LINE_CHARACTERS:
            self.text.append(data)
            self.length += len(data)

    def end(self, name: str) -> None:
        self.path.pop()
        text, self.text, self.length = "".join(self.text), [], 0
        if self.event is None:
            return
        if name == _EVENT:
            self.record(self.event)
            self.event = None
        elif name == _MESSAGE:
            self.message = _BLANKS.sub(" ", text).rstrip()
        elif text.strip():  # an element we do not know, such as a stack trace
            self.details += [line for line in text.splitlines() if line.strip()]

    def record(self, event: dict[str, str]) -> None:
        """Write a finished event as the line of a download."""
        step = event.get("shapelabel") or event.get("shapetype") or event.get("shapename", "")
        columns = (
            event.get("time", ""),
            event.get("level", ""),
            step,
            event.get("shapeextendedinfo", ""),
        )
        front = "\t".join(column.replace("\t", " ") for column in columns)
        self.lines += [f"{front}\t{self.message}", *self.details]
        self.numbers += [self.event_line] * (1 + len(self.details))

    def taken(self) -> Block:
        """The records so far as a block."""
        block = Block(self.lines, self.numbers)
        self.lines, self.numbers = [], []
        return block


@dataclass(slots=True)
class XmlLog:
    """Reads `feed` as blocks; what only the whole file tells is known after the last one."""

    feed: Feed
    name: str
    torn: bool = False
    unread_from: int | None = None  # line at which the XML stopped making sense

    def blocks(self) -> Iterator[Block]:
        """The records in order. Raises NotALog for a document type."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        reader = _Reader(parser)
        parser.StartElementHandler = reader.start
        parser.EndElementHandler = reader.end
        parser.CharacterDataHandler = reader.characters
        parser.StartDoctypeDeclHandler = self._refuse
        texts = self._texts()
        try:
            for text in texts:
                parser.Parse(text, False)
                if len(reader.lines) >= _RECORDS_PER_BLOCK:
                    yield reader.taken()
            parser.Parse("", True)
        except expat.ExpatError as error:
            self.torn = reader.event is not None or error.code != _NO_ELEMENTS
            if error.code not in _STOPS:
                self.unread_from = error.lineno
        for _ in texts:  # what cannot be read is still counted
            pass
        if reader.lines:
            yield reader.taken()

    def _texts(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        held = ""
        for raw in self.feed.pieces():
            self.feed.count_line_ends(raw)
            text = held + self.feed.repaired(decoder.decode(raw))
            cut = text.rfind("&", max(0, len(text) - _LONGEST_REFERENCE))
            held = text[cut:] if cut >= 0 else ""
            yield _allowed(text[:cut] if cut >= 0 else text)
        yield _allowed(held + self.feed.repaired(decoder.decode(b"", True)))

    def _refuse(self, *_: object) -> None:
        raise NotALog(
            f"'{self.name}' declares a document type, which no process log does.",
            "Take process_log.xml as the runtime wrote it.",
        )


_NO_ELEMENTS = expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]
_STOPS = frozenset(
    expat.errors.codes[text]
    for text in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
)


def _allowed(text: str) -> str:
    """The text with a blank for every character XML does not allow, written out or by number."""
    text = _FORBIDDEN.sub(" ", text)
    return _REFERENCE.sub(_allowed_reference, text) if "&#" in text else text


def _allowed_reference(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    forbidden = code > 0x10FFFF or 0xD800 <= code < 0xE000 or _FORBIDDEN.match(chr(code))
    return " " if forbidden else match[0]
