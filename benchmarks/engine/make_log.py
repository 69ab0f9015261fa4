"""Writes a process log of any size, the same one each time, with known totals.

The invented run pages through an order service: each page is a Try/Catch fiber that calls the
service, splits the answer, maps and sends the orders; a few calls are refused and caught.
Usage: make_log.py FILE [LINES]
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

LINES = 205_000
SERVICE = "Northwind order service (EU): http Connector; GET orders since last run, one page"
ERP = "Northwind ERP: northwind-erp-rest Connector; POST sales order with its lines"


class Clock:
    """Whole seconds of one invented morning, moved on by the milliseconds of the steps."""

    def __init__(self) -> None:
        self.ms = (6 * 3_600 + 30 * 60) * 1_000

    def stamp(self, spent: int = 0) -> str:
        self.ms += spent
        second = self.ms // 1_000
        return f"2026-03-02T{second // 3_600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


def records(pages: int) -> Iterator[str]:
    """The lines of a run over `pages` pages, without line ends."""
    clock = Clock()
    state = 12_345

    def chance(below: int) -> int:
        nonlocal state
        state = (state * 1_103_515_245 + 12_345) % (1 << 31)
        return (state >> 8) % below

    def line(step: str, info: str, message: str, level: str = "INFO", spent: int = 0) -> str:
        return f"{clock.stamp(spent)}\t{level}\t{step}\t{info}\t{message}"

    def step(label: str, info: str, kind: str, documents: int, ms: int) -> Iterator[str]:
        yield line(label, info, f"Executing {kind} with {documents} document(s).")
        yield line(label, info, f"Shape executed successfully in {ms} ms.", spent=ms)

    name = "Orders to ERP"
    yield line("initializing...", "", f"Executing Process {name}")
    yield line("Start", "NoData", "Executing Start Shape")
    yield line("Start", "NoData", "1 document(s) found for processing.")
    yield line("Start", "NoData", "Shape executed successfully in 12 ms.", spent=12)
    guard = "Catch a refused page"
    for page in range(pages):
        fiber = f"f_{page}"
        yield line(guard, "", "Executing Try/Catch Shape with 1 document(s).")
        yield line(
            guard,
            "",
            f"Launching Try/Catch Shape fiber {fiber} as execution-"
            f"5f0c7a7e-1111-4c1d-9b7f-{page:012x}-2026.03.02 with 1 document(s).",
        )
        yield line(guard, "", "Completed Try/Catch initial execution (shape7)")
        yield line("initializing...", "", f"Executing Process {name} (Continuation {fiber})")
        yield line(
            guard, "", f"Executing Try/Catch Shape continuation as {fiber} with 1 document(s)."
        )
        yield line(guard, "", f"Shape executed successfully in {chance(4)} ms.")
        refused = page % 211 == 7
        yield line("Connector", SERVICE, "Executing Connector Shape with 1 document(s).")
        if refused:
            yield line(
                "Connector",
                SERVICE,
                "Error message received from Http Server, Code 400: Bad Request",
                "SEVERE",
            )
            yield line("Connector", SERVICE, f"Shape executed with errors in {90 + chance(60)} ms.")
            yield line(
                "cleanup...",
                "",
                f"{name} (Continuation {fiber}) encountered 1 document error(s)",
                "WARNING",
            )
            yield line("cleanup...", "", "Process execution completed normally.")
            yield line(
                guard, "", "Try/Catch Shape sending 1 document(s) down error path", "WARNING"
            )
            yield line(guard, "", f"Shape executed successfully in {chance(9)} ms.")
            yield from step("Note the refused page", "", "Message Shape", 1, chance(3))
            continue
        spent = 120 + chance(400) + (8_000 if page % 997 == 500 else 0)
        yield line("Connector", SERVICE, f"Shape executed successfully in {spent} ms.", spent=spent)
        script = "[1] Scripting: groovy2"
        yield line(
            "Split the page into orders", "", "Executing Data Process Shape with 1 document(s)."
        )
        yield line("Split the page into orders", script, "Executing with 1 documents in")
        yield line(
            "Split the page into orders", script, f"Elapsed time: {chance(50)} ms for page {page}"
        )
        yield line("Split the page into orders", script, "Completed with 25 documents out")
        yield line(
            "Split the page into orders",
            "",
            "Data Process Execution (SCRIPTING) produced 25 documents.",
        )
        yield line(
            "Split the page into orders", "", f"Shape executed successfully in {chance(30)} ms."
        )
        yield from step("Map", "Service order to ERP sales order", "Map", 25, 3 + chance(40))
        yield from step("Set route and retry count", "", "Set Properties Shape", 25, chance(6))
        yield from step("Is it an order from abroad?", "", "Decision", 25, chance(3))
        yield from step("Post the orders to the ERP", ERP, "Connector Shape", 25, 200 + chance(300))
        yield from step("Remember last order time", "", "Message Shape", 1, chance(3))
        yield from step("Archive the answer", "", "Message Shape", 1, chance(4))
        yield from step("Branch", "", "Branch Shape", 1, chance(2))
        yield from step("Count the orders", "", "Set Properties Shape", 1, chance(4))
        yield from step("More pages?", "", "Decision", 1, chance(2))
        yield from step("Next page number", "", "Set Properties Shape", 1, chance(3))
        yield from step("Notify", "", "Notify Shape", 1, chance(3))
        yield from step("Stop", "continuing process", "Stop Shape", 25, chance(2))
        yield line("cleanup...", "", "Process execution completed normally.")
        yield line(guard, "", f"Shape executed successfully in {chance(9)} ms.")
    yield line("cleanup...", "", "Process execution completed normally.")


def write_log(file: TextIO, lines: int = LINES) -> int:
    """Write a whole run of about `lines` lines; returns how many there are."""
    count = 0
    for record in records(max(1, lines // 40)):
        file.write(record + "\n")
        count += 1
    return count


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__)
        return 2
    with Path(arguments[0]).open("w", encoding="utf-8", newline="\n") as file:
        count = write_log(file, int(arguments[1]) if len(arguments) > 1 else LINES)
    print(f"{count:,} lines, {Path(arguments[0]).stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
