"""Query strings: every filter, order and page of a list lives in its address."""

from collections.abc import Mapping

from django.http import HttpRequest


def with_changes(request: HttpRequest, changes: Mapping[str, object]) -> str:
    """The current query string with `changes`; None or "" drops a key.

    Any change but one of the page itself drops the page, which would point elsewhere.
    Returns "?a=1", or the bare path when nothing is left.
    """
    query = request.GET.copy()
    query.pop("live", None)
    if "page" not in changes:
        query.pop("page", None)
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else request.path
