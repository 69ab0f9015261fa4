"""Fills a throw-away installation from a running sandbox: `python -m tests.browser.prepare URL`.

Runs in a process of its own, with the environment of the world it prepares (see world.py), and
prints what was planted as one line of JSON.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from boomi.models import Connection


def main(sandbox_url: str, *options: str) -> None:
    """`--empty` makes the people only; `--long-memory` mirrors 45 days, and analyses the planted
    failing run instead of another one."""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    print(json.dumps(_fill(sandbox_url, options)))


def _fill(sandbox_url: str, options: tuple[str, ...]) -> dict[str, object]:
    """What the caller needs to know: the password of everybody, and keys of rows."""
    from config import demo_world, sandbox_accounts
    from tests.browser.prepare_automations import automate

    owner = demo_world.people()[0]
    _newcomer()
    facts: dict[str, object] = {"password": demo_world.PASSWORD}
    if "--empty" in options:
        return facts
    links = [
        demo_world.connect(account, sandbox_url, owner) for account in sandbox_accounts.accounts()
    ]
    back = demo_world.LONG_MEMORY_DAYS if "--long-memory" in options else 0
    for days_back, days in ((back, back + demo_world.PLATFORM_MEMORY_DAYS), (0, back + 1)):
        demo_world.set_sandbox_clock(sandbox_url, days_back=days_back)
        for link in links:
            demo_world.mirror(link, days=days)
    planted = _planted_failure(sandbox_url)
    analysed = _analyse(planted, among_others="--long-memory" not in options)
    facts |= {"connection": links[0].pk} | analysed | _landscape(links[0])
    return facts | automate(links[0])


def _landscape(connection: Connection) -> dict[str, object]:
    """Rows of the account to look at, and a component of each type with its document."""
    from boomi.models import Component, Deployment, Runtime
    from boomi.services import documents
    from common.actors import Actor
    from scheduling.testing import drain

    account = connection.account
    chosen: dict[str, Component] = {}
    for component in Component.objects.filter(account=account, deleted=False).order_by("pk"):
        chosen.setdefault(component.type, component)
    actor = Actor.person(connection.owner, via="command")
    for component in chosen.values():
        documents.request(component, actor=actor)
    drain(ignore_waits=True)
    return {
        "account": account.pk,
        "runtime": Runtime.objects.filter(account=account, status="ONLINE").earliest("pk").pk,
        "deployment": Deployment.objects.filter(account=account, active=True).earliest("pk").pk,
        "components": {kind: component.pk for kind, component in chosen.items()},
    }


def _planted_failure(sandbox_url: str) -> str:
    """The execution id of the failing run that the sandbox knows the first error of."""
    with urllib.request.urlopen(f"{sandbox_url}/_sandbox/state", timeout=10) as answer:
        return str(json.load(answer)["truth"]["failing_run"]["execution_id"])


def _analyse(planted: str, *, among_others: bool) -> dict[str, object]:
    """Analyse the planted failing run, or the newest failed one that is not it."""
    from analysis.models import Analysis
    from analysis.services import request_execution_analysis
    from boomi.models import Execution
    from common.actors import Actor
    from scheduling.models import JobRun
    from scheduling.testing import drain

    failed = Execution.objects.filter(outcome="error").order_by("-started_at")
    chosen = failed.exclude(execution_id=planted) if among_others else failed
    execution = chosen.first() if among_others else chosen.get(execution_id=planted)
    owner = execution.account.connections.get().owner
    run = request_execution_analysis(execution, actor=Actor.person(owner, via="command"))
    assert isinstance(run, JobRun)
    drain(ignore_waits=True)
    analysis = Analysis.objects.get(execution=execution)
    return {"execution": execution.pk, "analysis": analysis.pk, "job": run.pk}


def _newcomer() -> None:
    """Somebody with a role but without a team: nothing is shared with them."""
    from django.contrib.auth.models import Group

    from common.models import User
    from common.roles import Role
    from config.demo_world import PASSWORD

    user = User.objects.create_user("nell@northwind.example", PASSWORD, name="Nell Newcomer")
    user.groups.add(Group.objects.get(name=Role.OPERATOR))


if __name__ == "__main__":
    main(*sys.argv[1:])
