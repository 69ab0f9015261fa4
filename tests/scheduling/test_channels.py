"""Channels: who may do what, what is refused, and what is written down."""

from __future__ import annotations

import pytest

from common.access import visible
from common.actors import Actor
from common.errors import Conflict, InputError, NotAllowed
from common.models import AuditEvent, Team, User
from common.roles import Role
from scheduling import outbox
from scheduling.models import Automation, Delivery, NotificationChannel, OptOut
from scheduling.services import channels
from tests.conftest import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(operator: User) -> Actor:
    return Actor.person(operator, via="page")


@pytest.fixture
def team(operator: User) -> Team:
    team = Team.objects.create(name="Integration")
    team.members.add(operator)
    return team


@pytest.fixture
def channel(olga: Actor, team: Team) -> NotificationChannel:
    return channels.create(actor=olga, name="On call", recipients=["ann@x.example"], team=team)


def test_a_channel_keeps_each_address_once(olga: Actor) -> None:
    made = channels.create(
        actor=olga, name="  On   call ", recipients=["Ann@X.example", " ann@x.example", ""]
    )
    assert (made.name, made.recipients, made.owner) == ("On call", ["ann@x.example"], olga.user)
    assert AuditEvent.objects.get().action == "scheduling.channel.created"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", {"name": "  "}),
        ("name", {"name": "x" * 121}),
        ("recipients", {"recipients": []}),
        ("recipients", {"recipients": ["nobody"]}),
        ("recipients", {"recipients": ["a@x.example\nBcc: eve@x.example"]}),
        ("recipients", {"recipients": [f"p{n}@x.example" for n in range(51)]}),
    ],
)
def test_a_wrong_value_is_named(olga: Actor, field: str, values: dict[str, object]) -> None:
    given = {"name": "On call", "recipients": ["ann@x.example"], **values}
    with pytest.raises(InputError) as refused:
        channels.create(actor=olga, **given)  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]
    assert not NotificationChannel.objects.exists()


def test_a_name_is_taken_once(olga: Actor, channel: NotificationChannel) -> None:
    with pytest.raises(Conflict, match="of this name"):
        channels.create(actor=olga, name="On call", recipients=["ann@x.example"])


def test_a_viewer_makes_none(viewer: User) -> None:
    with pytest.raises(NotAllowed):
        channels.create(actor=Actor.person(viewer), name="On call", recipients=["a@x.example"])


def test_only_ones_own_team_can_be_given(olga: Actor, channel: NotificationChannel) -> None:
    elsewhere = Team.objects.create(name="Elsewhere")
    with pytest.raises(InputError) as refused:
        channels.update(channel, actor=olga, team=elsewhere)
    assert list(refused.value.fields) == ["team"]


def test_a_change_is_written_down(olga: Actor, channel: NotificationChannel) -> None:
    channels.update(channel, actor=olga, recipients=["bob@x.example"], enabled=False)
    channel.refresh_from_db()
    assert (channel.recipients, channel.enabled) == (["bob@x.example"], False)
    assert AuditEvent.objects.filter(action="scheduling.channel.updated").count() == 1


def test_a_change_that_changes_nothing_leaves_no_trace(
    olga: Actor, channel: NotificationChannel
) -> None:
    channels.update(channel, actor=olga, name="On call", enabled=True)
    assert not AuditEvent.objects.filter(action="scheduling.channel.updated").exists()


def test_a_channel_deleted_meanwhile_is_not_changed(
    olga: Actor, channel: NotificationChannel
) -> None:
    NotificationChannel.objects.filter(pk=channel.pk).delete()
    with pytest.raises(Conflict, match="deleted meanwhile"):
        channels.update(channel, actor=olga, name="Other")


def test_the_team_shares_a_channel_and_others_do_not_see_it(
    channel: NotificationChannel, team: Team
) -> None:
    mate, other = (
        make_user("mate@x.example", Role.OPERATOR),
        make_user("o@x.example", Role.OPERATOR),
    )
    team.members.add(mate)
    channels.update(channel, actor=Actor.person(mate), enabled=False)
    assert not visible(Actor.person(other), NotificationChannel.objects.all()).exists()
    for change in (channels.delete, channels.test):
        with pytest.raises(NotAllowed):
            change(channel, actor=Actor.person(other))


def test_an_admin_changes_every_channel(channel: NotificationChannel, admin_user: User) -> None:
    channels.update(channel, actor=Actor.person(admin_user), name="Night shift")
    channel.refresh_from_db()
    assert channel.name == "Night shift"


def test_a_used_channel_is_not_deleted(olga: Actor, channel: NotificationChannel) -> None:
    Automation.objects.create(name="Nightly", kind="x", owner=channel.owner, channel=channel)
    with pytest.raises(Conflict, match="used by Nightly"):
        channels.delete(channel, actor=olga)


def test_deleting_a_channel_cancels_what_waits(olga: Actor, channel: NotificationChannel) -> None:
    outbox.queue(channel, outbox.Message("3 runs failed", "Three."))
    channels.delete(channel, actor=olga)
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.channel) == ("cancelled", None)


def test_a_test_writes_to_everybody(olga: Actor, channel: NotificationChannel) -> None:
    (delivery,) = channels.test(channel, actor=olga)
    assert delivery.subject == "Test of the channel On call"
    assert AuditEvent.objects.filter(action="scheduling.channel.tested").exists()


def test_a_test_of_a_silent_channel_says_why(olga: Actor, channel: NotificationChannel) -> None:
    OptOut.objects.create(address="ann@x.example", channel=channel)
    with pytest.raises(Conflict, match="opted out"):
        channels.test(channel, actor=olga)
    channels.update(channel, actor=olga, enabled=False)
    with pytest.raises(Conflict, match="switched off"):
        channels.test(channel, actor=olga)
