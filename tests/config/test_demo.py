"""`make demo`: the walk holds against the sandbox, and says so when it does not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from analysis.services import new_executions
from boomi.models import Component, SyncMark
from boomi.services import sync
from config import demo
from sandbox.server import Sandbox
from tests.boomi.conftest import log_dir, roomy_caps, sandbox

__all__ = ["log_dir", "roomy_caps", "sandbox"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def log_store(log_dir: Path) -> Path:
    return log_dir


def test_every_step_of_the_walk_holds(
    sandbox: Sandbox, log_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_executions, "SETTLED_AFTER", timedelta(0))
    report = demo.walk(sandbox)
    assert report.ok, report.steps[-1]
    assert [step.name for step in report.steps] == [name for name, _ in demo.Walk(sandbox).steps()]
    assert SyncMark.objects.exclude(completed_at=None).count() > 0
    assert Component.objects.exclude(document_error="").count() == 0


def test_the_walk_ends_at_the_first_step_that_does_not_hold(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "PASSES", {"unheard_of": None, **sync.PASSES})
    walk = demo.Walk(sandbox)
    walk.connect()
    with pytest.raises(demo.StepFailed, match="not mirrored to its end: unheard_of"):
        walk.count()
