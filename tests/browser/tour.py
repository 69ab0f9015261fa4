"""The pages to look at: by the screenshots, by axe and on the width of a phone."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser.world import World


@dataclass(frozen=True, slots=True)
class Stop:
    """A page by name; those `in_docs` are the pictures of the README and the docs."""

    name: str
    path: str
    in_docs: bool = False


def filled(world: World) -> list[Stop]:
    """Every page of a filled portal, as the Admin sees them."""
    facts = world.facts
    connection, analysis = f"/connections/{facts.connection}/", f"/analyses/{facts.analysis}/"
    return [
        Stop("home", "/", in_docs=True),
        Stop("executions", "/executions/", in_docs=True),
        Stop("executions-failed", "/executions/?outcome=error&period=7d"),
        Stop("executions-none", "/executions/?q=no+such+process"),
        Stop("executions-wrong", "/executions/?status=NONSENSE"),
        Stop("execution", f"/executions/{facts.execution}/", in_docs=True),
        Stop("analyses", "/analyses/"),
        Stop("analysis", analysis, in_docs=True),
        Stop("log", f"{analysis}log/"),
        Stop("upload", "/analyses/upload/", in_docs=True),
        Stop("connections", "/connections/", in_docs=True),
        Stop("connection", connection),
        Stop("connection-new", "/connections/new/"),
        Stop("connection-edit", f"{connection}edit/"),
        Stop("connection-delete", f"{connection}delete/"),
        Stop("jobs", "/jobs/", in_docs=True),
        Stop("job", f"/jobs/{facts.job}/"),
        *automations(world),
        Stop("tokens", "/tokens/"),
        Stop("audit", "/audit/"),
        Stop("profile", "/profile/"),
        Stop("password", "/password/"),
        Stop("styleguide", "/styleguide/"),
        *admin(world),
    ]


def automations(world: World) -> list[Stop]:
    facts = world.facts
    automation, schedule = f"/automations/{facts.automation}/", f"/schedules/{facts.schedule}/"
    return [
        Stop("automations", "/automations/", in_docs=True),
        Stop("automation-kinds", "/automations/new/"),
        Stop("automation-new", "/automations/new/?kind=analysis.analyse_executions"),
        Stop("automation", automation, in_docs=True),
        Stop("automation-delete", f"{automation}delete/"),
        Stop("schedule-new", f"{automation}schedules/new/"),
        Stop("schedule-edit", f"{schedule}edit/", in_docs=True),
        Stop("schedule-pause", f"{schedule}pause/"),
        Stop("schedules", "/schedules/", in_docs=True),
        Stop("deliveries", "/deliveries/"),
        Stop("delivery", f"/deliveries/{facts.delivery}/"),
        Stop("channels", "/channels/"),
        Stop("channel", f"/channels/{facts.channel}/edit/"),
    ]


def admin(world: World) -> list[Stop]:
    return [
        Stop("admin", "/admin/"),
        Stop("admin-list", "/admin/boomi/execution/"),
        Stop("admin-form", f"/admin/boomi/connection/{world.facts.connection}/change/"),
    ]


def empty() -> list[Stop]:
    """Pages that have something to say when there is nothing to show."""
    paths = [
        "/executions/", "/analyses/", "/connections/", "/automations/", "/schedules/", "/jobs/",
        "/deliveries/", "/channels/", "/tokens/",
    ]  # fmt: skip
    return [
        Stop("empty-home", "/"),
        *(Stop(f"empty-{path.strip('/')}", path) for path in paths),
    ]
