"""What every page knows: the actor, the navigation and the name of this installation."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from common.access import may
from common.actors import Actor
from common.registry import NavItem, registry

THEMES = ("light", "dark")
SECTIONS = ("Operate", "Change", "Run", "Govern", "Admin")


def portal(request: HttpRequest) -> dict[str, Any]:
    actor = Actor.of(request)
    return {
        "actor": actor,
        "environment_name": settings.ENVIRONMENT_NAME,
        "environment_is_production": is_production(settings.ENVIRONMENT_NAME),
        "theme": chosen if (chosen := request.COOKIES.get("theme")) in THEMES else "",
        "portal_version": settings.VERSION,
        "debug_pages": settings.DEBUG or settings.DEMO,
        "nav_sections": _navigation(actor, request.path) if actor.user else [],
    }


def is_production(name: str) -> bool:
    """Whether the name of this installation says production: that must not be overlooked."""
    return any(word.startswith(("prod", "live")) for word in name.lower().split())


def _navigation(actor: Actor, path: str) -> list[dict[str, Any]]:
    """Sections with the entries this actor may use: label, url, icon, active, count."""
    sections = []
    for name in SECTIONS:
        entries = [
            _entry(item, actor, path)
            for item in registry.nav
            if item.section == name and _shown(item, actor)
        ]
        if entries:
            sections.append({"name": name, "items": entries})
    return sections


def _shown(item: NavItem, actor: Actor) -> bool:
    return item.verb is None or bool(may(actor, item.verb))


def _entry(item: NavItem, actor: Actor, path: str) -> dict[str, Any]:
    url = reverse(item.url_name)
    return {
        "label": item.label,
        "url": url,
        "icon": item.icon,
        "active": path == url or (url != "/" and path.startswith(url)),
        "count": item.counter(actor) if item.counter else 0,
    }
