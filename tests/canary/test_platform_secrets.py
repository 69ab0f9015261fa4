"""What the platform itself lets slip comes out of no door of the portal.

Its audit log holds passwords that people typed into extensions, its component documents hold
encrypted ones. The portal mirrors both; then everything it shows, exports and stores is searched.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection as database
from django.test import Client

from boomi.clients import open_client
from boomi.models import Component, ComponentDocument, PlatformAuditEntry
from boomi.rows.secrets import BLANK
from boomi.services import documents, sync
from common.actors import Actor
from common.models import User
from sandbox.audit import PLANTED_SECRETS
from sandbox.server import Sandbox
from scheduling.testing import drain
from tests.canary.addresses import addresses, exports
from tests.canary.needles import Evidence, Needles

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]
METRICS_TOKEN = "for-the-monitor"
# The oldest is from before what is mirrored.
TYPED = PLANTED_SECRETS[1:]
ENCRYPTED = re.compile(r"\b[0-9a-f]{128}\b")
KINDS = ["account", "environments", "runtimes", "audit_log", "folders", "components", "events"]


@pytest.fixture
def platform() -> Iterator[Sandbox]:
    with Sandbox(scenario="northwind", rate_limit=0) as server:
        yield server


@pytest.fixture
def encrypted(
    platform: Sandbox, operator: User, make_connection: Any, roomy_caps: None
) -> list[str]:
    """Mirrors the account and some connections of it; the encrypted passwords among them."""
    connection = make_connection(operator, platform.url)
    actor = Actor.person(operator)
    sync.request(connection, actor=actor, kinds=KINDS)
    drain(ignore_waits=True)
    found: list[str] = []
    for component in Component.objects.filter(type="connector-settings", deleted=False)[:6]:
        sent = open_client(connection).component_xml(component.component_id, None)
        found += ENCRYPTED.findall(sent.text)
        documents.request(component, actor=actor)
    drain(ignore_waits=True)
    return found


def everything(admin: User, printed: str) -> Evidence:
    """What a reader of all of it gets, and what is stored."""
    evidence = Evidence()
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    for url in (*addresses(), *exports()):
        answer = client.get(url)
        body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[arg-type]
        evidence.add(url, body)
    bearer = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    evidence.add("metrics", Client().get("/metrics", headers=bearer).content)
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy:
            evidence.add(f"table {model._meta.db_table}", repr(list(model.objects.values())))
    for document in ComponentDocument.objects.all():
        evidence.add(f"document {document.pk}", document.text)
    evidence.add("log", printed)
    return evidence


def test_what_the_platform_lets_slip_is_nowhere(
    encrypted: list[str], admin_user: User, settings: Any, written: io.StringIO
) -> None:
    settings.METRICS_TOKEN = METRICS_TOKEN
    evidence = everything(admin_user, written.getvalue())
    if database.vendor == "sqlite":
        path = Path(str(database.settings_dict["NAME"]))
        if path.is_file():
            evidence.add("database file", path.read_bytes())
    for secret in (*TYPED, *encrypted):
        assert evidence.leaks(Needles(secret, "nobody")) == []
    # Nothing above means anything unless the secrets were there.
    properties = str(list(PlatformAuditEntry.objects.values_list("properties", flat=True)))
    assert properties.count(BLANK) >= len(TYPED)
    assert len(encrypted) >= 3
    assert ComponentDocument.objects.count() >= 3
