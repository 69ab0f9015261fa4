from io import BytesIO

import pytest
import requests

from boomi.client import (
    BadAddress,
    ForeignHost,
    Missing,
    NotReady,
    Policy,
    Rejected,
    RuntimeUnavailable,
    Throttled,
    TooLarge,
    Unreachable,
)
from tests.boomi.client.conftest import DOWNLOAD


class OneWay(BytesIO):
    def seekable(self) -> bool:
        return False


def test_a_file_is_written_and_its_progress_told(platform, client, credentials):
    platform.get(DOWNLOAD, body=b"PK" * 100_000, content_type="application/zip")
    out, seen = BytesIO(), []
    found = client.download(DOWNLOAD, out, progress=lambda done, total: seen.append((done, total)))
    assert (found.status, found.bytes, found.content_type) == (200, 200_000, "application/zip")
    assert out.getvalue() == b"PK" * 100_000
    assert seen[-1][0] == 200_000
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert platform.calls[0].request.headers["Authorization"] == credentials.authorization


@pytest.mark.parametrize(("status", "body"), [(202, b"wait"), (204, b""), (200, b"")])
def test_a_file_that_is_not_there_yet_is_no_failure_and_not_waited_for(
    platform, client, passing, status, body
):
    once = platform.get(DOWNLOAD, status=status, body=body)
    with pytest.raises(NotReady) as caught:
        client.download(DOWNLOAD, BytesIO())
    assert (caught.value.status, once.call_count, passing.slept) == (status, 1, [])


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Rejected), (404, Missing), (410, RuntimeUnavailable), (504, RuntimeUnavailable)],
)
def test_a_file_that_will_not_come_is_not_asked_for_again(platform, client, status, kind):
    once = platform.get(DOWNLOAD, status=status)
    with pytest.raises(kind):
        client.download(DOWNLOAD, BytesIO())
    assert once.call_count == 1


@pytest.mark.parametrize("declared", [True, False])
def test_a_file_over_the_cap_ends_the_download(platform, client, declared):
    platform.get(DOWNLOAD, body=b"x" * 5000, auto_calculate_content_length=declared)
    out = BytesIO()
    with pytest.raises(TooLarge):
        client.download(DOWNLOAD, out, max_bytes=1000)
    assert len(out.getvalue()) <= 1000


def test_the_cap_of_the_policy_holds_without_one_of_the_caller(platform, make_client):
    platform.get(DOWNLOAD, body=b"x" * 5000)
    with pytest.raises(TooLarge):
        make_client(policy=Policy(max_download_bytes=1000)).download(DOWNLOAD, BytesIO())


def test_a_broken_transfer_starts_over_at_the_same_place(platform, client):
    platform.get(DOWNLOAD, body=b"half", headers={"Content-Length": "9"})
    platform.get(DOWNLOAD, body=b"the whole")
    out = BytesIO(b"head:")
    out.seek(5)
    assert client.download(DOWNLOAD, out).bytes == 9
    assert out.getvalue() == b"head:the whole"


def test_a_broken_transfer_into_a_pipe_is_not_repeated(platform, client):
    once = platform.get(DOWNLOAD, body=b"half", headers={"Content-Length": "9"})
    with pytest.raises(Unreachable):
        client.download(DOWNLOAD, OneWay())
    assert once.call_count == 1


def test_a_throttled_download_is_repeated(platform, client):
    platform.get(DOWNLOAD, status=503)
    platform.get(DOWNLOAD, body=requests.ReadTimeout())
    platform.get(DOWNLOAD, body=b"log")
    assert client.download(DOWNLOAD, BytesIO()).bytes == 3
    platform.get(DOWNLOAD, status=429, headers={"Retry-After": "60"})
    with pytest.raises(Throttled):
        client.download(DOWNLOAD, BytesIO())


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/api/download/ProcessLog-1",
        "https://api.boomi.com@evil.example/x",
        "http://api.boomi.com/x",
    ],
)
def test_a_foreign_address_is_refused_before_any_connection(platform, client, limiter, url):
    with pytest.raises((ForeignHost, BadAddress)):
        client.download(url, BytesIO())
    assert len(platform.calls) == 0
    assert limiter.purposes == []


def test_a_full_disk_passes_through_and_returns_the_lease(platform, client, limiter, calls):
    class Full(BytesIO):
        def write(self, chunk: bytes) -> int:
            raise OSError(28, "No space left on device")

    platform.get(DOWNLOAD, body=b"log")
    with pytest.raises(OSError, match="No space left"):
        client.download(DOWNLOAD, Full())
    assert limiter.held == 0
    assert calls[-1].error == "OSError"
