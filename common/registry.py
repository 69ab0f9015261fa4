"""Contributions of upper apps to pages, checks and menus of lower ones.

An app registers in `AppConfig.ready()`; a lower floor renders or asks what is there and
knows none of it by name.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from common.actors import Actor


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the left navigation. `counter` returns what waits for this actor (0 hides it)."""

    section: str
    label: str
    url_name: str
    icon: str
    order: int = 100
    verb: str | None = None
    counter: Callable[[Actor], int] | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A piece of a page: `context` builds the values, `template` renders them.

    `place` names the spot, such as "home" or "execution.detail"; `context` gets the actor and
    the page's object and returns None to stay away. Two keys of the values mean something to
    "execution.detail": `headline`, the sentence in the page's head, and `is_live`, which keeps
    the page refreshing. "executions.causes" gets a list of executions and answers `texts`, a
    sentence by primary key; it has no template.
    """

    place: str
    name: str
    template: str
    context: Callable[[Actor, Any], dict[str, object] | None]
    order: int = 100


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of the health page. `state` is healthy, degraded or down.

    What is not `vital` may be down while the portal is able to work.
    """

    name: str
    state: str
    detail: str
    hint: str = ""
    vital: bool = True


@dataclass(slots=True)
class Registry:
    nav: list[NavItem] = field(default_factory=list)
    checks: dict[str, Callable[[], CheckResult]] = field(default_factory=dict)
    panels: dict[str, list[Panel]] = field(default_factory=lambda: defaultdict(list))

    def add_nav(self, *items: NavItem) -> None:
        self.nav.extend(items)
        self.nav.sort(key=lambda item: item.order)

    def add_panel(self, panel: Panel) -> None:
        self.panels[panel.place].append(panel)
        self.panels[panel.place].sort(key=lambda item: item.order)

    def add_check(self, name: str, check: Callable[[], CheckResult]) -> None:
        """Register a readiness check; it answers within a second and does not raise."""
        self.checks[name] = check


registry = Registry()
