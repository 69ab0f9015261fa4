"""What a job says, on its way into columns: masked, storable on every database, cut to size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from common.logs import mask_text


def storable(text: str, limit: int) -> str:
    """`text` without credentials, at most `limit` characters long, for every database."""
    masked = mask_text(encodable(text))
    return masked if len(masked) <= limit else masked[: limit - 1] + "…"


def encodable(text: str) -> str:
    """`text` without NUL and lone surrogates: real process logs contain both, and PostgreSQL
    refuses them."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def plain_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of `values` as a later slice would read them back: dates as text, no aliases.

    Raises TypeError for what JSON cannot say.
    """
    copy = json.loads(json.dumps(dict(values), cls=DjangoJSONEncoder))
    return dict(copy)
