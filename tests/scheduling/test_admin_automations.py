"""Automations, schedules, channels and deliveries in the admin: through the same services."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.actors import Actor
from common.models import AuditEvent, User
from scheduling.models import (
    Automation,
    Delivery,
    JobRecordError,
    JobRun,
    NotificationChannel,
    Occurrence,
    Schedule,
)
from scheduling.services import channels
from tests.scheduling.builders import make_automation, make_schedule
from tests.signed_in import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(admin_user: User) -> Client:
    return browser(admin_user)


def admin_url(model: str, view: str, *args: object) -> str:
    return reverse(f"admin:scheduling_{model}_{view}", args=args)


def fields_of(automation: Automation, **changes: object) -> dict[str, object]:
    values = {
        "name": automation.name, "parameters": '{"rows": 3, "only_errors": false}',
        "owner": automation.owner_id, "notes": "", "enabled": "on", "on_event": "",
        "channel": "",
    }  # fmt: skip
    return {**values, **changes}


def made_channel(owner: User) -> NotificationChannel:
    addresses = ["olga@northwind.example"]
    return channels.create(actor=Actor.person(owner), name="On call", recipients=addresses)


def test_an_automation_is_made_with_an_audit_event(ada: Client, admin_user: User) -> None:
    sent = {"name": "Count", "kind": "tests.count", "parameters": '{"rows": 3}', "channel": ""}
    ada.post(admin_url("automation", "add"), sent)
    made = Automation.objects.get()
    assert (made.owner, made.audience) == (admin_user, "tests:nowhere")
    assert AuditEvent.objects.filter(action="scheduling.automation.created").count() == 1


def test_wrong_parameters_are_told_at_their_field(ada: Client) -> None:
    sent = {"name": "Count", "kind": "tests.count", "parameters": '{"rows": -1}', "channel": ""}
    page = ada.post(admin_url("automation", "add"), sent).content.decode()
    assert "rows: Ensure this value is greater than or equal to 0." in page
    assert not Automation.objects.exists()


def test_an_automation_gets_another_owner(ada: Client, operator: User, developer: User) -> None:
    automation = make_automation(operator)
    url = admin_url("automation", "change", automation.pk)
    answer = ada.post(url, fields_of(automation, owner=developer.pk, name="Count more"))
    assert answer.status_code == 302
    automation.refresh_from_db()
    assert (automation.owner, automation.name) == (developer, "Count more")


def test_an_automation_is_run_tried_and_switched(ada: Client, operator: User) -> None:
    automation = make_automation(operator)
    for action in ("run", "dry-run", "switch-off"):
        url = admin_url("automation", "action", automation.pk, action)
        assert ada.post(url).status_code == 302
    automation.refresh_from_db()
    assert not automation.enabled
    assert JobRun.objects.filter(automation=automation).count() == 1


def test_an_automation_at_work_is_not_deleted(ada: Client, operator: User) -> None:
    automation = make_automation(operator)
    JobRun.objects.create(job="tests.count", title="x", automation=automation, status="running")
    answer = ada.post(admin_url("automation", "delete", automation.pk), {"post": "yes"})
    assert answer.status_code == 302
    assert Automation.objects.exists()


def test_a_schedule_is_made_and_changed(ada: Client, operator: User) -> None:
    automation = make_automation(operator)
    sent = {
        "automation": automation.pk, "cron": "0 6 * * *", "zone": "UTC", "overlap": "skip",
        "catch_up": "once", "enabled": "on",
    }  # fmt: skip
    ada.post(admin_url("schedule", "add"), sent)
    schedule = Schedule.objects.get()
    assert schedule.next_due_at is not None
    ada.post(admin_url("schedule", "change", schedule.pk), {**sent, "cron": "0 7 * * *"})
    schedule.refresh_from_db()
    assert schedule.cron == "0 7 * * *"
    assert AuditEvent.objects.filter(action="scheduling.schedule.updated").count() == 1


def test_a_wrong_cron_is_told_at_its_field(ada: Client, operator: User) -> None:
    schedule = make_schedule(make_automation(operator))
    sent = {
        "cron": "0 25 * * *", "zone": "UTC", "overlap": "skip", "catch_up": "once", "enabled": "on",
    }  # fmt: skip
    page = ada.post(admin_url("schedule", "change", schedule.pk), sent).content.decode()
    assert "The hour 25 is not between 0 and 23." in page


def test_a_schedule_is_paused_and_resumed(ada: Client, operator: User) -> None:
    schedule = make_schedule(make_automation(operator))
    url = admin_url("schedule", "action", schedule.pk, "pause")
    ada.post(url, {"reason": "Holidays.", "until": ""})
    schedule.refresh_from_db()
    assert (schedule.pause_reason, schedule.paused_by) == ("Holidays.", "ada@northwind.example")
    ada.post(admin_url("schedule", "action", schedule.pk, "resume"))
    schedule.refresh_from_db()
    assert not schedule.paused_by


def test_due_times_are_only_looked_at(ada: Client, operator: User) -> None:
    schedule = make_schedule(make_automation(operator))
    due = timezone.now() - timedelta(hours=1)
    row = Occurrence.objects.create(schedule=schedule, due_at=due, outcome="missed", note="Down.")
    page = ada.get(admin_url("occurrence", "change", row.pk)).content.decode()
    assert "Down." in page
    assert 'name="_save"' not in page


def test_a_channel_is_made_changed_and_tried(ada: Client) -> None:
    sent = {"name": "On call", "recipients": "a@northwind.example\nb@northwind.example", "team": ""}
    ada.post(admin_url("notificationchannel", "add"), sent)
    channel = NotificationChannel.objects.get()
    assert len(channel.recipients) == 2
    change = {**sent, "recipients": "a@northwind.example", "enabled": "on"}
    ada.post(admin_url("notificationchannel", "change", channel.pk), change)
    channel.refresh_from_db()
    assert channel.recipients == ["a@northwind.example"]
    ada.post(admin_url("notificationchannel", "action", channel.pk, "test"))
    assert Delivery.objects.count() == 1


def test_a_wrong_address_is_told_at_its_field(ada: Client) -> None:
    sent = {"name": "On call", "recipients": "nobody", "team": ""}
    page = ada.post(admin_url("notificationchannel", "add"), sent).content.decode()
    assert "is no e-mail address." in page
    assert not NotificationChannel.objects.exists()


def test_deliveries_are_sent_again_and_kept_back(ada: Client, admin_user: User) -> None:
    channel = made_channel(admin_user)
    failed = Delivery.objects.create(channel=channel, address="a@b.example", status="failed")
    waiting = Delivery.objects.create(channel=channel, address="c@b.example", status="queued")
    ada.post(admin_url("delivery", "action", failed.pk, "retry"))
    ada.post(admin_url("delivery", "action", waiting.pk, "cancel"))
    assert list(Delivery.objects.order_by("pk").values_list("status", flat=True)) == [
        "queued",
        "cancelled",
    ]


def test_why_records_of_a_job_failed_stands_with_it(ada: Client) -> None:
    run = JobRun.objects.create(job="tests.count", title="x", status="failed", records_failed=1)
    JobRecordError.objects.create(run=run, record="Send <orders>", message="No such run.")
    page = ada.get(admin_url("jobrun", "change", run.pk)).content.decode()
    assert "Send &lt;orders&gt;" in page
    assert "No such run." in page
