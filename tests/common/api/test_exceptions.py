import json
import logging

import pytest
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    ValidationError,
)
from django.http import Http404
from django.test import Client
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from common.api.exceptions import exception_handler, flat_fields
from common.errors import Conflict, InputError, PortalError, RemoteBusy


def handle(error: Exception) -> tuple[int, dict[str, object]]:
    request = Request(APIRequestFactory().get("/api/v1/x/"))
    request._request.request_id = "abc12345"
    answer = exception_handler(error, {"request": request})
    return answer.status_code, json.loads(json.dumps(answer.data))


CASES = [
    (InputError("Wrong.", hint="Mend it."), 400, "INVALID_REQUEST"),
    (Conflict("Too late."), 409, "CONFLICT"),
    (RemoteBusy("Wait.", wait_seconds=3), 503, "API_RATE_LIMIT"),
    (Http404("secret path"), 404, "NOT_FOUND"),
    (PermissionDenied("x"), 403, "NOT_ALLOWED"),
    (ValidationError({"name": ["Too long."]}), 400, "INVALID_REQUEST"),
    (exceptions.NotAuthenticated(), 401, "NOT_SIGNED_IN"),
    (exceptions.MethodNotAllowed("PUT"), 405, "METHOD_NOT_ALLOWED"),
    (exceptions.ParseError("JSON parse error"), 400, "INVALID_REQUEST"),
    (exceptions.UnsupportedMediaType("text/x"), 415, "UNSUPPORTED_MEDIA_TYPE"),
    (exceptions.Throttled(wait=2.2), 429, "TOO_MANY_REQUESTS"),
    (exceptions.NotFound(), 404, "NOT_FOUND"),
    (RequestDataTooBig("exceeded settings.X"), 413, "TOO_LARGE"),
    (TooManyFieldsSent("exceeded settings.X"), 400, "INVALID_REQUEST"),
    (SuspiciousOperation("x"), 400, "INVALID_REQUEST"),
    (ValueError("the token is hunter2"), 500, "INTERNAL_ERROR"),
]


@pytest.mark.parametrize(("error", "status", "code"), CASES)
def test_every_error_has_the_one_shape(error: Exception, status: int, code: str) -> None:
    answer_status, body = handle(error)
    assert (answer_status, body["code"]) == (status, code)
    assert {"code", "message", "hint", "request_id"} <= set(body)
    assert body["message"]
    assert body["request_id"] == "abc12345"


def test_a_bug_hides_what_happened_and_logs_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        _, body = handle(ValueError("secret detail"))
    assert "secret detail" not in json.dumps(body)
    assert "api.bug" in caplog.text


def test_the_wait_is_also_in_the_header() -> None:
    answer = exception_handler(RemoteBusy("Wait.", wait_seconds=2.6), {})
    assert answer["Retry-After"] == "3"


def test_fields_of_a_wrong_form_are_named() -> None:
    class Form(serializers.Serializer[object]):
        name = serializers.CharField()
        rows = serializers.ListField(child=serializers.IntegerField())

    form = Form(data={"rows": [1, "x"]})
    assert not form.is_valid()
    _, body = handle(exceptions.ValidationError(form.errors))
    assert set(body["fields"]) == {"name", "rows.1"}  # type: ignore[call-overload]
    assert str(body["message"]).startswith("name: ")


def test_nested_detail_becomes_flat() -> None:
    detail = {"a": {"non_field_errors": ["x"]}, "b": [{"c": ["y"]}, {}]}
    assert flat_fields(detail) == {"a": ["x"], "b.0.c": ["y"]}


def test_the_status_of_a_portal_error_is_kept() -> None:
    assert handle(PortalError("Broken."))[0] == 500


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/nothing", "/api/v1/me"])
@pytest.mark.django_db
def test_an_unknown_address_under_the_api_answers_json(path: str) -> None:
    answer = Client().get(path, follow=False)
    if answer.status_code == 301:
        assert path == "/api/v1/me"
        return
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_a_session_without_the_token_of_a_page_is_told_what_is_missing() -> None:
    _, body = handle(exceptions.PermissionDenied("CSRF Failed: CSRF token missing."))
    assert "X-CSRFToken" in str(body["hint"])
