"""The main job once, step by step: connect, mirror, analyse, explain, and let it start by itself.

Each step says what it saw; the first one that does not hold ends the walk. The walk
compares with the truth planted in the sandbox, not with what the portal itself believes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from django.utils import timezone

from analysis import services as analyses
from analysis.models import Analysis, AnalysisStatus
from analysis.services import new_executions
from boomi.clients import open_client
from boomi.components import parse_document, read_facts
from boomi.models import (
    Component,
    ComponentReference,
    Connection,
    ConnectionState,
    Execution,
    SyncMark,
)
from boomi.services import documents, sync
from common.actors import Actor
from common.errors import PortalError
from common.models import User
from config import demo_world, sandbox_accounts
from sandbox.server import Sandbox
from scheduling.models import Delivery, JobRun, JobStatus, NotificationChannel
from scheduling.services import automations
from scheduling.testing import drain

RUNS_AT_A_TIME = 3


class StepFailed(Exception):
    """A step saw something else than it should; the text says what."""


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    ok: bool
    detail: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    steps: list[Step]

    @property
    def ok(self) -> bool:
        return all(step.ok for step in self.steps)

    def as_dict(self) -> dict[str, object]:
        return {"ok": self.ok, "steps": [asdict(step) for step in self.steps]}


class Walk:
    """Carries what one step found to the next."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        planted = sandbox.truth.failing_run
        if planted is None or planted.first_error is None:
            raise StepFailed("the sandbox has no planted failing run")
        self.planted = planted
        self.fault = planted.first_error
        self.owner: User
        self.connection: Connection
        self.failing: Execution
        self.analysis: Analysis

    def steps(self) -> Iterator[tuple[str, Callable[[], str]]]:
        yield "Connect the account", self.connect
        yield "Mirror everything it knows", self.sync
        yield "Count it against the platform", self.count
        yield "Find the failed run", self.find_failing
        yield "Fetch its log and analyse it", self.analyse
        yield "Ask again without a call", self.ask_again
        yield "Read what the process is made of", self.explain_component
        yield "Let an automation tell of failures", self.automate

    def connect(self) -> str:
        self.owner = demo_world.people()[0]
        account = sandbox_accounts.accounts()[0]
        self.connection = demo_world.connect(account, self.sandbox.url, self.owner)
        _expect(self.connection.status == ConnectionState.OK, self.connection.status_reason)
        return f"{self.connection.account} accepts the token; {len(self.connection.rights)} rights"

    def sync(self) -> str:
        run = demo_world.mirror(self.connection)
        _expect(run.status == JobStatus.SUCCEEDED, run.error_message or run.status)
        mirrored = Execution.objects.filter(account=self.connection.account).count()
        served = open_client(self.connection).execution_page(None).total
        _expect(mirrored == served, f"mirrored {mirrored} of {served} executions")
        return f"{mirrored:,} executions, as many as the platform has"

    def count(self) -> str:
        account = self.connection.account
        marks = {mark.kind: mark for mark in SyncMark.objects.filter(account=account)}
        behind = [kind for kind in sync.PASSES if kind not in marks or not marks[kind].completed_at]
        _expect(not behind, f"not mirrored to its end: {', '.join(behind)}")
        refused = [f"{mark.kind}: {mark.error}" for mark in marks.values() if mark.error]
        _expect(not refused, "; ".join(refused))
        checks = list(account.completeness.all())
        _expect(bool(checks), "nothing was counted")
        gaps = [f"{row.kind} {row.day}".strip() for row in checks if row.on_platform > row.mirrored]
        _expect(not gaps, f"the platform has more of: {', '.join(gaps)}")
        rows = sum(mark.rows for mark in marks.values())
        return f"{len(marks)} kinds, {rows:,} rows, {len(checks)} counts without a gap"

    def find_failing(self) -> str:
        self.failing = Execution.objects.get(execution_id=self.planted.execution_id)
        _expect(self.failing.outcome == "error", f"its outcome is {self.failing.outcome}")
        return f"{self.failing.process_name}, {self.failing.started_at:%Y-%m-%d %H:%M} UTC"

    def analyse(self) -> str:
        asked = analyses.request_execution_analysis(self.failing, actor=self._actor())
        _expect(isinstance(asked, JobRun), "the log was there before it was fetched")
        drain(ignore_waits=True)
        self.analysis = Analysis.objects.get(execution=self.failing)
        _expect(self.analysis.status == AnalysisStatus.DONE, self.analysis.error_message)
        seen = (self.analysis.first_fault_line, self.analysis.first_fault_step)
        planted = (self.fault.line, self.fault.step)
        _expect(seen == planted, f"first fault seen at {seen}, planted at {planted}")
        return self.analysis.verdict

    def ask_again(self) -> str:
        before = self.sandbox.counters.total
        again = analyses.request_execution_analysis(self.failing, actor=self._actor())
        _expect(again == self.analysis, "a second click made a second analysis")
        _expect(self.sandbox.counters.total == before, "a second click called the platform")
        return "the stored analysis answers; the platform was not called"

    def explain_component(self) -> str:
        process = Component.objects.get(
            account=self.connection.account, component_id=self.failing.process_id
        )
        asked = documents.request(process, actor=self._actor())
        _expect(isinstance(asked, JobRun), "the document was there before it was fetched")
        drain(ignore_waits=True)
        process.refresh_from_db()
        before = self.sandbox.counters.total
        stored = documents.request(process, actor=self._actor())
        if isinstance(stored, JobRun):
            raise StepFailed(process.document_error or "the document was not stored")
        _expect(self.sandbox.counters.total == before, "a stored document was fetched again")
        facts = read_facts(parse_document(stored.text))
        _expect(bool(facts.sections), "its document says nothing")
        used = ComponentReference.objects.filter(
            account=process.account, parent_component_id=process.component_id, current=True
        )
        _expect(used.exists(), "the platform tells nothing that it uses")
        sections = ", ".join(section.title for section in facts.sections).lower()
        return f"{process} v{process.version}: {sections}; uses {used.count()} components"

    def automate(self) -> str:
        channel = NotificationChannel.objects.create(
            name="Walk", owner=self.owner, recipients=["olga@northwind.example"]
        )
        automation = automations.create(
            actor=self._actor(),
            name="Explain failed runs",
            kind="analysis.analyse_executions",
            parameters={
                "account": self.connection.account_id,
                "only_errors": True,
                "limit": RUNS_AT_A_TIME,
            },
            channel=channel,
        )
        _let_settle()
        foretold = automations.dry_run(automation, actor=self._actor()).preview
        run = automations.run_now(automation, actor=self._actor())
        drain(ignore_waits=True)
        run.refresh_from_db()
        _expect(run.status == JobStatus.SUCCEEDED, run.error_message or run.status)
        due = min(foretold.found, RUNS_AT_A_TIME)
        _expect(run.records_done == due > 0, f"foretold {due}, looked into {run.records_done}")
        mails = Delivery.objects.filter(channel=channel).count()
        _expect(mails == 1, f"{mails} mails for one run")
        return f"{run.summary}; one mail for {run.records_done} runs"

    def _actor(self) -> Actor:
        return Actor.person(self.owner, via="command")


def walk(sandbox: Sandbox) -> Report:
    """Take every step in order; stops after the first that fails."""
    steps: list[Step] = []
    for name, take in Walk(sandbox).steps():
        began = time.monotonic()
        try:
            ok, detail = True, take()
        except (StepFailed, PortalError) as error:
            ok, detail = False, str(error)
        except Execution.DoesNotExist:
            ok, detail = False, "the planted failing run is not in the mirror"
        except Analysis.DoesNotExist:
            ok, detail = False, "no analysis was stored"
        except Component.DoesNotExist:
            ok, detail = False, "the process of the failed run is not in the mirror"
        steps.append(Step(name, ok, detail, round(time.monotonic() - began, 2)))
        if not ok:
            break
    return Report(steps)


def _let_settle() -> None:
    """What was mirrored within the last seconds an automation leaves to its next run."""
    newest = Execution.objects.latest("first_seen_at").first_seen_at
    left = newest + new_executions.SETTLED_AFTER - timezone.now()
    time.sleep(max(0.0, left.total_seconds()))


def _expect(held: bool, otherwise: str) -> None:
    if not held:
        raise StepFailed(otherwise or "it did not hold, and no reason was given")
