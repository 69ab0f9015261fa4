"""Programs and browsers that are signed in as somebody."""

from django.test import Client
from rest_framework.test import APIClient

from common import tokens
from common.actors import Actor
from common.models import User


def program(user: User, scope: str = "write") -> APIClient:
    """An API client with a fresh token of the user."""
    actor = Actor.person(user)
    _, plain = tokens.issue(user, name="test", scope=scope, expires_at=None, actor=actor)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {plain}")
    return client


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
