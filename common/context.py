"""What every page knows: the actor, the navigation and the name of this installation."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from common.access import may
from common.actors import Actor
from common.registry import NavItem, registry

SECTIONS = ("Operate", "Change", "Run", "Govern", "Admin")


def portal(request: HttpRequest) -> dict[str, Any]:
    actor = Actor.of(request)
    return {
        "actor": actor,
        "environment_name": settings.ENVIRONMENT_NAME,
        "portal_version": settings.VERSION,
        "debug_pages": settings.DEBUG or settings.DEMO,
        "nav_sections": _navigation(actor, request.path) if actor.user else [],
    }


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
