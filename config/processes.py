"""The processes the portal consists of: web, two queues, the clock, and the sandbox if wanted."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Mapping

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.db.migrations.executor import MigrationExecutor

from common.errors import PortalError
from config.supervisor import Child
from scheduling.models import Heartbeat, JobRun

WEB_PROCESSES = 2
WEB_THREADS = 4


class CannotServe(PortalError):
    """Something must be put right before any process is started."""

    default_code = "CANNOT_SERVE"


def listen(host: str, port: int) -> socket.socket:
    """Open the web address, before anything starts and for as long as the supervisor lives.

    Requests that arrive while the web process restarts wait here instead of being refused.
    Port 0 takes a free one. Raises CannotServe for an address that cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)
    except (OSError, OverflowError) as error:
        listener.close()
        raise _cannot_listen(host, port, error) from error
    return listener


def _cannot_listen(host: str, port: int, error: OSError | OverflowError) -> CannotServe:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return CannotServe(
            f"Port {port} on {host} is taken by another program.",
            "Name a free one with --port, or end the other program.",
        )
    if number == errno.EACCES:
        return CannotServe(
            f"Port {port} on {host} is reserved for the system.",
            "Name one above 1023 with --port.",
        )
    return CannotServe(
        f"The address {host}:{port} cannot be opened.",
        "Name an address of this machine with --host, such as 127.0.0.1 or 0.0.0.0.",
    )


def check_database() -> None:
    """Raises CannotServe when the database is out of reach or lacks migrations."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise CannotServe(
            "The database cannot be reached.", "Check DATABASE_URL and that the server runs."
        ) from error
    if missing:
        raise CannotServe(
            f"The database lacks {len(missing)} migrations.", "Run `python manage.py migrate`."
        )


def address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def web(listener: socket.socket) -> Child:
    command = [
        sys.executable, "-m", "gunicorn", "config.wsgi:application",
        "--bind", f"fd://{listener.fileno()}",
        "--worker-class", "gthread",
        "--workers", str(WEB_PROCESSES),
        "--threads", str(WEB_THREADS),
        "--timeout", "60",
        "--graceful-timeout", "10",
        # TRUSTED_PROXIES alone says who is believed about scheme and address.
        "--forwarded-allow-ips", "",
        "--log-level", "warning",
        "--no-control-socket",
    ]  # fmt: skip
    return Child(
        "web",
        command,
        import_path(),
        descriptors=(listener.fileno(),),
        note=address(listener),
    )


def queue(name: str) -> Child:
    """A django-q2 cluster; which queue it serves is told by its environment."""
    command = [sys.executable, manage_py(), "qcluster"]
    return Child(f"queue {name}", command, {"Q_CLUSTER_NAME": name}, sign=f"queue:{name}")


def clock() -> Child:
    return Child("clock", [sys.executable, manage_py(), "clock"], sign="clock")


def sandbox(port: int) -> Child:
    """The imitation of the platform, on the loopback address only and without its call limit."""
    store = str(settings.VAR_DIR / "sandbox.sqlite3")
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--db", store]
    command += ["--rate-limit", "0"]
    return Child("sandbox", command, import_path(), note=f"http://127.0.0.1:{port}")


def portal(listener: socket.socket, sandbox_port: int | None = None) -> list[Child]:
    """All children of `manage.py serve`, in the order they are started."""
    queues = [queue(name) for name in JobRun.Queue.values]
    imitation = [sandbox(sandbox_port)] if sandbox_port is not None else []
    return [*imitation, clock(), *queues, web(listener)]


def manage_py() -> str:
    return os.fspath(settings.BASE_DIR / "manage.py")


def import_path() -> dict[str, str]:
    """Lets `python -m` find the portal's packages from whatever directory it was started in."""
    paths = [os.fspath(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def signs_of_life() -> Mapping[str, object]:
    """When each part last gave a sign of life; empty while the database does not answer."""
    try:
        if not connection.in_atomic_block:
            close_old_connections()
        return dict(Heartbeat.objects.values_list("name", "at"))
    except (DatabaseError, InterfaceError):
        connection.close()
        return {}
