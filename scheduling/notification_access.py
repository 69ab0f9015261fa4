"""Who sees and changes channels, and who may look after deliveries."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from common.access import ALLOWED, Verdict, audiences, needs, role_rule, rule, visible, visible_for
from common.actors import Actor
from common.roles import Role
from scheduling.models import Delivery, NotificationChannel

role_rule("scheduling.channel.view", Role.VIEWER, changes=False)
role_rule("scheduling.channel.create", Role.OPERATOR)
role_rule("scheduling.delivery.view", Role.VIEWER, changes=False)


def _own(actor: Actor, prefix: str = "") -> Q:
    owner = Q(**{f"{prefix}owner": actor.user.pk if actor.user else None})
    return owner | Q(**{f"{prefix}team__in": actor.team_ids})


@visible_for(NotificationChannel)
def visible_channels(
    actor: Actor, channels: QuerySet[NotificationChannel]
) -> QuerySet[NotificationChannel]:
    return channels.filter(_own(actor))


@visible_for(Delivery)
def visible_deliveries(actor: Actor, deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """A delivery tells of its audience's affairs; one without is seen with its channel."""
    return deliveries.filter(
        Q(audience__in=audiences(actor)) | (Q(audience="") & _own(actor, "channel__"))
    )


@rule("scheduling.channel.edit")
@rule("scheduling.channel.delete")
@rule("scheduling.channel.test")
def may_change_channel(actor: Actor, channel: NotificationChannel) -> Verdict:
    if actor.is_admin:
        return ALLOWED
    owner = actor.user is not None and channel.owner_id == actor.user.pk
    if not owner and channel.team_id not in actor.team_ids:
        return Verdict(False, "This channel belongs to somebody else.")
    return needs(actor, Role.OPERATOR)


@rule("scheduling.delivery.retry")
@rule("scheduling.delivery.cancel")
def may_change_delivery(actor: Actor, delivery: Delivery) -> Verdict:
    if not visible(actor, Delivery.objects.filter(pk=delivery.pk)).exists():
        return Verdict(False, "This delivery is not among those you may see.")
    return needs(actor, Role.OPERATOR)
