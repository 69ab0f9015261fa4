"""The pages of the outbox and its channels."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from common.actors import Actor
from common.models import AuditEvent, User
from scheduling.models import Delivery, NotificationChannel, OptOut
from scheduling.services import channels
from tests.scheduling.builders import make_automation
from tests.signed_in import browser
from tests.visits import queries_of

pytestmark = pytest.mark.django_db
LIST = "/deliveries/"
CHANNELS = "/channels/"


@pytest.fixture
def olga(operator: User) -> Client:
    return browser(operator)


def make_channel(owner: User, name: str = "On call", **fields: object) -> NotificationChannel:
    values = {"recipients": ["olga@northwind.example", "dan@northwind.example"], **fields}
    return channels.create(actor=Actor.person(owner), name=name, **values)  # type: ignore[arg-type]


@pytest.fixture
def channel(operator: User) -> NotificationChannel:
    return make_channel(operator)


def make_delivery(channel: NotificationChannel, status: str = "sent", **fields: object) -> Delivery:
    values = {"subject": "3 runs failed", "text": "Three runs failed.", **fields}
    address = str(values.pop("address", "olga@northwind.example"))
    return Delivery.objects.create(channel=channel, address=address, status=status, **values)


def url(row: Delivery | NotificationChannel, name: str) -> str:
    return reverse(name, args=[row.pk])


# --- Deliveries -------------------------------------------------------------------------


def test_an_empty_list_leads_to_the_channels(olga: Client) -> None:
    html = olga.get(LIST).content.decode()
    assert "Nothing was sent yet" in html
    assert f'href="{CHANNELS}"' in html


def test_one_sees_the_deliveries_of_ones_channels(
    olga: Client, channel: NotificationChannel, admin_user: User
) -> None:
    mine = make_delivery(channel)
    make_delivery(make_channel(admin_user, "Of Ada"))
    assert list(olga.get(LIST).context["page"]) == [mine]


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("status=failed", {"Broken"}),
        ("q=dan@", {"Broken"}),
        ("q=good", {"All good"}),
        ("status=queued", set()),
    ],
)
def test_filters_narrow_the_list(
    olga: Client, channel: NotificationChannel, query: str, subjects: set[str]
) -> None:
    make_delivery(channel, subject="All good")
    make_delivery(channel, "failed", subject="Broken", address="dan@northwind.example")
    page = olga.get(f"{LIST}?{query}").context["page"]
    assert {row.subject for row in page} == subjects


def test_the_list_takes_as_many_queries_for_fifty_rows_as_for_two(
    olga: Client, channel: NotificationChannel
) -> None:
    for _ in range(2):
        make_delivery(channel)
    few = queries_of(olga, LIST)
    for _ in range(60):
        make_delivery(channel)
    assert queries_of(olga, LIST) == few


def test_a_refresh_of_an_unchanged_list_is_cheap(
    olga: Client, channel: NotificationChannel
) -> None:
    tag = olga.get(LIST, headers={"HX-Request": "true"})["ETag"]
    poll = {"HX-Request": "true", "If-None-Match": tag}
    assert olga.get(LIST, headers=poll).status_code == 304
    make_delivery(channel)
    assert olga.get(LIST, headers=poll).status_code == 200


def test_what_the_filters_select_is_exported(olga: Client, channel: NotificationChannel) -> None:
    make_delivery(channel, subject="=cmd()")
    make_delivery(channel, "failed", subject="Broken")
    csv = b"".join(olga.get(f"{LIST}?export=csv")).decode()
    assert "'=cmd()" in csv
    rows = json.loads(b"".join(olga.get(f"{LIST}?export=json&status=failed")))
    assert [(row["subject"], row["status"]) for row in rows] == [("Broken", "failed")]


def test_the_page_shows_the_text_and_no_markup_of_it(
    olga: Client, channel: NotificationChannel
) -> None:
    delivery = make_delivery(channel, text="<script>x</script>", html="<b>bold</b>")
    html = olga.get(url(delivery, "delivery")).content.decode()
    assert "&lt;script&gt;x" in html
    assert "<b>bold" not in html
    assert "data-live-final" in html


def test_a_failed_one_says_why_and_is_sent_again(
    olga: Client, channel: NotificationChannel
) -> None:
    delivery = make_delivery(channel, "failed", error="The mail server is away.", tries=12)
    assert "The mail server is away." in olga.get(url(delivery, "delivery")).content.decode()
    html = olga.post(url(delivery, "delivery-retry"), follow=True).content.decode()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.tries) == ("queued", 0)
    assert "It is queued again" in html


def test_a_waiting_one_is_kept_back(olga: Client, channel: NotificationChannel) -> None:
    delivery = make_delivery(channel, "queued")
    olga.post(url(delivery, "delivery-cancel"))
    delivery.refresh_from_db()
    assert delivery.status == "cancelled"
    assert AuditEvent.objects.filter(action="scheduling.delivery.cancelled").exists()


@pytest.mark.parametrize("verb", ["retry", "cancel"])
def test_a_sent_one_is_neither_sent_again_nor_kept_back(
    olga: Client, channel: NotificationChannel, verb: str
) -> None:
    delivery = make_delivery(channel, "sent")
    page = olga.get(url(delivery, "delivery")).content.decode()
    assert reverse(f"delivery-{verb}", args=[delivery.pk]) not in page
    html = olga.post(url(delivery, f"delivery-{verb}"), follow=True).content.decode()
    assert "cannot become" in html


def test_one_on_its_way_cannot_be_kept_back(olga: Client, channel: NotificationChannel) -> None:
    html = olga.get(url(make_delivery(channel, "sending"), "delivery")).content.decode()
    assert "It is being sent this very moment." in html


def test_a_subject_elsewhere_is_not_linked(olga: Client, channel: NotificationChannel) -> None:
    delivery = make_delivery(channel, subject_url="https://elsewhere.example/")
    assert "elsewhere.example" not in olga.get(url(delivery, "delivery")).content.decode()


def test_a_stranger_finds_nothing(
    client: Client, stranger: User, channel: NotificationChannel
) -> None:
    client.force_login(stranger)
    assert client.get(url(make_delivery(channel), "delivery")).status_code == 404
    assert client.get(url(channel, "channel-edit")).status_code == 404
    assert client.post(url(channel, "channel-test")).status_code == 404


# --- Channels ---------------------------------------------------------------------------


def test_a_channel_is_made_of_addresses_on_lines(olga: Client, operator: User) -> None:
    sent = {"name": "Night shift", "recipients": "a@northwind.example\nB@Northwind.example, "}
    assert olga.post("/channels/new/", sent)["Location"] == CHANNELS
    made = NotificationChannel.objects.get()
    assert made.recipients == ["a@northwind.example", "b@northwind.example"]
    assert made.owner == operator


def test_a_wrong_address_is_named(olga: Client) -> None:
    sent = {"name": "x", "recipients": "a@northwind.example\nnobody"}
    answer = olga.post("/channels/new/", sent)
    assert answer.status_code == 400
    assert "&#x27;nobody&#x27; is no e-mail address." in answer.content.decode()


def test_a_taken_name_is_a_conflict_at_the_name(olga: Client, channel: NotificationChannel) -> None:
    sent = {"name": channel.name, "recipients": "a@northwind.example"}
    answer = olga.post("/channels/new/", sent)
    assert answer.status_code == 409
    assert 'id="id_name_error"' in answer.content.decode()


def test_a_channel_is_changed_and_switched_off(olga: Client, channel: NotificationChannel) -> None:
    sent = {"name": "On call", "recipients": "a@northwind.example"}
    olga.post(url(channel, "channel-edit"), sent)
    channel.refresh_from_db()
    assert (channel.recipients, channel.enabled) == (["a@northwind.example"], False)


def test_a_test_is_queued_and_shown(olga: Client, channel: NotificationChannel) -> None:
    answer = olga.post(url(channel, "channel-test"), follow=True)
    assert answer.request["QUERY_STRING"] == f"channel={channel.pk}"
    assert "2 test mails queued" in answer.content.decode()
    assert Delivery.objects.filter(channel=channel).count() == 2


def test_opt_outs_of_its_addresses_are_shown(olga: Client, channel: NotificationChannel) -> None:
    OptOut.objects.create(address="dan@northwind.example", channel=channel)
    OptOut.objects.create(address="olga@northwind.example")
    OptOut.objects.create(address="nobody@northwind.example")
    (row,) = olga.get(CHANNELS).context["rows"]
    assert row.optouts == 2
    html = olga.get(url(channel, "channel-edit")).content.decode()
    assert "this channel," in html
    assert "all mail of the portal," in html
    assert "nobody@northwind.example" not in html


def test_a_channel_in_use_is_not_deleted(
    olga: Client, operator: User, channel: NotificationChannel
) -> None:
    make_automation(operator, "Count", channel=channel)
    answer = olga.post(url(channel, "channel-delete"))
    assert answer.status_code == 409
    assert "This channel is used by Count." in answer.content.decode()


def test_deleting_says_what_is_kept_back(olga: Client, channel: NotificationChannel) -> None:
    make_delivery(channel, "queued")
    assert "1 message that waits" in olga.get(url(channel, "channel-delete")).content.decode()
    olga.post(url(channel, "channel-delete"))
    assert not NotificationChannel.objects.exists()
    assert Delivery.objects.get().status == "cancelled"


def test_a_viewer_makes_no_channel(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    assert "This needs the role Operator." in client.get(CHANNELS).content.decode()
    assert client.get("/channels/new/").status_code == 403


def test_the_list_of_channels_takes_as_many_queries_for_many_as_for_two(
    olga: Client, operator: User
) -> None:
    for number in range(2):
        make_channel(operator, f"Channel {number}")
    few = queries_of(olga, CHANNELS)
    for number in range(2, 12):
        make_channel(operator, f"Channel {number}")
    assert queries_of(olga, CHANNELS) == few
