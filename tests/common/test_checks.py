import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from common import checks
from common.crypto import generate_key


def ids(found: list[object]) -> list[str]:
    return [str(message.id) for message in found]


def test_the_shipped_settings_pass() -> None:
    assert [message for message in run_checks() if str(message.id).startswith("portal.")] == []


def test_a_malformed_encryption_key_stops_the_start(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = ["short"]
    assert ids(checks.keys_are_well_formed(None)) == ["portal.E001"]


def test_a_short_audit_key_stops_the_start(settings: Settings) -> None:
    settings.AUDIT_KEY = "x"
    assert ids(checks.keys_are_well_formed(None)) == ["portal.E002"]


def test_one_key_for_two_ends_is_warned_of(settings: Settings) -> None:
    key = generate_key()
    settings.AUDIT_KEY, settings.ENCRYPTION_KEYS = key, [key]
    assert ids(checks.keys_are_well_formed(None)) == ["portal.W001"]


@pytest.mark.parametrize(("retry", "wrong"), [(369, True), (370, False)])
def test_the_queue_must_not_deliver_twice(settings: Settings, retry: int, wrong: bool) -> None:
    rule = {"workers": 2, "queue_limit": 2, "timeout": 120, "retry": retry}
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, **rule}
    assert (ids(checks.queue_cannot_deliver_twice(None)) == ["portal.E003"]) is wrong


def test_a_slice_must_fit_the_queue(settings: Settings) -> None:
    settings.JOB_SLICE_SECONDS = settings.Q_CLUSTER["timeout"]
    assert ids(checks.slices_fit_the_queue(None)) == ["portal.E004"]


def test_a_late_heartbeat_must_not_lose_the_lease(settings: Settings) -> None:
    settings.JOB_LEASE_SECONDS, settings.JOB_HEARTBEAT_SECONDS = 10, 6
    assert ids(checks.slices_fit_the_queue(None)) == ["portal.E005"]


def test_https_without_a_known_proxy_is_warned_of(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert ids(checks.https_ends_somewhere(None)) == ["portal.W002"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert checks.https_ends_somewhere(None) == []
