"""Making texts comparable: the root of a chain of causes, its HTTP status, and its template.

A template is the text with times, identifiers and numbers masked, so that the same fault of two
documents or two runs reads the same. The rules are few and fixed: stored templates must not
change by themselves.
"""

import hashlib
import re
from functools import lru_cache

TEXT_LIMIT = 2_000
TEMPLATE_LIMIT = 300

_CAUSE = re.compile(r";?\s*Caused by: ")
_JAVA_CLASS = re.compile(r"(?:[a-z_]\w*\.)+[A-Z][\w$]*: (?=\S)")
_HTTP_CODE = re.compile(
    r"Http Server, Code (?P<server>[345]\d\d)\b"
    r"|\bHTTP(?:/\d(?:\.\d)?)?(?: (?:status|error|response))?(?: code)?[ :=]+(?P<http>[345]\d\d)\b"
    r"|\bstatus(?: code)?[ :=]+(?P<status>[345]\d\d)\b"
    r"|\[(?P<bracket>[45]\d\d)\]",
    re.IGNORECASE,
)
_HTTP_PHRASE = re.compile(r"(?:Code |\[)[345]\d\d(?:\]|:) (?P<phrase>[A-Z][A-Za-z '-]{1,40})")
_MASK = re.compile(
    r"(?P<code>\b(?:Code|HTTP(?:/\d(?:\.\d)?)?|status(?: code)?)[ :=]+[1-5]\d\d\b|\[[45]\d\d\])"
    r"|(?P<time>\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?)"
    r"|(?P<id>\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
    r"|\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,64}\b)"
    r"|(?P<email>[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+)"
    r"|(?P<ip>\b\d{1,3}(?:\.\d{1,3}){3}\b)"
    r"|(?P<n>\d+(?:[.,]\d+)*)",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"\s+")


def _masked(match: re.Match[str]) -> str:
    kind = match.lastgroup or "n"
    return match[0] if kind == "code" else f"<{kind}>"


@lru_cache(maxsize=2048)
def template_of(text: str) -> str:
    """`text` on one line with what varies masked, at most 300 characters. HTTP codes stay."""
    flat = _BLANKS.sub(" ", text[:TEXT_LIMIT]).strip()
    masked = _MASK.sub(_masked, flat)
    return masked if len(masked) <= TEMPLATE_LIMIT else masked[: TEMPLATE_LIMIT - 1] + "…"


@lru_cache(maxsize=2048)
def http_code(text: str) -> int | None:
    """The HTTP status from 300 to 599 a text names, or None."""
    match = _HTTP_CODE.search(text[:TEXT_LIMIT])
    return int(next(group for group in match.groups() if group)) if match else None


def http_phrase(text: str) -> str:
    """The words that follow the status in the text, such as `Conflict`; empty when none do."""
    match = _HTTP_PHRASE.search(text[:TEXT_LIMIT])
    return match["phrase"].strip() if match else ""


def root_cause(text: str) -> str:
    """The last cause of a chain `A; Caused by: B; Caused by: C`, without its Java class name."""
    last = _CAUSE.split(text[:TEXT_LIMIT])[-1].strip() or text[:TEXT_LIMIT].strip()
    return _JAVA_CLASS.sub("", last, count=1) if _JAVA_CLASS.match(last) else last


def fingerprint(template: str, code: int | None) -> str:
    """The identity of a cause across executions: 16 hexadecimal digits."""
    return hashlib.sha256(f"{code or ''}\n{template}".encode()).hexdigest()[:16]
