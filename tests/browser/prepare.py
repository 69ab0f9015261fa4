"""Fills a throw-away installation from a running sandbox: `python -m tests.browser.prepare URL`.

Runs in a process of its own, with the environment of the world it prepares (see world.py), and
prints what was planted as one line of JSON.
"""

from __future__ import annotations

import json
import sys

import django


def main(sandbox_url: str, *options: str) -> None:
    """`--empty` makes the people only; `--long-memory` mirrors 15 days earlier as well."""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    print(json.dumps(_fill(sandbox_url, options)))


def _fill(sandbox_url: str, options: tuple[str, ...]) -> dict[str, object]:
    from config import demo_world, sandbox_accounts

    owner = demo_world.people()[0]
    _newcomer()
    facts: dict[str, object] = {"password": demo_world.PASSWORD}
    if "--empty" in options:
        return facts
    links = [
        demo_world.connect(account, sandbox_url, owner) for account in sandbox_accounts.accounts()
    ]
    if "--long-memory" in options:
        demo_world.mirror_with_long_memory(links, sandbox_url)
    else:
        for link in links:
            demo_world.mirror(link)
    return facts | {"connection": links[0].pk}


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
