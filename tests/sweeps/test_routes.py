"""Walks every route with everybody: new routes join by themselves.

Nobody gets an error 500, a stranger no object, an anonymous caller nothing but the door; no
GET writes a row; every page keeps to the strict policy.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.test.utils import CaptureQueriesContext

from common.models import Team, User
from common.roles import Role
from tests.conftest import make_user
from tests.signed_in import program
from tests.sweeps import pages
from tests.sweeps.routes import Route, address, all_routes
from tests.sweeps.samples import Samples

# Anybody may see these; everything else asks for a sign-in.
OPEN = {"login", "logout", "healthz", "readyz", "metrics", "unsubscribe", "automations-webhook"}
CLOSED = {301, 302, 401, 403, 405}
WRITE = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER)\b", re.IGNORECASE)
# A session's own row, and "last used" of a token, are not changes of anything people keep.
HARMLESS = re.compile(r"django_session|\"?last_used_at\"? =|\"?last_login\"? =")


@pytest.fixture
def samples(operator: User, settings: Any, tmp_path: Path) -> Samples:
    backend = "django.core.files.storage.FileSystemStorage"
    options = {"location": str(tmp_path / "logs")}
    settings.STORAGES = {**settings.STORAGES, "logs": {"BACKEND": backend, "OPTIONS": options}}
    settings.LOGIN_REDIRECT_URL = "/admin/"
    made = Samples(operator)
    made.build_all()
    return made


def client_of(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return client


def walk(samples: Samples, visit: Callable[[Route, str, bool], list[str]]) -> list[str]:
    """Everything that is wrong, with the name of its route."""
    wrong = []
    for route in all_routes():
        url, about_object = address(route, samples)
        wrong += [f"{route.name} {url}: {fault}" for fault in visit(route, url, about_object)]
    return wrong


def fetch(client: Client, url: str) -> tuple[Any, list[str]]:
    """The answer to a GET, and what it wrote."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url)
        if getattr(answer, "streaming", False):
            b"".join(answer)
    written = [
        query["sql"]
        for query in queries.captured_queries
        if WRITE.match(query["sql"]) and not HARMLESS.search(query["sql"])
    ]
    return answer, written


def test_an_anonymous_caller_gets_nothing_but_the_door(samples: Samples) -> None:
    client = client_of(None)

    def visit(route: Route, url: str, about_object: bool) -> list[str]:
        if route.name in OPEN or route.name.startswith("admin:log"):
            return []
        status = client.get(url).status_code
        return [] if status in CLOSED else [f"answers {status}"]

    assert walk(samples, visit) == []


def test_an_anonymous_caller_can_post_nothing(samples: Samples) -> None:
    client = client_of(None)

    def visit(route: Route, url: str, about_object: bool) -> list[str]:
        if route.name in OPEN or route.name.startswith("admin:log"):
            return []
        status = client.post(url).status_code
        return [] if status in CLOSED else [f"answers {status}"]

    assert walk(samples, visit) == []


PEOPLE = [None, *Role]


@pytest.mark.parametrize("role", PEOPLE)
def test_no_page_breaks_writes_or_bends_the_policy(samples: Samples, role: Role | None) -> None:
    client = client_of(make_user("walker@northwind.example", role))

    def visit(route: Route, url: str, about_object: bool) -> list[str]:
        answer, written = fetch(client, url)
        found = [f"writes {sql[:120]}" for sql in written] + pages.faults(answer)
        if answer.status_code >= 500 and route.name != "readyz":
            found.append(f"answers {answer.status_code}")
        if role is None and about_object and answer.status_code == 200:
            found.append("shows a stranger an object")
        if route.name == "admin:logout" or route.name == "logout":
            return [fault for fault in found if "405" not in fault]
        return found

    assert walk(samples, visit) == []


@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.DEVELOPER])
def test_another_team_reaches_no_object(samples: Samples, role: Role, method: str) -> None:
    """Whatever the role: what is another team's is not there, or not for them."""
    user = make_user("outsider@northwind.example", role)
    Team.objects.create(name="Elsewhere").members.add(user)
    client = client_of(user)

    def visit(route: Route, url: str, about_object: bool) -> list[str]:
        if not about_object:
            return []
        kind = {} if method == "get" else {"content_type": "application/json"}
        body: Any = {} if method == "get" else "{}"
        status = getattr(client, method)(url, body, **kind).status_code
        inside = {302} if route.name.startswith("admin:") else set()
        return [] if status in {403, 404, 405} | inside else [f"answers {status}"]

    assert walk(samples, visit) == []


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_reading_token_changes_nothing(samples: Samples, admin_user: User, method: str) -> None:
    """Not even an Admin's."""
    client = program(admin_user, "read")

    def visit(route: Route, url: str, about_object: bool) -> list[str]:
        if not url.startswith("/api/") or route.name in OPEN:
            return []
        status = getattr(client, method)(url, {}, format="json").status_code
        return [] if status in {302, 403, 405} else [f"answers {status}"]

    assert walk(samples, visit) == []


@pytest.mark.parametrize("role", PEOPLE)
def test_an_empty_post_breaks_nothing(samples: Samples, role: Role | None) -> None:
    user = make_user("walker@northwind.example", role)

    def visit(route: Route, url: str, about_object: bool) -> list[str]:
        kind = "application/json" if url.startswith("/api/") else MULTIPART_CONTENT
        body: Any = "{}" if url.startswith("/api/") else {}
        status = client_of(user).post(url, body, content_type=kind).status_code
        # 502 and 503 are sentences about the platform, which nobody plays here.
        return [f"answers {status}"] if status == 500 else []

    assert walk(samples, visit) == []


def test_the_owner_sees_the_samples(samples: Samples) -> None:
    """Else the walks above would prove little: pages of objects must really open."""
    client = client_of(samples.owner)
    opened: dict[str, int] = {}

    def visit(route: Route, url: str, about_object: bool) -> list[str]:
        if about_object and not route.name.startswith("admin:"):
            opened[route.name] = client.get(url).status_code
        return []

    walk(samples, visit)
    assert opened
    assert {name: code for name, code in opened.items() if code not in {200, 302, 403, 405}} == {}
    assert 200 in opened.values()


def test_every_route_has_a_name_and_a_sample(samples: Samples) -> None:
    assert len([address(route, samples) for route in all_routes()]) > 20
