"""Emptying a database that other processes still work on."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.core.management.base import CommandError
from django.test import TransactionTestCase

TRIES = 5


@pytest.fixture(scope="session", autouse=True)
def patient_emptying() -> Iterator[None]:
    """The portal of the kill tests lives through several of them. On PostgreSQL emptying the
    tables under its queries may be the victim of a deadlock; nothing is emptied then."""
    really = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def emptied(case: TransactionTestCase) -> None:
        for left in reversed(range(TRIES)):
            try:
                really(case)
            except CommandError as error:
                if not left or "deadlock" not in str(error.__cause__):
                    raise
                time.sleep(0.2)
            else:
                return

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", emptied)
        yield
