"""The page check itself: a sweep that cannot fail proves nothing."""

import pytest
from django.http import HttpResponse

from tests.sweeps.pages import faults

POLICY = "default-src 'self'; script-src 'self'"


def page(html: str, policy: str = POLICY) -> HttpResponse:
    headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(html, headers=headers)


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<script>x()</script>", "inline <script>"),
        ("<style>a{}</style>", "inline <style>"),
        ('<p style="color:red">', "style attribute on <p>"),
        ('<a onclick="x()">', "inline handler onclick on <a>"),
        ('<a href=" javascript:x()">', "inline handler href on <a>"),
        ('<script src="https://cdn.example/x.js"></script>', "<script> loads https"),
        ('<link rel="stylesheet" href="//cdn.example/x.css">', "<link> loads //cdn"),
    ],
)
def test_what_the_policy_would_block_is_found(html: str, fault: str) -> None:
    (found,) = faults(page(html))
    assert found.startswith(fault)


@pytest.mark.parametrize("policy", ["", "script-src 'self'", POLICY + " 'unsafe-inline'"])
def test_a_weak_policy_is_found(policy: str) -> None:
    assert faults(page("<p>x</p>", policy))


def test_a_clean_page_has_no_faults() -> None:
    html = '<script src="/static/a.js"></script><script type="application/json">{}</script>'
    assert faults(page(html)) == []
