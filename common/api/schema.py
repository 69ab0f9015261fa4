"""What the OpenAPI document says for every operation: the error shape and the 202 answer."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers


class ErrorSerializer(serializers.Serializer[Any]):
    """The one shape of every error."""

    code = serializers.CharField(help_text="Stable, for programs.")
    message = serializers.CharField(help_text="One sentence for people.")
    hint = serializers.CharField(help_text="The way out; may be empty.")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Faults by field, when a form or filter was wrong.",
    )
    request_id = serializers.CharField(help_text="Quote it when you ask for help.")


class AcceptedSerializer(serializers.Serializer[Any]):
    """A job that will do the work; ask its address how far it is."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    status = serializers.CharField()
    url = serializers.CharField(help_text="Where to ask; also in the Location header.")


ACCEPTED = OpenApiResponse(AcceptedSerializer, description="Accepted; a job does it.")
ERRORS = {
    "400": "The request is wrong.",
    "401": "Not signed in.",
    "403": "You may not do this.",
    "404": "It does not exist, or not for you.",
    "409": "Too late, or changed meanwhile.",
    "413": "The body of the request is too large.",
    "415": "The body is of a kind that is not read here.",
}


# What the columns of the databases hold: true of one database, not of the API.
COLUMN_BOUNDS = frozenset({32_767, 2**31 - 1, 2**63 - 1, -32_768, -(2**31), -(2**63)})


class PortalSchema(AutoSchema):
    """Adds the error answers an operation can give to what drf-spectacular finds."""

    def _insert_min_max(self, field: Any, content: dict[str, Any]) -> None:
        super()._insert_min_max(field, content)
        _forget_column_bounds(content)

    def _insert_field_validators(self, field: Any, schema: dict[str, Any]) -> None:
        super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]
        _forget_column_bounds(schema)

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        answer_of: Any = self._get_response_for_code
        for code in self._error_codes():
            if code not in bodies:
                answer = OpenApiResponse(ErrorSerializer, description=ERRORS[code])
                bodies[code] = answer_of(answer, code, None, direction)
        return bodies

    def _error_codes(self) -> list[str]:
        codes = ["400", "401", "403"]
        if "{" in self.path:
            codes.append("404")
        if self.method not in {"GET", "HEAD", "OPTIONS"}:
            codes.append("409")
        if self.method in {"POST", "PUT", "PATCH"} and self.get_request_serializer():
            codes += ["413", "415"]
        return codes


def _forget_column_bounds(schema: dict[str, Any]) -> None:
    """The document is one and the same, whatever database the portal runs on."""
    for name in ("maximum", "minimum"):
        if schema.get(name) in COLUMN_BOUNDS:
            del schema[name]
