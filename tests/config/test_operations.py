"""The list of API operations equals the schema that programs read."""

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from common.models import User
from config.operations import operations

pytestmark = pytest.mark.django_db


def test_the_list_equals_the_schema() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    promised = {
        (method.upper(), path): {one["name"] for one in told.get("parameters", ())}
        for path, methods in schema["paths"].items()
        for method, told in methods.items()
    }
    listed = {
        (one.method, one.path): {p.name for p in one.parameters if p.place != "body"}
        for one in operations()
    }
    assert listed == promised
    assert len(listed) > 30


def test_fields_of_a_body_are_parameters_too() -> None:
    create = next(o for o in operations() if (o.method, o.path) == ("POST", "/api/v1/connections/"))
    fields = {one.name: one.required for one in create.parameters if one.place == "body"}
    assert fields["account_id"] is True
    assert fields["team"] is False


def test_a_search_keeps_what_it_names(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    answer = client.get("/operations/", {"q": "deployments"})
    text = answer.content.decode()
    assert "/api/v1/deployments/{id}/" in text
    assert "/api/v1/connections/" not in text
    assert "No operation matches" in client.get("/operations/?q=zzz").content.decode()
