"""The phases of an analysing job and how far along the whole each of them is.

A job only ever moves forward: fetching that has to begin again stays in the phase people saw.
"""

from __future__ import annotations

from collections.abc import Callable

from scheduling.jobs import JobContext

REQUESTED, WAITING, DOWNLOADING, PARSING, DONE = (
    "requested",
    "waiting",
    "downloading",
    "parsing",
    "done",
)
# Percent of the whole at the beginning and the end of each phase, in their order.
SPANS = {
    REQUESTED: (0, 2),
    WAITING: (2, 10),
    DOWNLOADING: (10, 50),
    PARSING: (50, 99),
    DONE: (100, 100),
}
ORDER = list(SPANS)


def note(ctx: JobContext, name: str, percent: int | None = None, detail: str = "") -> None:
    """Show a phase of the job. `percent` is of the phase; None where nobody can know.

    Raises what the context raises: JobCancelled and LostLease end the work at the next note.
    """
    ctx.raise_if_cancelled()
    shown = ctx.run.phase
    if shown in SPANS and ORDER.index(name) < ORDER.index(shown):
        name, percent = shown, None
    begin, end = SPANS[name]
    whole = None if percent is None else begin + (end - begin) * min(percent, 100) // 100
    ctx.phase(name, begin if whole is None else whole, detail)


def parsing(ctx: JobContext, size: int) -> Callable[[int], None]:
    """A callback for the engine: bytes read of `size`. Writes a row once per percent."""
    last = -1

    def on_bytes(done: int) -> None:
        nonlocal last
        percent = min(99, done * 100 // max(size, 1))
        if percent > last:
            last = percent
            note(ctx, PARSING, percent, f"{megabytes(done)} of {megabytes(size)}")

    return on_bytes


def megabytes(size: int) -> str:
    return f"{size / 1_048_576:.1f} MB"
