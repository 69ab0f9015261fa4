"""Answers to queries, page by page, and the tokens between them.

Where nobody knows how the platform does it, switches choose (`sandbox.faults`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sandbox import wire
from sandbox.clock import Clock
from sandbox.faults import FaultBox
from sandbox.query import Query
from sandbox.results import Page, Token, UsedTokens, read_token, write_token
from sandbox.shapes import Shape
from sandbox.wire import Answer, BadRequest

PAGE_GONE = "The queryToken is invalid."


class Paging:
    """`secret` signs the tokens, so that only a sandbox with the same seed takes them."""

    def __init__(self, secret: bytes, clock: Clock, box: FaultBox) -> None:
        self._secret = secret
        self._clock = clock
        self._box = box
        self._used = UsedTokens()

    def first(self, shape: Shape, account: str, query: Query, total: int) -> Token:
        """The token of a new query, before its first page."""
        return Token(shape.name, account, query, (), total, self._issued())

    def read(self, body: bytes, shape: Shape, account: str) -> Token:
        """The token of a queryMore. Raises BadRequest for one that does not hold (any more)."""
        text = body.decode("latin-1").strip()
        token = read_token(text, self._secret)
        faults = self._box.faults
        age = self._clock.now().timestamp() - token.issued
        if (token.shape, token.account) != (shape.name, account):
            raise BadRequest(PAGE_GONE)
        if faults.token_seconds and age > faults.token_seconds:
            raise BadRequest(PAGE_GONE)
        if faults.single_use_tokens and not self._used.first_time(text):
            raise BadRequest(PAGE_GONE)
        return token

    def _issued(self, before: float = 0.0) -> float:
        """The time of a new token; the one before it, as long as nothing depends on it."""
        faults = self._box.faults
        fresh = faults.single_use_tokens or faults.token_seconds or not before
        return self._clock.now().timestamp() if fresh else before

    def answer(
        self, shape: Shape, page: Page, bodies: Sequence[str], token: Token, *, as_json: bool
    ) -> Answer:
        """One page of `bodies`; `token` is that of the query so far."""
        text = None
        if page.last is not None:
            following = replace(token, after=page.last, issued=self._issued(token.issued))
            text = write_token(following, self._secret)
        faults = self._box.faults
        total = len(bodies) if faults.page_totals else page.total
        return wire.page(
            shape, bodies, total, text, as_json=as_json, bare_empty=faults.bare_empty
        )  # fmt: skip
