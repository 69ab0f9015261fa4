"""A sync that is killed again and again mirrors what one that lives mirrors, once."""

from contextlib import contextmanager
from itertools import cycle

import pytest

from boomi.models import (
    Account,
    Component,
    ComponentReference,
    Deployment,
    Environment,
    Execution,
    Folder,
    PackagedComponent,
    PlatformAuditEntry,
    PlatformEvent,
    ProcessSchedule,
    Runtime,
    SyncMark,
)
from boomi.services import sync
from common.actors import Actor
from scheduling import runner
from scheduling.context import JobContext
from scheduling.models import JobRun, JobStatus
from tests.boomi.syncing import mirrored, run_sync

pytestmark = [pytest.mark.django_db, pytest.mark.db]
MIRRORED = (
    Execution, Deployment, PackagedComponent, PlatformEvent, PlatformAuditEntry, Component,
    ComponentReference, Folder, ProcessSchedule, Runtime, Environment, SyncMark,
)  # fmt: skip


class Killed(BaseException):
    """The process ends: nothing of the runner gets to hear of it."""


@contextmanager
def life_of(steps: int, monkeypatch: pytest.MonkeyPatch):
    """Workers that die when they want to commit one step more than this."""
    lived, step = 0, JobContext.step

    @contextmanager
    def counted(self, **changes):
        nonlocal lived
        if lived >= steps:
            raise Killed
        with step(self, **changes) as cursor:
            yield cursor
        lived += 1

    with monkeypatch.context() as patch:
        patch.setattr(JobContext, "step", counted)
        yield


def run_with_kills(connection, monkeypatch, first: int) -> int:
    """Work a sync off with workers of different short lives; returns how many died."""
    run = sync.request(connection, actor=Actor.person(connection.owner))
    deaths = 0
    for steps in cycle((first, 3, 7, 4, 5)):
        with life_of(steps, monkeypatch):
            try:
                runner.run_slice(run.pk, keep_alive=False)
            except Killed:
                deaths += 1
        run.refresh_from_db()
        if run.is_final:
            assert run.status == JobStatus.SUCCEEDED, run.error_message
            return deaths
        assert deaths < 200
        # What the sweep of expired leases does with the run of a dead worker.
        JobRun.objects.filter(pk=run.pk).update(status=JobStatus.QUEUED, lease_until=None)
    raise AssertionError


def forget_everything() -> None:
    for model in MIRRORED:
        model._default_manager.all().delete()
    Account.objects.update(facts_seen_at=None)


@pytest.mark.parametrize("first", [2, 3, 6])
def test_a_sync_killed_at_any_step_ends_like_one_that_lived(connection, monkeypatch, first):
    run_sync(connection)
    # What was running when it was mirrored, and the records of this second, settle.
    run_sync(connection)
    whole = mirrored()
    forget_everything()
    deaths = run_with_kills(connection, monkeypatch, first)
    run_sync(connection)
    assert deaths > 5
    assert mirrored() == whole
