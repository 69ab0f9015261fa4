"""Reads a Boomi process log once and says what happened in it.

Bytes in, one plain dict out: no Django, no network, no clock, standard library only. A log is
cut into blocks of whole lines (`source`, `xmllog`); each block is scanned by itself (`scan`, with
the grammar in `records`); what can be added up is added up (`totals`), what happened in order is
followed in order (`story`, `faults`); `report` and `verdict` put it into the words of the result.
"""

from analysis.engine.container import Limits, OpenedLog, open_log
from analysis.engine.run import analyze_file, analyze_stream

# Goes up whenever the same bytes give another result, so that stored results can be renewed.
ENGINE_VERSION: int = 1

__all__ = [
    "ENGINE_VERSION",
    "Limits",
    "OpenedLog",
    "analyze_file",
    "analyze_stream",
    "open_log",
]
