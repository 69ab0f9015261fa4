"""Requests made up from the OpenAPI document: whatever comes in, no error 500 goes out."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings, strategies
from schemathesis import Case, GenerationMode

from common.models import User
from tests.signed_in import program
from tests.sweeps.samples import Samples, model_of_route

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal_urls")]
SCHEMA = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
each_operation = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda operation: operation.label
)
# The platform refused or is away, the disk of the log store is full: told, not broken.
TOLD = {502, 503, 507}
# Any operation may answer these without saying so.
UNDOCUMENTED = {404, 405, 406, 415}


@pytest.fixture
def samples(admin_user: User, settings: Any, tmp_path: Any) -> Samples:
    """A row of each kind, and a portal that calls no address somebody made up."""
    options = {"location": str(tmp_path / "logs")}
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = {**settings.STORAGES, "logs": {"BACKEND": backend, "OPTIONS": options}}
    settings.ALLOW_PRIVATE_ADDRESSES = False
    settings.BOOMI_HOSTS = ["*.boomi.invalid"]
    made = Samples(admin_user)
    made.build_all()
    return made


def parts(body: Any) -> dict[str, Any]:
    """A made-up form; bytes are files."""
    fields = body if isinstance(body, dict) else {}
    return {
        name: SimpleUploadedFile("made-up", value) if isinstance(value, bytes) else str(value)
        for name, value in fields.items()
    }


def send(client: Client, case: Case, samples: Samples, *, real: bool) -> Any:
    """The request of `case`; with `real` about a row that exists."""
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        if real and (model := model_of_route(path.split("/")[3])):
            value = samples.row(model).pk
        path = path.replace(f"{{{name}}}", str(value).replace("/", "%2F"))
    query = urlencode(case.query or {}, doseq=True)
    url = f"{path}?{query}" if query else path
    if case.media_type == "multipart/form-data":
        return client.post(url, parts(case.body), format="multipart")
    body = json.dumps(case.body) if isinstance(case.body, (dict, list, str, int)) else ""
    return client.generic(case.method, url, body, content_type="application/json")


def cases(operation: Any) -> strategies.SearchStrategy[Case]:
    """Requests as the document allows them and, where there is something to break, others."""
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if not (operation.body or operation.query):
        return right
    return right | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)


def try_all(operation: Any, user: User, samples: Samples, examples: int) -> None:
    client = program(user)
    documented = {int(code) for code in operation.definition.raw["responses"]}

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(operation), real=strategies.booleans())
    def attempt(case: Case, real: bool) -> None:
        answer = send(client, case, samples, real=real)
        assert answer.status_code < 500 or answer.status_code in TOLD
        assert answer.status_code in documented | UNDOCUMENTED | TOLD
        if answer.status_code >= 400:
            assert {"code", "message", "hint", "request_id"} <= set(answer.json())

    attempt()


@each_operation
def test_nothing_breaks_it(operation: Any, admin_user: User, samples: Samples) -> None:
    try_all(operation, admin_user, samples, 8)


@pytest.mark.soak
@each_operation
def test_nothing_breaks_it_for_long(operation: Any, admin_user: User, samples: Samples) -> None:
    try_all(operation, admin_user, samples, 300)
