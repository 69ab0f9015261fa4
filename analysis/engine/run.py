"""The two ways to analyse a log: from a stream of its bytes, from a file."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from analysis.engine.container import Limits, open_log, require_log
from analysis.engine.errors import SAVE_LOGS_HINT, NotALog, shown
from analysis.engine.recognise import HEAD_BYTES, Shape, looks_like
from analysis.engine.report import Run, Source, report
from analysis.engine.scan import Scanner
from analysis.engine.source import BLOCK_BYTES, Block, Feed, line_blocks
from analysis.engine.story import Story
from analysis.engine.totals import Totals


def analyze_stream(
    stream: BinaryIO,
    *,
    name: str,
    progress: Callable[[int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> dict[str, object]:
    """Analyse the bytes of a log, text or `process_log.xml`, in one pass.

    Zipped content is for `open_log`. `progress` is told the bytes read after each block;
    `should_stop` is asked before each and ends the analysis with Stopped. `name` is only shown.
    Returns the result object (schema 1). Raises EmptyLog, NotALog, Stopped, and what the
    stream raises. The result does not depend on `block_bytes`.
    """
    feed = Feed(stream, block_bytes, progress, should_stop)
    head = feed.peek(HEAD_BYTES)
    shape = require_log(head, name)
    totals, story = Totals(), Story()
    if shape is Shape.XML:
        _read_xml(feed, name, totals, story)
    else:
        _read(line_blocks(feed), totals, story)
    if not totals.records:
        raise NotALog(
            f"'{shown(name)}' is {looks_like(head) or 'a text'} without a single process log line.",
            SAVE_LOGS_HINT,
        )
    outcome = story.finish(filtered=not totals.levels["INFO"])
    source = Source(name, feed.bytes_read, shape.value, feed.encoding_name, feed.bom, feed.line_end)
    run = Run(story.name, outcome, story.document_errors, story.faults)
    return report(source, totals, run)


def analyze_file(
    path: str | os.PathLike[str], *, limits: Limits | None = None
) -> dict[str, object]:
    """Analyse a file: a log, a zip or gzip with one log in it, or `process_log.xml`.

    Raises LogError with a sentence for people, or OSError when the file cannot be read.
    """
    name = Path(path).name
    with open_log(path, name=name, limits=limits) as opened:
        return analyze_stream(opened.stream, name=name)


def _read(blocks: Iterator[Block], totals: Totals, story: Story) -> None:
    scanner = Scanner()
    for block in blocks:
        scan = scanner.scan(block)
        totals.add(scan)
        story.apply(scan)


def _read_xml(feed: Feed, name: str, totals: Totals, story: Story) -> None:
    from analysis.engine.xmllog import XmlLog  # the parser is only needed for this form

    log = XmlLog(feed, shown(name))
    _read(log.blocks(), totals, story)
    totals.lines = feed.physical_lines
    totals.torn_last_line = log.torn
    if log.unread_from is not None:
        totals.unparsed += feed.physical_lines - log.unread_from + 1
        totals.unparsed_lines.append((log.unread_from, "(not XML from this line on)"))
