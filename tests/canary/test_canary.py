"""One token is driven through every door of the portal and comes out of none.

It is the token the sandbox accepts, so that every good case happens too; an echoing platform
gives it back in every bad case. What the portal shows, sends, logs and stores is then searched.
"""

from __future__ import annotations

import base64
import io
import json
import os
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from boomi import breaker, clients
from boomi.models import ApiCall, Connection, ConnectionState, Execution, LogFile
from boomi.services import connections, log_fetches, sync
from common.actors import Actor
from common.models import AuditEvent
from common.roles import Role
from sandbox.scenario import TRUTH
from sandbox.server import Sandbox
from scheduling.models import JobRun, JobStatus
from scheduling.testing import drain
from tests.canary.addresses import addresses, exports
from tests.canary.echo import MODES, EchoPlatform
from tests.canary.needles import Evidence, Needles
from tests.conftest import make_user

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]
CREDENTIAL = TRUTH.credential(TRUTH.primary)
NEEDLES = Needles(CREDENTIAL.token, CREDENTIAL.user)
BASIC = base64.b64encode(f"{CREDENTIAL.login}:{CREDENTIAL.token}".encode()).decode()
METRICS_TOKEN = "for-the-monitor"


class Drive:
    """One tour through all doors; `evidence` is what came out of them."""

    def __init__(self, sandbox: Sandbox, echo: EchoPlatform, monkeypatch: Any) -> None:
        self.sandbox, self.echo, self.monkeypatch = sandbox, echo, monkeypatch
        self.evidence = Evidence()
        self.people = {
            door: make_user(f"{door}@northwind.example", role)
            for door, role in {
                "service": Role.OPERATOR,
                "page": Role.DEVELOPER,
                "rest": Role.OPERATOR,
                "admin": Role.ADMIN,
                "command": Role.OPERATOR,
            }.items()
        }

    # Doors

    def client(self, door: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(self.people[door])
        return client

    def values(self, door: str, **changes: str) -> dict[str, str]:
        return {
            "name": f"Northwind by {door}",
            "account_id": TRUTH.primary.account_id,
            "base_url": self.sandbox.url,
            "username": CREDENTIAL.user,
            "token": CREDENTIAL.token,
            "purpose": "monitoring",
            "environment_class": "production",
            **changes,
        }

    def answer(self, door: str, response: HttpResponse) -> HttpResponse:
        """Keep everything of an answer: status line, headers, cookies, body."""
        if response.streaming:
            body = b"".join(response)  # type: ignore[arg-type]
        else:
            body = response.content
        self.evidence.add(door, body)
        self.evidence.add(f"{door} (head)", f"{response.items()} {response.cookies}")
        return response

    def attempt(self, door: str, call: Callable[[], object]) -> None:
        """Keep what a call returns or raises, its traceback included."""
        try:
            self.evidence.add(door, call())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is searched
            self.evidence.add(door, "".join(traceback.format_exception(error)))
            self.evidence.add(f"{door} (error)", f"{error!r} {vars(error)!r}")

    def run(self, name: str, *arguments: str) -> None:
        out, err = io.StringIO(), io.StringIO()
        with suppress(CommandError, SystemExit):
            try:
                call_command(name, *arguments, stdout=out, stderr=err)
            except CommandError as error:
                err.write(f"{error} {error!r}")
                raise
        self.evidence.add(f"command {name}", out.getvalue() + err.getvalue())

    # Creating

    def create(self) -> None:
        service = Actor.person(self.people["service"], via="service")
        self.attempt(
            "service create", lambda: connections.create(actor=service, **self.values("service"))
        )
        page, rest = self.client("page"), self.client("rest")
        self.answer("page create", page.post(reverse("connection-new"), self.values("page")))
        sent = json.dumps(self.values("rest"))
        self.answer("rest create", rest.post("/api/v1/connections/", sent, "application/json"))
        filled = {**self.values("admin"), "owner": str(self.people["admin"].pk), "enabled": "on"}
        adding = reverse("admin:boomi_connection_add")
        self.answer("admin create", self.client("admin").post(adding, filled))
        self.monkeypatch.setenv("BOOMI_TOKEN", CREDENTIAL.token)
        self.connect_by_command(self.sandbox.url)

    def connect_by_command(self, url: str) -> None:
        self.run(
            "connect", "--owner", self.people["command"].email, "--account",
            TRUTH.primary.account_id, "--username", CREDENTIAL.user, "--base-url", url,
        )  # fmt: skip

    def create_badly(self) -> None:
        """Forms that come back with an error must not bring the token back."""
        for fault in ({"name": ""}, {"base_url": "ftp://x"}, {"username": "a:b"}, {}):
            values = self.values("page", **fault)
            self.answer("page error", self.client("page").post(reverse("connection-new"), values))
            sent = json.dumps(values)
            rest = self.client("rest")
            self.answer("rest error", rest.post("/api/v1/connections/", sent, "application/json"))
            filled = {**values, "owner": str(self.people["admin"].pk)}
            adding = reverse("admin:boomi_connection_add")
            self.answer("admin error", self.client("admin").post(adding, filled))
        self.attempt(
            "service error",
            lambda: connections.create(
                actor=Actor.person(self.people["service"]), **self.values("service")
            ),
        )
        self.connect_by_command("ftp://x")
        torn = b'{"name": "x", "token": "' + CREDENTIAL.token.encode()
        self.answer("rest torn", rest.post("/api/v1/connections/", torn, "application/json"))
        put_in_the_wrong_place = f"/api/v1/connections/?q={'x' * 9}&page={CREDENTIAL.user}"
        self.answer("rest bad page", rest.get(put_in_the_wrong_place))

    # Working

    def work(self) -> None:
        """Sync, fetch and analyse with a platform that behaves."""
        row = self.own("service")
        actor = Actor.person(self.people["service"])
        self.attempt("sync", lambda: sync.request(row, actor=actor).pk)
        drain(ignore_waits=True)
        truth = self.sandbox.truth.failing_run
        assert truth is not None
        execution = Execution.objects.get(execution_id=truth.execution_id)
        analysing = reverse("execution-analyse", args=[execution.pk])
        self.answer("page analyse", self.client("service").post(analysing))
        drain(ignore_waits=True)
        self.run("sync", "--connection", str(row.pk))
        self.run("fetch_log", truth.execution_id)

    def own(self, door: str) -> Connection:
        return Connection.objects.select_related("account", "owner").get(owner=self.people[door])

    def test_everywhere(self) -> None:
        """The test of a connection by every door, against every kind of platform."""
        places = [self.sandbox.url, "http://127.0.0.1:9", "http://localhost:9"]
        for url in [*places, *MODES]:
            if url in MODES:
                self.echo.mode, url = url, self.echo.url
            Connection.objects.update(base_url=url)
            row = self.own("service")
            actor = Actor.person(self.people["service"])
            self.attempt("service test", partial(connections.test, row, actor=actor))
            page = reverse("connection-test", args=[self.own("page").pk])
            self.answer("page test", self.client("page").post(page, follow=True))
            rest = f"/api/v1/connections/{self.own('rest').pk}/test/"
            self.answer("rest test", self.client("rest").post(rest))
            buttons = reverse("admin:boomi_connection_action", args=[self.own("admin").pk, "test"])
            self.answer("admin test", self.client("admin").post(buttons, follow=True))

    def fail_in_jobs(self) -> None:
        """Sync and fetch while the platform echoes, and while a bug prints what it holds."""
        actor = Actor.person(self.people["service"])
        waiting = Execution.objects.filter(log_file=None, outcome="error").first()
        assert waiting is not None
        for mode in MODES:
            self.echo.mode = mode
            Connection.objects.update(base_url=self.echo.url, status=ConnectionState.OK)
            self.attempt("echo sync", lambda: sync.request(self.own("service"), actor=actor).pk)
            log_fetches.request(waiting, actor=actor)
            drain(ignore_waits=True)
        Connection.objects.update(base_url=self.sandbox.url, status=ConnectionState.OK)
        foreign = f"http://localhost:{self.echo.port}/log.zip"
        self.sandbox.faults = replace(self.sandbox.faults, foreign_log_url=foreign)
        log_fetches.request(waiting, actor=actor)
        drain(ignore_waits=True)
        self.monkeypatch.setattr(sync, "advance", _broken)
        self.attempt("broken sync", lambda: sync.request(self.own("rest"), actor=actor).pk)
        drain(ignore_waits=True)
        self.run("sync", "--connection", str(self.own("command").pk))

    def break_pages(self) -> None:
        """The error page of a bug, for people and for programs."""
        self.monkeypatch.setattr(connections, "test", _broken)
        page = reverse("connection-test", args=[self.own("page").pk])
        assert self.answer("page 500", self.client("page").post(page)).status_code == 500
        rest = f"/api/v1/connections/{self.own('rest').pk}/test/"
        assert self.answer("rest 500", self.client("rest").post(rest)).status_code == 500
        self.answer("page 404", self.client("page").get(f"/nothing/{CREDENTIAL.user}/"))

    # Looking

    def look_at_pages(self) -> None:
        for door in ("admin", "service"):
            client = self.client(door)
            for url in addresses():
                self.answer(f"{door} GET {url}", client.get(url))

    def look_at_programs(self) -> None:
        client = self.client("admin")
        for url in exports():
            self.answer(f"export {url}", client.get(url))
        bearer = {"Authorization": f"Bearer {METRICS_TOKEN}"}
        figures = self.answer("metrics", Client().get("/metrics", headers=bearer))
        assert figures.status_code == 200
        self.answer("OpenAPI", client.get("/api/v1/schema/"))
        for name in ("/healthz", "/readyz"):
            self.answer(f"health {name}", Client().get(name))
        self.run("health", "--json")
        self.run("verify_audit")
        self.run("dumpdata", "--indent", "1")
        self.run("dumpdata", "--format", "xml")

    def look_at_rows(self) -> None:
        for model in apps.get_models():
            if not model._meta.managed or model._meta.proxy:
                continue
            rows = list(model._default_manager.all())
            self.evidence.add(f"repr {model._meta.label}", f"{rows!r} {[str(row) for row in rows]}")
            with database.cursor() as cursor:
                cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
                self.evidence.add(f"table {model._meta.db_table}", repr(cursor.fetchall()))
        for event in AuditEvent.objects.all():
            self.evidence.add("audit", f"{event.before} {event.after} {event.note}")
        row = self.own("service")
        self.evidence.add("repr client", repr(clients.open_client(row)))
        for message in mail.outbox:
            self.evidence.add("mail", message.message().as_bytes())

    def look_at_files(self, *folders: Path) -> None:
        if database.vendor == "sqlite":
            path = Path(str(database.settings_dict["NAME"]))
            self.evidence.add("database file", path.read_bytes())
            database.close()
        self.evidence.add_files("file", folders)


def _broken(*args: Any, **kwargs: Any) -> Any:
    """A bug in code that holds the secret: it prints what it has at hand."""
    row = Connection.objects.select_related("account").first()
    client = clients.open_client(row) if row is not None else None
    raise RuntimeError(
        f"{row!r} {client!r} headers {{'Authorization': 'Basic {BASIC}'}} "
        f"login {CREDENTIAL.login}:{CREDENTIAL.token} at "
        f"https://{CREDENTIAL.user}:{CREDENTIAL.token}@api.boomi.com/"
    )


@pytest.fixture
def drive(
    sandbox: Sandbox,
    echo: EchoPlatform,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    written: io.StringIO,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Drive:
    patient = clients.policy
    hasty = {"max_attempts": 2, "max_sleep": 0.01}
    monkeypatch.setattr(clients, "policy", lambda: replace(patient(), **hasty))
    # An open circuit would let the jobs wait for real minutes instead of failing.
    monkeypatch.setattr(breaker, "FAILURES_TO_OPEN", 1_000_000)
    settings.METRICS_TOKEN = METRICS_TOKEN
    tour = Drive(sandbox, echo, monkeypatch)
    tour.create()
    tour.create_badly()
    tour.work()
    tour.test_everywhere()
    tour.fail_in_jobs()
    tour.break_pages()
    tour.look_at_pages()
    tour.look_at_programs()
    tour.look_at_rows()
    tour.evidence.add("log", written.getvalue())
    printed = capfd.readouterr()
    tour.evidence.add("stdout", printed.out)
    tour.evidence.add("stderr", printed.err)
    tour.look_at_files(tmp_path, Path(os.environ["PORTAL_TEST_DIR"]))
    return tour


def test_the_token_is_nowhere(drive: Drive, echo: EchoPlatform) -> None:
    assert drive.evidence.leaks(NEEDLES) == []
    # Nothing above means anything unless the doors were open and the secret was there.
    assert Connection.objects.count() == 5
    assert {row.token for row in Connection.objects.all()} == {CREDENTIAL.token}
    assert all(echo.answered[mode] for mode in MODES)
    assert echo.foreign == []
    assert set(ApiCall.objects.values_list("status", flat=True)) >= {None, 200, 302, 401, 403, 500}
    assert LogFile.objects.exists()
    statuses = set(JobRun.objects.values_list("status", flat=True))
    assert statuses >= {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.ERRORED}
    assert "Authorization" in JobRun.objects.filter(status=JobStatus.ERRORED).first().traceback
    assert len(drive.evidence.pieces) > 300
