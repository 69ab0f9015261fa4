"""Values of dynamic process properties: read by those who may change them and by nobody else."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from boomi.automation_forms import PropertiesField
from boomi.models import Connection, Runtime
from common.actors import Actor
from common.logs import MASK
from common.models import AuditEvent, User
from scheduling.models import Automation, JobRun
from scheduling.services import automations
from tests.signed_in import browser, program

pytestmark = pytest.mark.django_db
SECRET = "swordfish-4711"


@pytest.fixture
def automation(connection: Connection, operator: User) -> Automation:
    runtime = Runtime.objects.create(
        account=connection.account, runtime_id="r-1", name="R", seen_at=timezone.now()
    )
    values = {
        "account": connection.account_id, "process": "p-1", "runtime": runtime.pk,
        "properties": {"sftp.door": SECRET},
    }  # fmt: skip
    return Automation.objects.create(
        name="Run it", kind="boomi.run_process", owner=operator, parameters=values,
        audience=f"account:{connection.account_id}",
    )  # fmt: skip


def test_the_audit_trail_knows_only_the_names(automation: Automation, operator: User) -> None:
    automations.update(automation, actor=Actor.person(operator), notes="Weekly")
    (event,) = AuditEvent.objects.filter(action="scheduling.automation.updated")
    for told in (event.before, event.after):
        assert json.loads(str(told))["parameters"]["properties"] == {"sftp.door": MASK}


def test_lists_and_exports_leave_the_values_out(automation: Automation, operator: User) -> None:
    client = program(operator)
    for query in ("", "?export=csv", "?export=json"):
        answer = client.get(f"/api/v1/automations/{query}")
        text = b"".join(answer) if answer.streaming else answer.content
        assert b"sftp.door" in text
        assert SECRET.encode() not in text


def test_the_detail_has_them_for_those_who_may_change_it(
    automation: Automation, operator: User, admin_user: User, viewer: User
) -> None:
    url = f"/api/v1/automations/{automation.pk}/"
    assert program(operator).get(url).json()["parameters"]["properties"] == {"sftp.door": SECRET}
    Automation.objects.filter(pk=automation.pk).update(owner=admin_user)
    assert program(operator).get(url).json()["parameters"]["properties"] == {"sftp.door": MASK}


def test_the_admin_page_of_a_run_leaves_them_out(automation: Automation, admin_user: User) -> None:
    run = JobRun.objects.create(
        job="boomi.run_process", title="Run it", actor_text="x", owner=admin_user,
        params=automation.parameters,
    )  # fmt: skip
    html = browser(admin_user).get(f"/admin/scheduling/jobrun/{run.pk}/change/").content.decode()
    assert "sftp.door" in html
    assert SECRET not in html


def test_a_masked_value_is_not_taken_for_a_value() -> None:
    with pytest.raises(ValidationError, match="is not shown"):
        PropertiesField().clean({"sftp.door": MASK})
