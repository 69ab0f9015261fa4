"""Cheap refreshes of pages that stand open: nothing is rendered while nothing changed.

live.js reads the address of the page again every few seconds and sends the ETag it got. The
tag is made of a few cheap values instead of the rendered page, whose tokens differ each time.
"""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from common.actors import Actor

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
Stamp = Callable[Concatenate[Actor, P], object]
# What depends on the time alone, such as "the last 24 hours", is late by this much at most.
SECONDS = 60


def unless_unchanged(stamp: Stamp[P]) -> Callable[[View[P]], View[P]]:
    """Answer a refresh with 304 while `stamp(actor, **address)` says what it said before.

    `stamp` returns values that differ whenever what the page shows differs, in one or two
    cheap queries. The first visit of a page never asks it.
    """

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not is_refresh(request):
                return view(request, *args, **kwargs)
            actor = Actor.of(request)
            # Before the page is read: what changes in between is told by the next refresh.
            etag = _etag(request, actor, stamp(actor, *args, **kwargs))
            unchanged = get_conditional_response(request, etag=etag)
            if unchanged is not None:
                return unchanged
            response = view(request, *args, **kwargs)
            if response.status_code == 200:
                response["ETag"] = etag
            return response

        return answer

    return decorate


def is_refresh(request: HttpRequest) -> bool:
    """Whether live.js asks, not a person."""
    return request.method in {"GET", "HEAD"} and request.headers.get("HX-Request") == "true"


def _etag(request: HttpRequest, actor: Actor, stamp: object) -> str:
    who = (actor.user.pk if actor.user else None, actor.rank, sorted(actor.team_ids))
    values = (settings.VERSION, who, request.get_full_path(), int(time.time() // SECONDS), stamp)
    digest = hashlib.sha256(repr(values).encode()).hexdigest()
    return f'"{digest[:32]}"'
