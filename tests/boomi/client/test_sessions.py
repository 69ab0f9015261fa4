import os

import pytest

from boomi.client import sessions
from boomi.client.hosts import read_address
from boomi.client.sessions import session_for

ORIGIN = read_address("https://api.boomi.com")[0]


def test_one_session_serves_one_origin():
    assert session_for(ORIGIN) is session_for(ORIGIN)
    assert session_for(ORIGIN) is not session_for(read_address("https://api.boomi.com:8443")[0])


def test_a_session_follows_no_redirect_even_when_asked_to(platform):
    platform.get(f"{ORIGIN.url}/x", status=302, headers={"Location": "https://evil.example/"})
    found = session_for(ORIGIN).get(f"{ORIGIN.url}/x", allow_redirects=True)
    assert (found.status_code, found.history) == (302, [])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_opens_its_own_connections():
    session_for(ORIGIN)
    child = os.fork()
    if child == 0:
        os._exit(len(sessions._sessions))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
