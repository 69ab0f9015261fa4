"""The pages to look at: by the screenshots, by axe and on the width of a phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.world import World

KINDS = (
    "analysis.analyse_executions", "boomi.capture_logs", "boomi.prune", "boomi.refresh_components",
    "boomi.run_process", "boomi.sync",
)  # fmt: skip
FIELDS = (
    "transform.map", "connector-settings", "connector-action", "crossref", "profile.json",
    "script.processing", "processproperty", "tradingpartner",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stop:
    """A page by name; those `in_docs` are the pictures of the README and the docs."""

    name: str
    path: str
    in_docs: bool = False


def filled(world: World) -> list[Stop]:
    """Every page of a filled portal, as the Admin sees them."""
    return [stop for part in PARTS for stop in part(world)]


def work(world: World) -> list[Stop]:
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
        Stop("job-failed", f"/jobs/{facts.failed_job}/"),
        Stop("calls", "/calls/"),
        Stop("calls-none", "/calls/?feature=no.such.feature"),
        Stop("usage", "/usage/", in_docs=True),
        Stop("operations", "/operations/"),
        Stop("tokens", "/tokens/"),
        Stop("audit", "/audit/"),
        Stop("profile", "/profile/"),
        Stop("password", "/password/"),
        Stop("styleguide", "/styleguide/"),
    ]


def landscape(world: World) -> list[Stop]:
    facts = world.facts
    account = f"/accounts/{facts.account}/"
    return [
        Stop("accounts", "/accounts/"),
        Stop("account", account, in_docs=True),
        *(
            Stop(f"account-{tab}", f"{account}?tab={tab}")
            for tab in ("mirror", "activity", "schedules", "objects")
        ),
        Stop("runtimes", "/runtimes/"),
        Stop("runtime", f"/runtimes/{facts.runtime}/"),
        Stop("deployments", "/deployments/"),
        Stop("deployments-none", "/deployments/?q=no+such+deployment"),
        Stop("deployment", f"/deployments/{facts.deployment}/"),
    ]


def components(world: World) -> list[Stop]:
    """The list, every tab of a process, and the fields of the types that look different."""
    kinds = world.facts.components
    process = f"/components/{kinds['process']}/"
    return [
        Stop("components", "/components/", in_docs=True),
        Stop("components-none", "/components/?q=no+such+component"),
        Stop("component-types", "/components/types/"),
        Stop("component", process),
        *(
            Stop(f"component-{tab}", f"{process}?tab={tab}")
            for tab in ("xml", "versions", "uses", "used-by")
        ),
        Stop("component-fields", f"{process}?tab=fields", in_docs=True),
        *(
            Stop(f"component-fields-{kind}", f"/components/{kinds[kind]}/?tab=fields")
            for kind in FIELDS
            if kind in kinds
        ),
    ]


def automations(world: World) -> list[Stop]:
    facts = world.facts
    automation, schedule = f"/automations/{facts.automation}/", f"/schedules/{facts.schedule}/"
    return [
        Stop("automations", "/automations/", in_docs=True),
        Stop("automation-kinds", "/automations/new/"),
        *(Stop(f"automation-new-{kind}", f"/automations/new/?kind={kind}") for kind in KINDS),
        Stop("automation", automation, in_docs=True),
        Stop("automation-delete", f"{automation}delete/"),
        Stop("schedule-new", f"{automation}schedules/new/"),
        Stop("schedule-edit", f"{schedule}edit/", in_docs=True),
        Stop("schedule-delete", f"{schedule}delete/"),
        Stop("schedule-pause", f"{schedule}pause/"),
        Stop("schedules", "/schedules/", in_docs=True),
        Stop("deliveries", "/deliveries/"),
        Stop("delivery", f"/deliveries/{facts.delivery}/"),
        Stop("channels", "/channels/"),
        Stop("channel-new", "/channels/new/"),
        Stop("channel-delete", f"/channels/{facts.channel}/delete/"),
        Stop("unsubscribe", facts.unsubscribe),
        Stop("channel", f"/channels/{facts.channel}/edit/"),
    ]


def admin(world: World) -> list[Stop]:
    return [
        Stop("admin", "/admin/"),
        Stop("admin-list", "/admin/boomi/execution/"),
        Stop("admin-form", f"/admin/boomi/connection/{world.facts.connection}/change/"),
    ]


Part = Callable[[World], list[Stop]]
PARTS: tuple[Part, ...] = (work, landscape, components, automations, admin)


def empty() -> list[Stop]:
    """Pages that have something to say when there is nothing to show."""
    paths = [
        "/executions/", "/analyses/", "/accounts/", "/runtimes/", "/deployments/", "/components/",
        "/connections/", "/automations/", "/schedules/", "/jobs/", "/deliveries/", "/channels/",
        "/calls/", "/usage/", "/tokens/",
    ]  # fmt: skip
    return [
        Stop("empty-home", "/"),
        *(Stop(f"empty-{path.strip('/')}", path) for path in paths),
    ]
