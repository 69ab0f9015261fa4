import pytest

from analysis.engine.masking import (
    TEMPLATE_LIMIT,
    fingerprint,
    http_code,
    http_phrase,
    root_cause,
    template_of,
)


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("Order 4711 of 2 failed", "Order <n> of <n> failed"),
        ("ORD-2026-0042", "ORD-<n>-<n>"),
        ("Error message received from Http Server, Code 409: Conflict", None),
        ("refused: [401] Unauthorized", None),
        ("id 0c9d2f5e-7a31-4b8e-9d40-1f2e3d4c5b6a gone", "id <id> gone"),
        ("key deadbeef01 and feed", "key <id> and feed"),
        ("at 2026-04-14T06:00:00Z", "at <time>"),
        ("since 2026-04-14", "since <time>"),
        ("mail ana.b@example.com now", "mail <email> now"),
        ("host 10.0.0.7:8443", "host <ip>:<n>"),
        ("1,204.50 EUR", "<n> EUR"),
        ("two  blanks\tand\nlines", "two blanks and lines"),
        ("no digits", None),
    ],
)
def test_what_varies_is_masked(text, template):
    assert template_of(text) == (template or text)


def test_a_template_is_short_whatever_the_text():
    assert len(template_of("word " * 10_000)) == TEMPLATE_LIMIT


@pytest.mark.parametrize(
    ("text", "code", "phrase"),
    [
        ("Error message received from Http Server, Code 409: Conflict", 409, "Conflict"),
        ("caught X: [404] Not Found", 404, "Not Found"),
        ("HTTP/1.1 503 Service Unavailable", 503, ""),
        ("HTTP status 500", 500, ""),
        ("status code: 429", 429, ""),
        ("Order 404 not found", None, ""),
        ("Error code 500 of the database", None, ""),
        ("[200] OK", None, ""),
        ("", None, ""),
    ],
)
def test_the_http_status_is_read_where_one_is_meant(text, code, phrase):
    assert (http_code(text), http_phrase(text)) == (code, phrase)


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("A; Caused by: B; Caused by: c.d.E: C", "C"),
        ("java.net.ConnectException: Connection refused", "Connection refused"),
        ("com.example.Deep$Inner: boom", "boom"),
        ("java.lang.NullPointerException", "java.lang.NullPointerException"),
        ("Order 7: java.x.Y: no", "Order 7: java.x.Y: no"),
        ("A; Caused by: ", "A; Caused by:"),
        ("plain", "plain"),
    ],
)
def test_the_root_is_the_last_cause_without_its_class(text, root):
    assert root_cause(text) == root


def test_a_fingerprint_is_of_template_and_status():
    marks = {fingerprint("a", None), fingerprint("a", 404), fingerprint("b", 404)}
    assert len(marks) == 3
    assert all(len(mark) == 16 for mark in marks)
