"""A clock that looks for due times without a pause, so that a kill hits it at work.

The period of the real one would leave it idle nearly always.
"""

from __future__ import annotations

import dataclasses

import django


def run() -> None:
    django.setup()
    from scheduling import clock

    clock.PASS_SECONDS = 0.0
    busy = dataclasses.replace(clock._ticks["scheduling.start_due"], every_seconds=0)
    clock._ticks[busy.name] = busy
    print("ready", flush=True)
    clock.Clock().run()


if __name__ == "__main__":
    run()
