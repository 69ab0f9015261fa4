"""Errors no view answered for: JSON in the one shape under /api/, a page elsewhere."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from common.api.exceptions import json_error
from common.errors import InputError, NotAllowed, NotFound, PortalError


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        error = InputError(
            "The portal could not read this request.",
            hint="Check the host name and the form of the request.",
        )
        return json_error(error, request)
    return defaults.bad_request(request, exception)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return json_error(NotAllowed("You may not do this."), request)
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        error = NotFound(
            "There is nothing at this address.",
            hint="Addresses end with a slash; /api/v1/docs/ lists them.",
        )
        return json_error(error, request)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if _is_api(request):
        error = PortalError(
            "The portal made a mistake.",
            hint="Try again; if it stays, tell an admin the request id.",
            code="INTERNAL_ERROR",
        )
        return json_error(error, request)
    return defaults.server_error(request)
