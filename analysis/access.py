"""Who may read, upload and delete analyses.

The analysis of an execution is seen by whoever sees its account; an upload by its owner, the
team it was uploaded for, and admins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from analysis.models import Analysis
from boomi.access import account_ids
from common import access
from common.access import ALLOWED, Verdict
from common.actors import Actor
from common.models import User
from common.roles import Role

access.role_rule("analysis.upload", Role.OPERATOR)


@access.rule("analysis.analysis.view", changes=False)
def may_view(actor: Actor, analysis: Analysis | None) -> Verdict:
    """With no analysis: may the actor open the list at all?"""
    verdict = access.needs(actor, Role.VIEWER)
    if not verdict or analysis is None or sees(actor, analysis):
        return verdict
    return Verdict(False, "This analysis is not yours and not your team's.")


@access.rule("analysis.log.download", changes=False)
@access.rule("analysis.analysis.restart")
def may_work_on(actor: Actor, analysis: Analysis) -> Verdict:
    verdict = access.needs(actor, Role.OPERATOR)
    if not verdict or sees(actor, analysis):
        return verdict
    return Verdict(False, "This analysis is not yours and not your team's.")


@access.rule("analysis.analysis.delete")
def may_delete(actor: Actor, analysis: Analysis) -> Verdict:
    if analysis.execution_id is not None:
        return Verdict(False, "The analysis of an execution is kept as long as the execution.")
    if actor.is_admin or (actor.user is not None and analysis.owner_id == actor.user.pk):
        return ALLOWED
    return Verdict(False, "Only its owner or an admin may delete an upload.")


def sees(actor: Actor, analysis: Analysis) -> bool:
    return access.visible(actor, Analysis.objects.filter(pk=analysis.pk)).exists()


@access.visible_for(Analysis)
def visible_analyses(actor: Actor, analyses: QuerySet[Analysis]) -> QuerySet[Analysis]:
    """An upload without a team of its own is shared with the teams its owner is in now."""
    mates = User.objects.filter(teams__in=actor.team_ids)
    upload = Q(owner=actor.user) | Q(team__in=actor.team_ids) | Q(team=None, owner__in=mates)
    return analyses.filter(
        Q(execution__account__in=account_ids(actor)) | Q(execution=None) & upload
    )


@access.audience
def team_audiences(actor: Actor) -> set[str]:
    """Jobs that work for a team's upload carry "team:<pk>"."""
    return {f"team:{pk}" for pk in actor.team_ids}


def may_read_again(actor: Actor, params: Mapping[str, Any]) -> Verdict:
    """May the reading of this upload be asked for? One that is gone refuses in its job."""
    analysis = Analysis.objects.filter(pk=params.get("analysis") or 0).first()
    return access.may(actor, "analysis.analysis.restart", analysis) if analysis else ALLOWED
