"""Who sees jobs and automations, and who may do what to them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from common.access import (
    ALLOWED,
    Verdict,
    audiences,
    needs,
    role_rule,
    rule,
    visible,
    visible_for,
)
from common.actors import Actor
from common.roles import Role
from scheduling import jobs
from scheduling.models import Automation, JobRun, Occurrence, Schedule

NOT_SEEN = Verdict(False, "This automation is not among those you may see.")
role_rule("scheduling.job.view", Role.VIEWER, changes=False)
role_rule("scheduling.automation.view", Role.VIEWER, changes=False)
role_rule("scheduling.automation.create", Role.OPERATOR)


@visible_for(JobRun)
def visible_runs(actor: Actor, runs: QuerySet[JobRun]) -> QuerySet[JobRun]:
    """One's own runs, those of one's automations, those whose audience one belongs to."""
    mine = Q(owner=actor.user) | Q(automation__owner=actor.user)
    return runs.filter(mine | Q(audience__in=audiences(actor)))


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


@visible_for(Automation)
def visible_automations(actor: Actor, automations: QuerySet[Automation]) -> QuerySet[Automation]:
    """One's own, and those whose audience one belongs to."""
    return automations.filter(Q(owner=actor.user) | Q(audience__in=audiences(actor)))


@visible_for(Schedule)
def visible_schedules(actor: Actor, schedules: QuerySet[Schedule]) -> QuerySet[Schedule]:
    seen = visible(actor, Automation.objects.order_by())
    return schedules.filter(automation__in=seen.values("pk"))


@visible_for(Occurrence)
def visible_occurrences(actor: Actor, rows: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    seen = visible(actor, Automation.objects.order_by())
    return rows.filter(schedule__automation__in=seen.values("pk"))


@rule("scheduling.automation.edit")
def may_edit(actor: Actor, automation: Automation | None) -> Verdict:
    return _owner_or_admin(actor, automation)


@rule("scheduling.automation.delete")
def may_delete(actor: Actor, automation: Automation | None) -> Verdict:
    return _owner_or_admin(actor, automation)


@rule("scheduling.automation.run")
def may_run(actor: Actor, automation: Automation | None) -> Verdict:
    """Its kind is asked as well when it starts, for what is worked on."""
    if automation is not None and not _sees(actor, automation):
        return NOT_SEEN
    return needs(actor, Role.OPERATOR)


@rule("scheduling.schedule.edit")
def may_edit_schedule(actor: Actor, subject: Automation | Schedule | None) -> Verdict:
    """Asked with the schedule or, for a new one, with its automation."""
    return _owner_or_admin(actor, _automation_of(subject))


@rule("scheduling.schedule.pause")
def may_pause(actor: Actor, subject: Automation | Schedule | None) -> Verdict:
    return _owner_or_admin(actor, _automation_of(subject))


def _automation_of(subject: Automation | Schedule | None) -> Automation | None:
    return subject.automation if isinstance(subject, Schedule) else subject


def _sees(actor: Actor, automation: Automation) -> bool:
    return visible(actor, Automation.objects.filter(pk=automation.pk)).exists()


def _owner_or_admin(actor: Actor, automation: Automation | None) -> Verdict:
    if automation is not None and not _sees(actor, automation):
        return NOT_SEEN
    return may_change_listed(actor, automation)


def may_change_listed(actor: Actor, automation: Automation | None) -> Verdict:
    """The rule of editing for a row that a list has just found visible: takes no query."""
    if not actor.has_role(Role.OPERATOR):
        return needs(actor, Role.OPERATOR)
    mine = automation is None or (actor.user is not None and automation.owner_id == actor.user.pk)
    if mine or actor.is_admin:
        return ALLOWED
    return Verdict(False, "Only its owner or an Admin may change this automation.")
