"""Who sees a job and who may end or repeat it."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from common.access import ALLOWED, Verdict, audiences, role_rule, rule, visible, visible_for
from common.actors import Actor
from common.roles import Role
from scheduling import jobs
from scheduling.models import JobRun

role_rule("scheduling.job.view", Role.VIEWER, changes=False)


@visible_for(JobRun)
def visible_runs(actor: Actor, runs: QuerySet[JobRun]) -> QuerySet[JobRun]:
    """One's own runs, and those whose audience one belongs to."""
    return runs.filter(Q(owner=actor.user) | Q(audience__in=audiences(actor)))


@rule("scheduling.job.cancel")
def may_cancel(actor: Actor, run: JobRun | None) -> Verdict:
    return _owner_or_operator(actor, run)


@rule("scheduling.job.retry")
def may_retry(actor: Actor, run: JobRun | None) -> Verdict:
    verdict = _owner_or_operator(actor, run)
    if not verdict or run is None:
        return verdict
    return _right_to_the_work(actor, run)


def _right_to_the_work(actor: Actor, run: JobRun) -> Verdict:
    """Who sees a job need not be one who could have asked for it, or who still could."""
    try:
        right = jobs.find(run.job).right
    except jobs.UnknownJob:
        return Verdict(False, "This version of the portal does not know this job any more.")
    return right(actor, run.params) if right else ALLOWED


def _owner_or_operator(actor: Actor, run: JobRun | None) -> Verdict:
    if run is not None and not visible(actor, JobRun.objects.filter(pk=run.pk)).exists():
        return Verdict(False, "This job is not among those you may see.")
    if run is not None and actor.user is not None and run.owner_id == actor.user.pk:
        return ALLOWED
    if actor.has_role(Role.OPERATOR):
        return ALLOWED
    return Verdict(False, "Only its owner or an Operator may do this to a job.")
