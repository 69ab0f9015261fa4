"""Takes credentials out of any text that may be kept, shown or logged.

Known secrets are replaced wherever they stand; header lines, basic-auth blobs,
addresses with user information and secret-looking parameters are found by form.
Redact first and shorten afterwards: a cut through a secret would leave half of it.
"""

import re
from base64 import b64decode
from collections.abc import Iterable
from urllib.parse import quote

MASK = "[removed]"
SHORTEST_SECRET = 4

# "Qk9PTUlfVE9LRU4u" is base64 of "BOOMI_TOKEN.": twelve bytes, so no padding blurs it.
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)(authorization[\"']?\s*[:=]\s*[\"']?)[^\r\n\"',;}]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)\b(bearer)\s+[A-Za-z0-9+/=._~-]{16,}"), rf"\1 {MASK}"),
    (re.compile(r"Qk9PTUlfVE9LRU4u[A-Za-z0-9+/=_-]*"), MASK),
    (re.compile(r"(?i)(BOOMI_TOKEN\.[^\s:\"'<>]+:)[^\s\"'<>]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://)[^/\s?#\"'<>]*@"), rf"\1{MASK}@"),
    (
        re.compile(
            r"(?i)([?&;](?:[a-z0-9_-]*(?:token|password|passwd|secret|signature|apikey|api_key)"
            r"|sig|key|code)=)[^&\s\"'<>#]+"
        ),
        rf"\1{MASK}",
    ),
    (
        re.compile(r"(?i)([\"'](?:[a-z_-]*(?:password|secret|token))[\"']\s*:\s*[\"'])[^\"']+"),
        rf"\1{MASK}",
    ),
)
_BASIC = re.compile(r"(?i)\b(basic)\s+([A-Za-z0-9+/_-]{4,}={0,2})")


def _mask_basic(found: re.Match[str]) -> str:
    # "Basic" is also an ordinary word: only what decodes to name:password is a credential.
    blob = found[2].replace("-", "+").replace("_", "/").rstrip("=")
    try:
        pair = b64decode(blob + "=" * (-len(blob) % 4))
    except ValueError:
        return found[0]
    return f"{found[1]} {MASK}" if b":" in pair else found[0]


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without the given secrets and without anything shaped like a credential.

    Each secret is also looked for URL-quoted, in any case, and without its padding.
    Secrets shorter than four characters are left out: they would tear words apart.
    """
    known = {s for s in secrets if len(s.rstrip("=")) >= SHORTEST_SECRET}
    known |= {s.rstrip("=") for s in known} | {quote(s, safe="") for s in known}
    for secret in sorted(known, key=len, reverse=True):
        # Host names come back in lower case.
        text = re.sub(re.escape(secret), MASK, text, flags=re.IGNORECASE)
    for pattern, replacement in _FORMS:
        text = pattern.sub(replacement, text)
    return _BASIC.sub(_mask_basic, text)
