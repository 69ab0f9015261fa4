"""The Chromium that browser tests and pictures use: found on this machine, never downloaded."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "No Chromium found: install one, or name its program in CHROMIUM."
QUIET = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """Path of the program: the one CHROMIUM names, else the first known name on PATH."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def arguments() -> list[str]:
    """Nothing is asked of the network; the sandbox of Chromium cannot start for root only."""
    return [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else QUIET
