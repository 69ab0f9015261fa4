"""/metrics: who may read it, that monitors understand it, and that its figures are true."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone
from prometheus_client import parser
from prometheus_client.openmetrics import parser as strict

from boomi.models import Account, CallCount, Circuit, Connection, SyncMark
from common import tokens
from common.actors import Actor
from common.models import User
from common.registry import registry
from config.env import Secrets
from scheduling import services as jobs
from scheduling.models import Delivery, JobRun, NotificationChannel
from scheduling.testing import drain
from tests.boomi import rows

pytestmark = pytest.mark.django_db
TOKEN = "only-for-tests-metrics"
OPENMETRICS = "application/openmetrics-text; version=1.0.0"
Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(autouse=True)
def token(settings) -> None:
    settings.METRICS_TOKEN = TOKEN


@pytest.fixture(autouse=True)
def only_own_checks(monkeypatch) -> None:
    monkeypatch.setattr(registry, "checks", {})


def read(given: str = TOKEN, word: str = "Bearer", **headers: str):
    authorization = {"authorization": f"{word} {given}"} if given else {}
    return Client().get("/metrics", headers={**authorization, **headers})


def figures() -> Figures:
    text = read().content.decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parser.text_string_to_metric_families(text)
        for sample in family.samples
    }


def figure(name: str, /, **labels: str) -> float | None:
    found = figures()
    return found.get((name, tuple(sorted(labels.items()))))


def count(**values: object) -> None:
    known: dict[str, object] = {
        "hour": timezone.now().replace(minute=0, second=0, microsecond=0), "service": "boomi",
        "account_id": "acme", "feature": "log.fetch", "purpose": "interactive",
        "outcome": "2xx", "final": True, "calls": 1,
    }  # fmt: skip
    CallCount.objects.create(**{**known, **values})


@pytest.fixture
def connection(operator: User) -> Connection:
    return rows.connect(operator, name='North "wind"\\\n')


def test_without_the_setting_there_is_nothing_for_strangers(settings, admin_user):
    settings.METRICS_TOKEN = ""
    assert read().status_code == read("").status_code == 404
    client = Client()
    client.force_login(admin_user)
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("given", ["", "wrong", TOKEN[:-1], f"{TOKEN}x", "bop_00000000_x"])
def test_a_wrong_token_is_told_what_to_send(given):
    answer = read(given)
    assert answer.status_code == 401
    assert "METRICS_TOKEN" in answer.content.decode()
    assert "portal_" not in answer.content.decode()


@pytest.mark.parametrize("setting", ["", TOKEN])
def test_the_api_token_of_an_admin_does_too(settings, admin_user, viewer, setting):
    settings.METRICS_TOKEN = setting
    for user, status in ((admin_user, 200), (viewer, 401 if setting else 404)):
        _, plain = tokens.issue(
            user, name="monitor", scope="read", expires_at=None, actor=Actor.person(user)
        )
        assert read(plain).status_code == status
        assert read(plain, "Token").status_code == status


def test_only_reading_is_possible():
    assert (
        Client().post("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 405
    )


def test_a_strict_reader_understands_it(connection):
    count()
    Circuit.objects.create(account_id="acme", state="half_open")
    text = read(accept=OPENMETRICS)
    assert text["Content-Type"].startswith("application/openmetrics-text")
    families = list(strict.text_string_to_metric_families(text.content.decode()))
    assert len(families) > 10
    assert all(family.documentation for family in families)
    assert all(family.name.startswith("portal_") for family in families)


def test_every_connection_is_there_with_state_and_since_when(connection):
    labels = {
        "service": "boomi", "connection": str(connection.pk), "name": connection.name,
        "account": connection.account.account_id,
    }  # fmt: skip
    assert figure("portal_connection_state", state="ok", **labels) == 1
    assert figure("portal_connection_state", state="failing", **labels) == 0
    since = figure("portal_connection_state_since_seconds", **labels)
    assert since == pytest.approx(connection.status_since.timestamp(), abs=1)


def test_calls_carry_service_account_purpose_and_ending():
    count(calls=5)
    count(calls=2, outcome="503", final=False)
    count(calls=1, outcome="503", purpose="background")
    count(service="toy", feature="", calls=4)
    sort = {"service": "boomi", "account": "acme", "feature": "log.fetch"}
    assert figure("portal_api_calls_total", outcome="2xx", **sort) == 5
    assert figure("portal_api_calls_total", outcome="503", **sort) == 3
    assert figure("portal_api_requests_total", **sort) == 6
    assert figure("portal_api_failures_total", **sort) == 1
    toy = {"service": "toy", "account": "acme", "feature": ""}
    assert figure("portal_api_requests_total", **toy) == 4


def test_quota_is_what_was_called_against_the_caps(connection, settings):
    settings.API_REQUESTS_PER_MINUTE = 50
    account = connection.account.account_id
    for seconds in (5, 20, 90, 4000):
        rows.make_call(account, at=timezone.now() - timedelta(seconds=seconds))
    used = {"service": "boomi", "account": account}
    assert figure("portal_api_quota_used", window="minute", **used) == 2
    assert figure("portal_api_quota_used", window="hour", **used) == 3
    assert figure("portal_api_quota_cap", service="boomi", window="minute") == 50
    assert figure("portal_api_quota_cap", service="boomi", window="hour") == 3000


def test_the_queue_is_as_deep_as_what_was_enqueued_and_drains(operator):
    for number in range(20):
        jobs.enqueue("tests.succeed", actor=Actor.person(operator), params={"n": number})
    depth = {"queue": JobRun.Queue.LATER.value, "state": "queued"}
    now = {**depth, "queue": JobRun.Queue.NOW.value}
    found = (figure("portal_jobs", **depth) or 0) + (figure("portal_jobs", **now) or 0)
    assert found == 20
    drain()
    assert figure("portal_jobs", **depth) == figure("portal_jobs", **now) == 0


@pytest.mark.parametrize(("state", "value"), [("closed", 0), ("half_open", 0.5), ("open", 1)])
def test_a_circuit_shows_its_state(state, value):
    Circuit.objects.create(account_id="acme", state=state)
    assert figure("portal_circuit_open", service="boomi", account="acme") == value


def test_a_platform_that_always_answered_has_a_closed_circuit(connection):
    account = connection.account.account_id
    assert figure("portal_circuit_open", service="boomi", account=account) == 0


def test_lag_is_the_age_of_the_mirror():
    account = Account.objects.create(account_id="acme")
    at = timezone.now() - timedelta(seconds=90)
    SyncMark.objects.create(account=account, kind="events", completed_at=at)
    SyncMark.objects.create(account=account, kind="folders")
    found = figure("portal_sync_lag_seconds", service="boomi", account="acme", kind="events")
    assert found == pytest.approx(90, abs=5)
    assert not [key for key in figures() if ("kind", "folders") in key[1]]


def test_deliveries_that_were_not_sent_are_counted(operator):
    channel = NotificationChannel.objects.create(name="Team", owner=operator)
    for number, status in enumerate(["queued", "failed", "failed", "sent"]):
        Delivery.objects.create(
            channel=channel, address="a@b.example", subject="x", status=status, key=str(number)
        )
    assert figure("portal_deliveries", state="failed") == 2
    assert figure("portal_deliveries", state="queued") == 1


def test_health_is_a_number_per_check():
    assert figure("portal_health", check="database") == 1


def test_the_number_of_queries_does_not_grow(connection, django_assert_max_num_queries):
    for number in range(30):
        count(account_id=f"account-{number}")
        account = Account.objects.create(account_id=f"account-{number}")
        SyncMark.objects.create(account=account, kind="events", completed_at=timezone.now())
    with django_assert_max_num_queries(16):
        read()


def test_a_short_token_is_refused_at_the_start(monkeypatch, tmp_path):
    secrets = Secrets(demo=True, store=tmp_path / "keys.json")
    monkeypatch.setenv("METRICS_TOKEN", "short")
    with pytest.raises(ImproperlyConfigured, match="16"):
        secrets.optional("METRICS_TOKEN")
    monkeypatch.delenv("METRICS_TOKEN")
    assert secrets.optional("METRICS_TOKEN") == ""
