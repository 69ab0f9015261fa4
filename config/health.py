"""Is the process alive, can it work, and what is wrong: /healthz, /readyz, `manage.py health`."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.actors import Actor
from common.logs import get_logger, mask_text
from common.registry import CheckResult, registry

log = get_logger(__name__)
HEALTHY, DEGRADED, DOWN = "healthy", "degraded", "down"
ORDER = (HEALTHY, DEGRADED, DOWN)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Touches neither database nor disk: a restart would not mend those."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 while work can be done (also degraded), 503 when not. Details are for admins only."""
    results = run_checks()
    state = overall(results)
    # Who is not signed in learns the names of the parts, not what is wrong with them. Without
    # a database nobody can be signed in, and asking would fail.
    detailed = state != DOWN and Actor.of(request).is_admin
    checks = [as_json(item) if detailed else {"name": item.name, "state": item.state}
              for item in results]  # fmt: skip
    return JsonResponse({"state": state, "checks": checks}, status=503 if state == DOWN else 200)


def run_checks() -> list[CheckResult]:
    """The portal's own checks, then what apps registered. Without a database only that is said."""
    first = check_database()
    if first.state == DOWN:
        return [first]
    results = [first, check_migrations(), check_storage()]
    return results + [_run(name, check) for name, check in sorted(registry.checks.items())]


def overall(results: list[CheckResult]) -> str:
    """The worst state; a part that is not vital makes the whole degraded at most."""
    states = (DEGRADED if item.state == DOWN and not item.vital else item.state for item in results)
    return max(states, key=ORDER.index, default=HEALTHY)


def as_json(item: CheckResult) -> dict[str, str]:
    return {"name": item.name, "state": item.state, "detail": item.detail, "hint": item.hint}


def check_database() -> CheckResult:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("health.database", error=mask_text(str(error)))
        return CheckResult(
            "database", DOWN, "The database does not answer.", "Check DATABASE_URL and the server."
        )
    return CheckResult("database", HEALTHY, f"{connection.vendor} answers.")


def check_migrations() -> CheckResult:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        return CheckResult(
            "migrations",
            DOWN,
            f"{missing} migrations are not applied.",
            "Run `python manage.py migrate`.",
        )
    return CheckResult("migrations", HEALTHY, "All are applied.")


def check_storage() -> CheckResult:
    """Write, read and delete a small file where logs are kept."""
    storage = storages["logs"]
    text = uuid.uuid4().hex
    try:
        name = storage.save(f"probe/{socket.gethostname()}-{text}", ContentFile(text.encode()))
        try:
            with storage.open(name) as file:
                same = file.read() == text.encode()
        finally:
            storage.delete(name)
    except OSError as error:
        return CheckResult(
            "storage", DOWN, f"Logs cannot be stored: {error.strerror}.", "Check LOG_DIR."
        )
    if not same:
        return CheckResult("storage", DOWN, "A stored file came back changed.", "Check the disk.")
    return CheckResult("storage", HEALTHY, "Files can be written and read.")


def _run(name: str, check: Callable[[], CheckResult]) -> CheckResult:
    try:
        return check()
    except Exception as error:
        # One faulty check must not hide all others.
        log.error("health.check_failed", check=name, exc_info=error)
        return CheckResult(name, DOWN, "The check itself failed.", "See the log of the portal.")
