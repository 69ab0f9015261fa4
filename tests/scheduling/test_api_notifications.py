"""Channels and deliveries through the API."""

import pytest

from common.actors import Actor
from common.models import Team, User
from scheduling import outbox
from scheduling.models import Delivery, NotificationChannel
from scheduling.services import channels
from tests.signed_in import program

pytestmark = pytest.mark.django_db
CHANNELS = "/api/v1/notification-channels/"
DELIVERIES = "/api/v1/deliveries/"


@pytest.fixture
def channel(operator: User) -> NotificationChannel:
    actor = Actor.person(operator)
    return channels.create(actor=actor, name="On call", recipients=["ann@x.example"])


def test_a_channel_is_made_changed_and_deleted(operator: User) -> None:
    client = program(operator)
    made = client.post(CHANNELS, {"name": "On call", "recipients": ["Ann@x.example"]})
    assert (made.status_code, made.json()["recipients"]) == (201, ["ann@x.example"])
    url = made["Location"]
    assert client.patch(url, {"enabled": False}).json()["enabled"] is False
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "recipients": ["nobody"]},
        {"name": "x", "recipients": "ann@x.example"},
        {"name": "x", "recipients": ["ann@x.example"], "enabeld": False},
        {"recipients": ["ann@x.example"]},
    ],
)
def test_a_wrong_body_is_refused_with_its_fields(operator: User, body: dict[str, object]) -> None:
    answer = program(operator).post(CHANNELS, body)
    assert answer.status_code == 400
    assert answer.json()["fields"]
    assert not NotificationChannel.objects.exists()


def test_a_name_that_is_taken_is_a_conflict(operator: User, channel: NotificationChannel) -> None:
    body = {"name": "On call", "recipients": ["bob@x.example"]}
    assert program(operator).post(CHANNELS, body).status_code == 409


def test_a_viewer_of_the_team_reads_and_changes_nothing(
    channel: NotificationChannel, viewer: User
) -> None:
    channel.team = Team.objects.create(name="Integration")
    channel.team.members.add(viewer)
    channel.save()
    client = program(viewer)
    url = f"{CHANNELS}{channel.pk}/"
    assert client.get(url).json()["team"] == "Integration"
    assert client.patch(url, {"enabled": False}).status_code == 403
    assert client.post(f"{url}test/").status_code == 403
    assert client.post(CHANNELS, {}).status_code == 403


def test_a_test_answers_with_its_deliveries(operator: User, channel: NotificationChannel) -> None:
    client = program(operator)
    answer = client.post(f"{CHANNELS}{channel.pk}/test/")
    (told,) = answer.json()
    assert (answer.status_code, told["status"], told["address"]) == (202, "queued", "ann@x.example")
    outbox.send_due()
    detail = client.get(f"{DELIVERIES}{told['id']}/").json()
    assert detail["status"] == "sent"
    assert "This is a test" in detail["text"]


def test_deliveries_are_filtered_and_exported(operator: User, channel: NotificationChannel) -> None:
    for number in range(3):
        outbox.queue(channel, outbox.Message(f"News {number}", "Text"))
    Delivery.objects.filter(subject="News 1").update(status="failed")
    client = program(operator)
    (row,) = client.get(DELIVERIES, {"status": "failed", "channel": "On call"}).json()["results"]
    assert row["subject"] == "News 1"
    assert client.get(DELIVERIES, {"channel": "Other"}).json()["results"] == []
    exported = b"".join(client.get(DELIVERIES, {"export": "csv"}).streaming_content)
    assert exported.count(b"ann@x.example") == 3


def test_a_list_costs_the_same_for_one_row_and_for_many(
    operator: User, channel: NotificationChannel, django_assert_max_num_queries: object
) -> None:
    for number in range(30):
        outbox.queue(channel, outbox.Message(f"News {number}", "Text"))
    client = program(operator)
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        assert len(client.get(DELIVERIES).json()["results"]) >= 25


def test_retry_and_cancel_follow_the_life_cycle(
    operator: User, channel: NotificationChannel
) -> None:
    (delivery,) = outbox.queue(channel, outbox.Message("News", "Text"))
    client, url = program(operator), f"{DELIVERIES}{delivery.pk}/"
    assert client.post(f"{url}retry/").status_code == 409
    assert client.post(f"{url}cancel/").json()["status"] == "cancelled"
    assert client.post(f"{url}cancel/").status_code == 409
    Delivery.objects.update(status="failed")
    assert client.post(f"{url}retry/").json()["status"] == "queued"
