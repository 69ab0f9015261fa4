"""Running a process over the sandbox: asked once, found again, watched to its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from boomi.client import BoomiClient, Timeout
from boomi.models import ApiCall, Connection, Deployment, Environment, Execution, Runtime
from boomi.services import process_runs, sync
from common.actors import Actor
from common.errors import Conflict, InputError
from common.models import AuditEvent, User
from sandbox.server import Sandbox
from scheduling import runner
from scheduling.models import JobRun, JobStatus
from scheduling.services import automations, enqueue
from scheduling.testing import drain

pytestmark = pytest.mark.django_db
KINDS = [sync.Kind.ENVIRONMENTS, sync.Kind.RUNTIMES, sync.Kind.DEPLOYMENTS, sync.Kind.EXECUTIONS]


@pytest.fixture
def target(connection: Connection, sandbox: Sandbox) -> dict[str, Any]:
    """Parameters of a run of a process that is deployed to a runtime that is online."""
    sync.request(connection, actor=Actor.person(connection.owner), kinds=KINDS)
    drain(ignore_waits=True)
    runs = Execution.objects.filter(account=connection.account).order_by("-started_at")
    for process, runtime_id in runs.values_list("process_id", "runtime_id").distinct()[:50]:
        runtime = Runtime.objects.filter(runtime_id=runtime_id, status="ONLINE").first()
        if runtime is not None and _is_deployed(connection, process, runtime):
            return {"account": connection.account_id, "process": process, "runtime": runtime.pk}
    raise AssertionError("the sandbox has no such process")


def _is_deployed(connection: Connection, process: str, runtime: Runtime) -> bool:
    try:
        process_runs.check_deployed(connection.account, process, runtime)
    except Conflict:
        return False
    return True


def work(run: JobRun, sandbox: Sandbox, slices: int = 60) -> JobRun:
    """Slice after slice, a minute of the platform's time apart."""
    for _ in range(slices):
        JobRun.objects.filter(pk=run.pk, status=JobStatus.WAITING).update(status=JobStatus.QUEUED)
        runner.run_slice(run.pk, keep_alive=False)
        run.refresh_from_db()
        if run.is_final:
            return run
        sandbox.clock.advance(timedelta(minutes=1))
    raise AssertionError(run.detail)


def ask(target: dict[str, Any], owner: User, **more: Any) -> JobRun:
    return enqueue("boomi.run_process", actor=Actor.person(owner), params={**target, **more})


def requests() -> int:
    return ApiCall.objects.filter(path__contains="ExecutionRequest", method="POST").count()


def test_a_process_runs_and_its_execution_is_mirrored(
    target: dict[str, Any], sandbox: Sandbox, operator: User
) -> None:
    run = work(ask(target, operator, properties={"DPP_DAY": "1"}), sandbox)
    assert run.status == JobStatus.SUCCEEDED, run.error_message
    execution = Execution.objects.get(pk=run.result["execution"])
    assert (execution.process_id, execution.execution_type) == (target["process"], "exec_manual")
    assert run.result["url"] == f"/executions/{execution.pk}/"
    assert requests() == 1


def test_it_is_written_down_who_ran_what_and_no_value(
    target: dict[str, Any], sandbox: Sandbox, operator: User
) -> None:
    work(ask(target, operator, properties={"DPP_KEY": "canary-value"}), sandbox)
    event = AuditEvent.objects.get(action="boomi.process.run_requested")
    assert event.actor_id == operator.pk
    assert '"DPP_KEY"' in (event.after or "")
    assert "canary-value" not in (event.after or "")


@pytest.mark.parametrize("wrapped", [False, True])
def test_both_forms_of_the_answer_are_understood(
    target: dict[str, Any], sandbox: Sandbox, operator: User, wrapped: bool
) -> None:
    sandbox.faults.wrapped_async = wrapped
    assert work(ask(target, operator), sandbox).status == JobStatus.SUCCEEDED


def test_a_process_that_fails_fails_the_job_and_leads_to_its_page(
    target: dict[str, Any], sandbox: Sandbox, operator: User
) -> None:
    sandbox.faults.next_failing_runs = 1
    run = work(ask(target, operator), sandbox)
    assert (run.status, run.error_code) == (JobStatus.FAILED, "PROCESS_FAILED")
    execution = Execution.objects.filter(outcome="error").latest("pk")
    error = run.record_errors.get()
    assert (error.url, error.message) == (f"/executions/{execution.pk}/", execution.message)


def test_an_answer_that_got_lost_starts_nothing_twice(
    target: dict[str, Any], sandbox: Sandbox, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = BoomiClient.execute_process

    def lose_the_answer(self: BoomiClient, *args: Any, **more: Any) -> Any:
        real(self, *args, **more)
        raise Timeout("The platform did not answer in time.")

    monkeypatch.setattr(BoomiClient, "execute_process", lose_the_answer)
    run = work(ask(target, operator), sandbox)
    assert run.status == JobStatus.SUCCEEDED, run.error_message
    assert requests() == 1
    assert run.log_lines.filter(text__startswith="Found the run").exists()


def test_a_request_that_never_arrived_is_repeated_after_looking(
    target: dict[str, Any], sandbox: Sandbox, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = BoomiClient.execute_process, []

    def lose_the_first(self: BoomiClient, *args: Any, **more: Any) -> Any:
        calls.append(args)
        if len(calls) == 1:
            raise Timeout("The platform did not answer in time.")
        return real(self, *args, **more)

    monkeypatch.setattr(BoomiClient, "execute_process", lose_the_first)
    run = work(ask(target, operator), sandbox)
    assert (run.status, len(calls)) == (JobStatus.SUCCEEDED, 2)
    assert run.slices > len(process_runs.LOOK_PAUSES)


def test_two_lost_requests_end_with_a_warning_to_look(
    target: dict[str, Any], sandbox: Sandbox, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(self: BoomiClient, *args: Any, **more: Any) -> Any:
        raise Timeout("The platform did not answer in time.")

    monkeypatch.setattr(BoomiClient, "execute_process", lose)
    run = work(ask(target, operator), sandbox)
    assert (run.status, run.error_code) == (JobStatus.FAILED, "NO_ANSWER")
    assert "Look in Boomi" in run.error_hint


def test_a_worker_killed_right_after_asking_does_not_ask_again(
    target: dict[str, Any], sandbox: Sandbox, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(target, operator)
    real = BoomiClient.execute_process

    def die(self: BoomiClient, *args: Any, **more: Any) -> Any:
        real(self, *args, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(BoomiClient, "execute_process", die)
    with pytest.raises(KeyboardInterrupt):
        runner.run_slice(run.pk, keep_alive=False)
    monkeypatch.setattr(BoomiClient, "execute_process", real)
    JobRun.objects.filter(pk=run.pk).update(status=JobStatus.QUEUED, lease_until=None)
    assert work(run, sandbox).status == JobStatus.SUCCEEDED
    assert requests() == 1


def test_a_run_that_leaves_no_record_is_not_waited_for_for_ever(
    target: dict[str, Any], sandbox: Sandbox, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoomiClient, "requested_execution", lambda *_: None)
    monkeypatch.setattr(process_runs, "LONGEST_SILENCE", timedelta(0))
    run = work(ask(target, operator), sandbox)
    assert (run.status, run.error_code) == (JobStatus.FAILED, "NO_RECORD")


def test_an_offline_runtime_is_told_at_once(
    target: dict[str, Any], sandbox: Sandbox, operator: User
) -> None:
    runtime = Runtime.objects.get(pk=target["runtime"])
    sandbox.faults.offline_runtimes = {runtime.name}
    run = work(ask(target, operator), sandbox)
    assert (run.status, run.error_code) == (JobStatus.FAILED, "RUNTIME_UNAVAILABLE")
    assert requests() == 1


def test_what_is_not_deployed_is_not_asked_for(
    target: dict[str, Any], sandbox: Sandbox, operator: User
) -> None:
    Deployment.objects.update(active=False)
    run = work(ask(target, operator), sandbox)
    assert (run.status, run.error_code) == (JobStatus.FAILED, "NOT_DEPLOYED")
    assert requests() == 0


def test_the_right_is_asked_when_it_starts(
    target: dict[str, Any], sandbox: Sandbox, viewer: User
) -> None:
    run = work(ask(target, viewer), sandbox)
    assert (run.status, run.error_code) == (JobStatus.FAILED, "NOT_ALLOWED")
    assert requests() == 0


def test_a_dry_run_says_where_it_would_run_and_starts_nothing(
    target: dict[str, Any], sandbox: Sandbox, operator: User
) -> None:
    actor = Actor.person(operator)
    automation = automations.create(
        actor=actor, name="Nightly", kind="boomi.run_process", parameters=target
    )
    calls = ApiCall.objects.count()
    told = automations.dry_run(automation, actor=actor).preview
    assert told.found == 1
    assert "would run once on" in told.sentence
    assert told.seconds is not None
    assert ApiCall.objects.count() == calls


def test_the_form_knows_what_is_deployed_where(
    target: dict[str, Any], sandbox: Sandbox, operator: User
) -> None:
    actor, kind = Actor.person(operator), "boomi.run_process"
    elsewhere = Environment.objects.create(
        account_id=target["account"],
        environment_id="empty",
        name="Empty",
        seen_at="2026-01-01T00:00Z",
    )
    Runtime.objects.get(pk=target["runtime"]).environments.set([elsewhere])
    with pytest.raises(InputError) as refused:
        automations.create(actor=actor, name="Nightly", kind=kind, parameters=target)
    assert list(refused.value.fields) == ["parameters.process"]
