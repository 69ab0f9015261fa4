"""One pooled session per host for the whole process, safe to use from many threads.

Sessions hold no credentials and keep no cookies, so connections may share them. They
never follow a redirect: each hop has to pass the host rule first.
"""

import os
from http.cookiejar import DefaultCookiePolicy
from threading import Lock

import requests
from requests.adapters import HTTPAdapter

from boomi.client.hosts import Origin

CONNECTIONS_PER_HOST = 16


class PlainSession(requests.Session):
    """A session that never sees a redirect and never keeps a cookie."""

    def __init__(self) -> None:
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_connections=2, pool_maxsize=CONNECTIONS_PER_HOST, max_retries=0)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> None:
        # requests reads the whole body of a redirect even when told not to follow it.
        return None


_lock = Lock()
_sessions: dict[Origin, PlainSession] = {}


def session_for(origin: Origin) -> PlainSession:
    """The process-wide session of this scheme, host and port."""
    with _lock:
        if origin not in _sessions:
            _sessions[origin] = PlainSession()
        return _sessions[origin]


def _forget() -> None:
    # A forked child must not write into the sockets of its parent, whose lock may be held.
    global _lock
    _lock = Lock()
    _sessions.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
