"""Markup in whatever text can come from outside stays text on every page of the portal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db.models import CharField, JSONField, Model, TextField

from analysis.models import Analysis
from common.fields import EncryptedTextField
from common.models import User
from tests.sweeps.samples import Samples
from tests.sweeps.test_routes import client_of, samples, walk

__all__ = ["samples"]
HOSTILE = "\"'><b hostile>"
# What the portal itself looks rows up by, or reads as something other than words.
OURS = {
    "account_id", "audience", "base_url", "content_mac", "cursor", "deployment_id", "digest",
    "email", "encoding", "environment_id", "execution_id", "hits", "index", "job", "key", "leases",
    "object_type", "params", "password", "prefix", "prev", "queue", "rights", "runtime_id", "seal",
    "sha256", "storage_key", "subject_url", "time_zone", "token", "uid", "username",
}  # fmt: skip


def poisoned(value: Any) -> Any:
    """The same JSON with markup behind every text."""
    if isinstance(value, dict):
        return {name: poisoned(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [poisoned(inner) for inner in value]
    return f"{value}{HOSTILE}" if isinstance(value, str) and value[:2] != "20" else value


def poison(row: Model) -> int:
    """Markup in every free text of the row; returns in how many."""
    changes: dict[str, object] = {}
    for field in row._meta.concrete_fields:
        if field.name in OURS or field.choices or isinstance(field, EncryptedTextField):
            continue
        if isinstance(field, CharField | TextField):
            changes[field.name] = HOSTILE[: field.max_length or 300]
        elif isinstance(field, JSONField):
            changes[field.name] = poisoned(field.value_from_object(row))
    type(row)._default_manager.filter(pk=row.pk).update(**changes)
    return len(changes)


@pytest.mark.django_db
def test_no_page_lets_markup_out(samples: Samples, admin_user: User) -> None:
    rows = list(samples._rows.values())
    assert sum(poison(row) for row in rows) > 40
    client = client_of(admin_user)
    shown = 0

    def visit(route: Any, url: str, about_object: bool) -> list[str]:
        nonlocal shown
        answer = client.get(url)
        if "text/html" not in answer.get("Content-Type", ""):
            return []
        text = answer.content.decode()
        shown += "b hostile" in text
        found = [f"answers {answer.status_code}"] if answer.status_code >= 500 else []
        return found + (["lets markup out"] if "<b hostile" in text else [])

    assert walk(samples, visit) == []
    assert shown > 25
    assert HOSTILE in json.dumps(Analysis.objects.get().result, ensure_ascii=False).replace(
        '\\"', '"'
    )
