from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from common import tokens
from common.actors import Actor
from common.models import User

Caller = Callable[..., APIClient]


@pytest.fixture
def caller() -> Caller:
    """An API client that signs in with a fresh token of the given user."""

    def make(user: User, scope: str = "write") -> APIClient:
        _, plain = tokens.issue(
            user, name="test", scope=scope, expires_at=None, actor=Actor.person(user)
        )
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {plain}")
        return client

    return make
