"""Visits of pages, as tests make them."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common.models import User


def html_of(client: Client, user: User, url: str) -> str:
    """The page `user` sees at `url`; it must be there."""
    client.force_login(user)
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def queries_of(client: Client, url: str) -> int:
    """How many SQL queries the page takes."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)
