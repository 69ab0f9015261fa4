from urllib3 import exceptions as urllib3_errors

from boomi.client.failures import backoff, transport_failure


def test_a_name_that_is_unknown_is_told_from_a_refused_connection():
    lost = urllib3_errors.NameResolutionError("api.invalid", None, OSError(-2, "unknown"))
    found = transport_failure(
        OSError(urllib3_errors.MaxRetryError(None, "/", lost)), "api.invalid", {}
    )
    assert (found.code, found.message) == (
        "HOST_UNKNOWN",
        "The host name api.invalid cannot be resolved.",
    )


def test_the_system_s_reason_is_part_of_the_sentence():
    refused = urllib3_errors.NewConnectionError(None, "no")
    refused.__cause__ = ConnectionRefusedError(111, "Connection refused")
    found = transport_failure(refused, "host:1", {"path": "/x"})
    assert found.message == "host:1 does not accept connections (Connection refused)."
    assert (found.code, found.path) == ("CONNECTION_REFUSED", "/x")


def test_a_chain_that_bites_its_tail_is_walked_once():
    first, second = OSError("a"), OSError("b")
    first.__cause__, second.__cause__ = second, first
    assert transport_failure(first, "host", {}).code == "CONNECTION_DROPPED"


def test_pauses_always_grow():
    for _ in range(50):
        pauses = [backoff(attempt) for attempt in range(1, 6)]
        assert pauses == sorted(set(pauses))
        assert 0.25 <= pauses[0] <= 0.375
