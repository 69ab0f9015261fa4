"""Schedules of the platform in words.

The platform's parts are in cron style except that days of the week count from 1 for Sunday
(Boomi platform API, ProcessSchedules). It names no time zone; none is invented here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from scheduling import cron

PARTS = ("minutes", "hours", "daysOfMonth", "months", "daysOfWeek")
_NUMBER = re.compile(r"(?<![\d/])\d+")


def as_cron(entry: Mapping[str, object]) -> str | None:
    """The entry as a cron expression of five fields; None where cron cannot say it."""
    parts = [str(entry.get(name) or "*").strip() or "*" for name in PARTS]
    if str(entry.get("years") or "*").strip() not in ("*", ""):
        return None
    days = parts[-1]
    if days != "*":
        numbers = [int(found) for found in _NUMBER.findall(days)]
        if any(not 1 <= number <= 7 for number in numbers):
            return None
        parts[-1] = _NUMBER.sub(lambda found: str(int(found[0]) - 1), days)
    expression = " ".join(parts)
    try:
        cron.check(expression)
    except cron.CronError:
        return None
    return expression


def words(entry: Mapping[str, object]) -> str:
    """The entry in plain words; its raw parts where it has none."""
    expression = as_cron(entry)
    if expression is not None:
        return cron.words(expression)
    return " ".join(f"{name}={entry[name]}" for name in (*PARTS, "years") if entry.get(name))


def all_words(entries: object) -> list[str]:
    """Each entry of a stored schedule in words."""
    rows = cast("Sequence[object]", entries) if isinstance(entries, list) else ()
    return [words(entry) for entry in rows if isinstance(entry, Mapping)]
