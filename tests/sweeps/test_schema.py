"""The OpenAPI document: complete, without warnings, and changed only on purpose."""

from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from common.models import User

SNAPSHOT = Path(__file__).parents[1] / "data" / "openapi.yaml"
COMMAND = "manage.py spectacular --file tests/data/openapi.yaml"


@pytest.fixture(scope="module")
def document() -> str:
    """The document as the command writes it; a warning or an invalid one fails here."""
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    return out.getvalue()


@pytest.mark.db
def test_the_document_is_the_one_that_programs_were_promised(document: str) -> None:
    assert yaml.safe_load(document) == yaml.safe_load(SNAPSHOT.read_text()), (
        f"The API changed. If that is meant, tell of it in CHANGELOG.md and run {COMMAND}"
    )


def test_every_operation_says_what_it_is_for(document: str) -> None:
    silent = [
        f"{method} {path}"
        for path, methods in yaml.safe_load(document)["paths"].items()
        for method, operation in methods.items()
        if not operation.get("description")
    ]
    assert silent == []


def test_every_operation_tells_its_errors_in_the_one_shape(document: str) -> None:
    for path, methods in yaml.safe_load(document)["paths"].items():
        for method, operation in methods.items():
            more = ("413", "415") if "requestBody" in operation else ()
            for code in ("400", "401", "403", *more):
                shape = operation["responses"][code]["content"]["application/json"]["schema"]
                assert shape == {"$ref": "#/components/schemas/Error"}, (method, path)


@pytest.mark.django_db
def test_the_document_is_served(viewer: User, client: Client) -> None:
    client.force_login(viewer)
    answer = client.get("/api/v1/schema/")
    assert answer.status_code == 200
    assert set(yaml.safe_load(answer.content)["paths"]) >= {"/api/v1/executions/"}
