"""Chores that belong to no single app."""

from importlib import import_module

from django.conf import settings

from scheduling.clock import tick


@tick(every_seconds=3600)
def forget_expired_sessions() -> None:
    """Django deletes a session only when its owner signs out."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
