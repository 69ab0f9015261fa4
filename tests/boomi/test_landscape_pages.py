"""The pages of runtimes and deployments."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from boomi.models import Account, Component, PackagedComponent
from common.models import User
from tests.boomi.rows import (
    START,
    connect,
    make_account,
    make_deployment,
    make_environment,
    make_execution,
    make_runtime,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(operator: User) -> Account:
    found = make_account()
    connect(operator, found)
    return found


@pytest.fixture
def page(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client


def test_what_is_in_trouble_stands_first(page: Client, account: Account) -> None:
    make_runtime(account, 1, name="Well")
    make_runtime(account, 2, name="Away", status="OFFLINE")
    make_runtime(account, 3, name="Gone", status="OFFLINE", gone_at=START)
    make_runtime(account, 4, name="Warned", status="WARNING")
    rows = page.get("/runtimes/").context["runtimes"]
    assert [row.name for row, _ in rows] == ["Away", "Warned", "Well", "Gone"]


def test_runs_of_the_day_are_counted_per_runtime_and_account(
    page: Client, account: Account, operator: User
) -> None:
    other = make_account("other-1")
    connect(operator, other)
    recent = timezone.now() - timedelta(hours=2)
    for owner in (account, other):
        make_runtime(owner, name=owner.account_id)
        make_execution(owner, 10, started_at=recent)
    make_execution(account, 11, started_at=recent)
    loads = {row.name: load for row, load in page.get("/runtimes/").context["runtimes"]}
    assert (loads["northwind-7Q2K9D"].runs, loads["northwind-7Q2K9D"].failed) == (2, 1)
    assert loads["other-1"].runs == 1


@pytest.mark.parametrize("path", ["/runtimes/", "/deployments/"])
def test_a_filter_that_is_no_good_selects_nothing_and_breaks_nothing(
    page: Client, account: Account, path: str
) -> None:
    make_runtime(account)
    make_deployment(account)
    answer = page.get(path, {"account": "nobody-1"})
    assert answer.status_code == 200
    assert answer.context["page"].paginator.count == 0


@pytest.mark.parametrize("path", ["/runtimes/", "/deployments/"])
def test_a_list_is_exported_as_it_is_filtered(page: Client, account: Account, path: str) -> None:
    make_runtime(account, 1, name="One")
    make_runtime(account, 2, name="Two")
    make_deployment(account, 1, notes="One")
    make_deployment(account, 2, notes="Two")
    body = b"".join(page.get(path, {"q": "One", "export": "json"}).streaming_content)
    assert len(json.loads(body)) == 1


def test_a_stranger_finds_neither_runtime_nor_deployment(
    client: Client, account: Account, stranger: User
) -> None:
    runtime, deployment = make_runtime(account), make_deployment(account)
    client.force_login(stranger)
    assert client.get(f"/runtimes/{runtime.pk}/").status_code == 404
    assert client.get(f"/deployments/{deployment.pk}/").status_code == 404


def test_a_runtime_shows_what_is_live_in_its_environments(page: Client, account: Account) -> None:
    runtime = make_runtime(account)
    runtime.environments.add(make_environment(account))
    make_deployment(account, 1, active=True)
    make_deployment(account, 2, active=False)
    make_deployment(account, 3, active=True, environment_id="elsewhere")
    live = page.get(f"/runtimes/{runtime.pk}/").context["live"]
    assert [one.row.deployment_id for one in live] == ["deployment-1"]


def test_a_deployment_tells_how_the_process_ran_before_and_after(
    page: Client, account: Account
) -> None:
    runtime = make_runtime(account)
    runtime.environments.add(make_environment(account))
    deployment = make_deployment(account, component_type="process", component_id="process-3")
    for number, hours in ((10, -3), (17, -2), (24, 2), (80, 3), (150, 4)):
        make_execution(
            account, number, process_id="process-3", started_at=START + timedelta(hours=hours)
        )
    text = page.get(f"/deployments/{deployment.pk}/").content.decode()
    assert "1 of 2 runs failed in the 24 hours before. 2 of 3 runs failed" in text
    assert "More runs failed after this deployment" in text


def test_a_deployment_shows_what_its_package_holds(page: Client, account: Account) -> None:
    PackagedComponent.objects.create(
        account=account, package_id="k", component_id="component-1", seen_at=START,
        manifest=[{"id": "m", "version": 2}, {"id": "component-1", "version": 4}],
    )  # fmt: skip
    for component_id, name, version in (("m", "A map", 3), ("component-1", "Order Intake", 4)):
        Component.objects.create(
            account=account, component_id=component_id, name=name, type="transform.map",
            version=version, seen_at=START,
        )  # fmt: skip
    deployment = make_deployment(account, package_id="k", package_version="1.0")
    answer = page.get(f"/deployments/{deployment.pk}/")
    inside = [
        (one.component and one.component.name, one.version) for one in answer.context["contents"]
    ]
    assert inside == [("Order Intake", 4), ("A map", 2)]
    text = answer.content.decode()
    assert "Order Intake 1.0" in text
    for component in Component.objects.all():
        assert f'href="/components/{component.pk}/"' in text
