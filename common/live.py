"""Pages that renew themselves: the same address answers with its live part and an ETag.

static/portal/live.js asks with the header HX-Request; `?live=1` does the same by hand.
"""

import hashlib
import re

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

# A form's token is masked anew each time it is written, and relative times are renewed by
# the browser itself: neither is news.
_NOT_NEWS = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|data-relative>[^<]*<', re.ASCII)


def is_live(request: HttpRequest) -> bool:
    """Whether only the live part of the page is wanted."""
    return request.headers.get("HX-Request") == "true" or request.GET.get("live") == "1"


def render_live(
    request: HttpRequest, page: str, part: str, context: dict[str, object]
) -> HttpResponse:
    """Render the template `page`, or only `part` for a live request; 304 when nothing changed.

    `part` holds the element with data-live and is included by `page`.
    """
    live = is_live(request)
    html = render_to_string(part if live else page, context, request=request)
    response = HttpResponse(html)
    if live:
        etag = f'"{hashlib.sha256(_NOT_NEWS.sub("", html).encode()).hexdigest()[:32]}"'
        if request.headers.get("If-None-Match") == etag:
            response = HttpResponseNotModified()
        response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response
