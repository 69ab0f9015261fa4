"""Who may look at a component and who may have its document fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boomi.models import Account, Component
from common import access
from common.access import ALLOWED, Verdict, needs
from common.actors import Actor
from common.roles import Role


def _sees(actor: Actor, component: Component) -> bool:
    accounts = Account.objects.filter(pk=component.account_id)
    return access.visible(actor, accounts).exists()


@access.rule("boomi.component.view", changes=False)
def may_view_component(actor: Actor, component: Component) -> Verdict:
    if _sees(actor, component):
        return ALLOWED
    return Verdict(False, "This account is not shared with you.")


@access.rule("boomi.component.fetch")
def may_fetch_document(actor: Actor, component: Component) -> Verdict:
    """A fetch costs calls of the account, so it takes more than seeing the component."""
    if not _sees(actor, component):
        return Verdict(False, "This account is not shared with you.")
    return needs(actor, Role.OPERATOR)


def may_fetch_again(actor: Actor, params: Mapping[str, Any]) -> Verdict:
    component = Component.objects.filter(pk=params.get("component") or 0).first()
    return access.may(actor, "boomi.component.fetch", component) if component else ALLOWED
