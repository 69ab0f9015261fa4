"""The navigation shows what exists and what its reader may use."""

import pytest
from django.test import Client
from django.urls import reverse

from common.models import User
from common.registry import registry

pytestmark = pytest.mark.django_db


def labels(client: Client, user: User, url: str = "/") -> list[str]:
    client.force_login(user)
    sections = client.get(url).context["nav_sections"]
    return [entry["label"] for section in sections for entry in section["items"]]


def test_every_entry_leads_to_a_page(client: Client, admin_user: User) -> None:
    client.force_login(admin_user)
    for item in registry.nav:
        assert client.get(reverse(item.url_name)).status_code == 200, item.label


def test_an_admin_sees_all_entries_in_order(client: Client, admin_user: User) -> None:
    assert labels(client, admin_user) == [
        "Now", "Executions", "Analyses", "Accounts", "Runtimes", "Deployments", "Components",
        "Automations", "Schedules", "Jobs", "Deliveries", "Connections", "Audit", "Usage",
        "Call log", "Administration",
    ]  # fmt: skip


def test_a_viewer_sees_neither_audit_nor_administration(client: Client, viewer: User) -> None:
    assert not {"Audit", "Administration"} & set(labels(client, viewer))


def test_the_entry_of_the_page_is_marked(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    sections = client.get(reverse("jobs")).context["nav_sections"]
    active = [entry["label"] for s in sections for entry in s["items"] if entry["active"]]
    assert active == ["Jobs"]


def test_an_anonymous_caller_is_led_to_the_door(client: Client) -> None:
    for item in registry.nav:
        url = reverse(item.url_name)
        assert client.get(url)["Location"].endswith(f"login/?next={url}"), item.label


def test_a_missing_page_stays_in_the_frame(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    answer = client.get("/jobs/999999/")
    assert answer.status_code == 404
    assert 'aria-label="Main"' in answer.content.decode()
