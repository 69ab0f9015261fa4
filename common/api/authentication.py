"""Signing in to the API: by token, in a Token or a Basic header. Account passwords never work.

A password check costs a fifth of a second of one core on purpose, which is right for a login
page and wrong for a program that calls a hundred times a minute.
"""

from __future__ import annotations

import base64
import binascii
from typing import ClassVar

from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from common import access, tokens
from common.models import ApiToken, User


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token bop_…`; Bearer is understood too."""

    words: ClassVar[tuple[bytes, ...]] = (b"token", b"bearer")

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        word, _, rest = get_authorization_header(request).partition(b" ")
        if word.lower() not in self.words:
            return None
        plain, email = self.read(rest.strip())
        return sign_in(request, plain, email)

    def read(self, rest: bytes) -> tuple[str, str | None]:
        """The token of the header and, for Basic, the e-mail address beside it."""
        return rest.decode("ascii", "replace"), None

    def authenticate_header(self, request: Request) -> str:
        return 'Token realm="portal"'


class BasicTokenAuthentication(TokenAuthentication):
    """`Authorization: Basic …` with an e-mail address and a token in place of a password."""

    words = (b"basic",)

    def read(self, rest: bytes) -> tuple[str, str | None]:
        try:
            pair = base64.b64decode(rest, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            pair = ""
        email, colon, plain = pair.partition(":")
        if not colon:
            raise exceptions.AuthenticationFailed("The Basic header is not base64 of email:token.")
        return plain, email

    def authenticate_header(self, request: Request) -> str:
        return 'Basic realm="portal"'


def sign_in(request: Request, plain: str, email: str | None) -> tuple[User, ApiToken]:
    """Check the token and tell the request what it may do. Raises BadToken or NotAllowed."""
    user, token = tokens.authenticate(plain, email=email)
    # On the request below, so that pages and middleware build the same Actor as the API does.
    request._request.token_scopes = tokens.scopes(token)  # type: ignore[attr-defined]
    if token.scope == ApiToken.Scope.READ and request.method not in SAFE_METHODS:
        raise access.refusal(access.READ_ONLY)
    return user, token
