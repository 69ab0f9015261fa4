"""The words of real automations: the same few queries for one and for many."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boomi.automation_names import Names
from boomi.models import Component, Connection, Runtime
from common.models import User
from scheduling import automation_rows
from scheduling.models import Automation
from tests.boomi.rows import make_execution
from tests.signed_in import browser
from tests.visits import queries_of

pytestmark = pytest.mark.django_db


def parameters_of(kind: str, account: int, runtime: int, number: int) -> dict[str, Any]:
    process = f"process-{number}"
    return {
        "boomi.sync": {"account": account, "kinds": ["runtimes"]},
        "boomi.capture_logs": {"account": account, "process": process},
        "boomi.refresh_components": {"account": account},
        "boomi.run_process": {"account": account, "process": process, "runtime": runtime},
        "boomi.prune": {},
        "analysis.analyse_executions": {"account": account, "process": process},
    }[kind]


KINDS = (
    "boomi.sync", "boomi.capture_logs", "boomi.refresh_components", "boomi.run_process",
    "boomi.prune", "analysis.analyse_executions",
)  # fmt: skip


def fill(connection: Connection, owner: User, first: int, last: int) -> None:
    for number in range(first, last):
        account = connection.account_id
        runtime = Runtime.objects.create(
            account_id=account, runtime_id=f"runtime-{number}", name=f"Runtime {number}",
            seen_at=timezone.now(),
        )  # fmt: skip
        if number % 2:
            Component.objects.create(
                account_id=account, component_id=f"process-{number}", type="process",
                name=f"Process {number}", seen_at=timezone.now(),
            )  # fmt: skip
        for kind in KINDS:
            Automation.objects.create(
                name=f"{kind} {number}", kind=kind, owner=owner,
                parameters=parameters_of(kind, account, runtime.pk, number),
            )  # fmt: skip


def words() -> tuple[dict[int, str], int]:
    rows = list(Automation.objects.all())
    with CaptureQueriesContext(database) as queries:
        said = automation_rows.describe_all(rows)
    return said, len(queries)


def test_words_of_every_kind_take_as_many_queries_for_many_rows_as_for_few(
    connection: Connection, operator: User
) -> None:
    fill(connection, operator, 0, 2)
    _, few = words()
    fill(connection, operator, 2, 12)
    said, many = words()
    assert (len(said), many) == (72, few)
    assert many <= 4 * len(KINDS)


def test_the_list_of_real_automations_takes_a_constant_number_of_queries(
    connection: Connection, operator: User
) -> None:
    client: Client = browser(operator)
    fill(connection, operator, 0, 1)
    few = queries_of(client, "/automations/")
    fill(connection, operator, 1, 4)
    assert queries_of(client, "/automations/") == few
    html = client.get("/automations/").content.decode()
    assert "Run Process 3 on Runtime 3" in html


def test_a_process_without_a_component_is_called_as_its_newest_run(
    connection: Connection,
) -> None:
    account, now = connection.account, timezone.now()
    for number, name in enumerate(("New name", "Old name")):
        began = now - timedelta(hours=number)
        make_execution(
            account, number, process_id="p-1", process_name=name, started_at=began
        )  # fmt: skip
    asked = [{"account": connection.account_id, "process": name} for name in ("p-1", "p-2")]
    names = Names.of(asked)
    assert [names.process(each) for each in asked] == ["New name", "p-2"]


def test_one_row_that_cannot_be_read_does_not_hide_the_others(
    connection: Connection, operator: User
) -> None:
    fill(connection, operator, 1, 2)
    broken = Automation.objects.get(kind="boomi.run_process")
    Automation.objects.filter(pk=broken.pk).update(parameters={"account": "no number"})
    fill(connection, operator, 2, 3)
    said, _ = words()
    assert said[broken.pk] == automation_rows.UNREADABLE
    other = Automation.objects.get(name="boomi.run_process 2")
    assert said[other.pk].startswith("Run process-2 on Runtime 2")
