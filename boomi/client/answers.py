"""Reads what came back: bodies within a cap, JSON objects, and errors with their reason.

The one place that turns a status and a body into an exception class. Error shapes:
`{"message"}`, `{"error": {"message"}}`, `{"errorMessage"}`, XML `<message>`, plain text;
HTML comes from whatever stands in front of the platform and says nothing to people.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from boomi.client.errors import (
    BoomiError,
    Broken,
    Details,
    Forbidden,
    Missing,
    Rejected,
    RuntimeUnavailable,
    Unauthorised,
)
from boomi.client.redaction import redact

EXCERPT_LENGTH = 2048
SAID_LENGTH = 500

JsonObject = dict[str, object]

_XML_MESSAGE = re.compile(r"<(?:\w+:)?message\b[^>]*>(.*?)</(?:\w+:)?message>", re.DOTALL | re.I)
_HTML = re.compile(r"^\s*(<!doctype html|<html)", re.I)
_BY_STATUS: dict[int, tuple[type[BoomiError], str]] = {
    400: (Rejected, "The platform refused the request"),
    401: (Unauthorised, "The platform refused the credentials"),
    403: (Forbidden, "The platform denied access"),
    404: (Missing, "The platform does not know this address"),
    410: (Missing, "The platform says this is gone"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete successful answer; `body` is decompressed and within the cap."""

    status: int
    content_type: str
    body: bytes
    details: Details


@dataclass(frozen=True, slots=True)
class Reason:
    """The platform's own words in an error body, redacted, and the start of the body."""

    said: str
    excerpt: str


def read_reason(body: bytes, secrets: Sequence[str]) -> Reason:
    """Find the sentence in an error body of any of the known shapes."""
    # Redact before shortening: half a token would not be recognised any more.
    text = redact(_printable(body.decode("utf-8", "replace")), secrets)
    said = _from_json(text) or _from_xml(text) or ("" if _looks_like_markup(text) else text)
    said = redact(" ".join(_printable(said).split()), secrets)
    return Reason(said[:SAID_LENGTH], text[:EXCERPT_LENGTH])


def _printable(text: str) -> str:
    """Without NUL and lone surrogates, which no column takes; JSON can spell both."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def with_stop(said: str) -> str:
    """The platform's words with a full stop, as they end a sentence of ours."""
    return said if said.endswith((".", "!", "?", "…")) else f"{said}."


def _from_json(text: str) -> str:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if isinstance(found, str):
        return found
    if not isinstance(found, dict):
        return ""
    nested = found.get("error")
    candidates = [
        found.get("message"),
        nested.get("message") if isinstance(nested, dict) else nested,
        found.get("errorMessage"),
    ]
    return next((c for c in candidates if isinstance(c, str) and c.strip()), "")


def _from_xml(text: str) -> str:
    if _HTML.match(text):
        return ""
    found = _XML_MESSAGE.search(text)
    return unescape(found[1]) if found else ""


def _looks_like_markup(text: str) -> bool:
    return text.lstrip()[:1] in ("<", "{", "[")


def failure(status: int, reason: Reason, details: Details) -> BoomiError:
    """The exception for a failed status; throttling (429, 503) is decided by the sender."""
    kind, sentence = _BY_STATUS.get(status, (Rejected, "The platform refused the request"))
    if status >= 500:
        kind, sentence = Broken, "The platform failed to answer the request"
    elif status < 400:
        kind, sentence = Rejected, "The platform has moved this address elsewhere"
    ending = f": {with_stop(reason.said)}" if reason.said else "."
    details = {**details, "status": status, "said": reason.said, "excerpt": reason.excerpt}
    if status == 410:
        details["code"] = "GONE"
    return kind(f"{sentence} ({status}){ending}", **details)


def runtime_away(status: int, reason: Reason, details: Details) -> RuntimeUnavailable:
    """The error for a file whose runtime cannot be reached."""
    details = {**details, "status": status, "said": reason.said, "excerpt": reason.excerpt}
    return RuntimeUnavailable("The runtime that holds the file cannot be reached.", **details)


def read_object(answer: Answer, secrets: Sequence[str]) -> JsonObject:
    """The JSON object of a successful answer.

    Raises Broken when it is none, and Rejected for an error object sent with a
    success status, which Boomi's own scripts also look out for.
    """
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and found.get("@type") != "Error":
        return found
    reason = read_reason(answer.body[: 32 * EXCERPT_LENGTH], secrets)
    details: Details = {**answer.details, "excerpt": reason.excerpt, "said": reason.said}
    if isinstance(found, dict):
        raise Rejected(f"The platform refused the request: {with_stop(reason.said)}", **details)
    details["said"] = ""
    raise Broken("The platform's answer is not the JSON object it should be.", **details)
