"""One shape for every error of the API: code, message, hint, fields when a form is wrong, and
the request id to quote. The last resort hides what happened and logs it under that id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from common.errors import InputError, NotAllowed, NotFound, PortalError, RemoteBusy
from common.logs import get_logger

log = get_logger(__name__)
CODES = {
    400: "INVALID_REQUEST",
    401: "NOT_SIGNED_IN",
    403: "NOT_ALLOWED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    413: "TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "TOO_MANY_REQUESTS",
}
HINTS = {
    401: "Send `Authorization: Token …`, or Basic with your e-mail address and a token.",
    403: "Ask an admin of the portal for the right.",
    404: "It may have been deleted or never was yours.",
}
CSRF_HINT = "With a session, send the X-CSRFToken header; programs send an access token instead."


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """What DRF calls for anything a view raised; always answers."""
    request = context.get("request")
    set_rollback()
    if isinstance(error, exceptions.APIException):
        return _framework_error(error, request)
    portal_error = _as_portal_error(error)
    if portal_error is None:
        log.error("api.bug", exc_info=error, path=getattr(request, "path", ""))
        portal_error = PortalError(
            "The portal made a mistake.",
            hint="Try again; if it stays, tell an admin the request id.",
            code="INTERNAL_ERROR",
        )
    response = Response(error_body(portal_error, request), status=portal_error.status)
    if isinstance(portal_error, RemoteBusy):
        response["Retry-After"] = str(max(1, round(portal_error.wait_seconds)))
    if portal_error.status == 401:
        response["WWW-Authenticate"] = 'Token realm="portal"'
    return response


def error_body(error: PortalError, request: Any = None) -> dict[str, object]:
    return _body(
        error.code, error.message, error.hint, error.fields, getattr(request, "request_id", "")
    )


def json_error(error: PortalError, request: HttpRequest) -> JsonResponse:
    """The same shape for addresses under /api/ that no view answers."""
    return JsonResponse(error_body(error, request), status=error.status)


class BodyTooLarge(InputError):
    status = 413
    default_code = "TOO_LARGE"


def _as_portal_error(error: Exception) -> PortalError | None:
    if isinstance(error, PortalError):
        return error
    if isinstance(error, RequestDataTooBig):
        return BodyTooLarge(
            "The body of the request is too large.",
            hint="Send less at once. A log is sent as the file of a multipart form.",
        )
    if isinstance(error, SuspiciousOperation):
        return InputError("The portal could not read this request.")
    if isinstance(error, Http404):
        return NotFound("This does not exist.", hint=HINTS[404])
    if isinstance(error, PermissionDenied):
        return NotAllowed("You may not do this.", hint=HINTS[403])
    if isinstance(error, ValidationError):
        fields = error.message_dict if hasattr(error, "error_dict") else {}
        return InputError(_summary(fields) or " ".join(error.messages), fields=fields)
    return None


def _framework_error(error: exceptions.APIException, request: Any) -> Response:
    status = error.status_code
    code = CODES.get(status, "REQUEST_FAILED")
    fields: dict[str, list[str]] = {}
    if isinstance(error, exceptions.ValidationError):
        fields = flat_fields(error.detail)
        message = _summary(fields)
    else:
        message = str(error.detail)
    hint = CSRF_HINT if message.startswith("CSRF Failed") else HINTS.get(status, "")
    response = Response(
        _body(code, message, hint, fields, getattr(request, "request_id", "")), status=status
    )
    if getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        response["Retry-After"] = str(int(error.wait) + 1)  # type: ignore[attr-defined]
    return response


def flat_fields(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """{"a": [..], "b.0.c": [..]} of DRF's nested error detail; errors of no field are under ""."""
    if isinstance(detail, Mapping):
        parts: dict[str, list[str]] = {}
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            parts.update(flat_fields(inner, ".".join(p for p in (prefix, own) if p)))
        return parts
    if isinstance(detail, list) and any(isinstance(item, (Mapping, list)) for item in detail):
        parts = {}
        for number, inner in enumerate(detail):
            parts.update(flat_fields(inner, f"{prefix}.{number}".strip(".")))
        return parts
    texts = detail if isinstance(detail, list) else [detail]
    return {prefix: [str(text) for text in texts]} if texts else {}


def _summary(fields: Mapping[str, list[str]]) -> str:
    """One sentence for the whole: the first fault with the name of its field."""
    for name, texts in fields.items():
        return f"{name}: {texts[0]}" if name and name != "__all__" else texts[0]
    return ""


def _body(
    code: str, message: str, hint: str, fields: Mapping[str, list[str]], request_id: str
) -> dict[str, object]:
    body: dict[str, object] = {"code": code, "message": message, "hint": hint}
    if fields:
        body["fields"] = dict(fields)
    return {**body, "request_id": request_id}
