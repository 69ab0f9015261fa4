"""Recording what happened: one inserted row in the caller's own transaction.

Nobody waits for the chain; `common.sealing` gives committed rows their place later.
Secrets are masked here by name, so that a caller who passes a whole form leaks nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from common.actors import Actor
from common.models import AuditEvent

MASK = "•••"
SECRET_WORDS = ("token", "password", "secret", "credential", "authorization", "private_key")
CONTENT_FIELDS = (
    "uid", "at", "actor_id", "actor_text", "via", "request_id", "action", "object_type",
    "object_id", "object_text", "before", "after", "note", "outcome",
)  # fmt: skip


def record(
    actor: Actor,
    action: str,
    obj: models.Model | None = None,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    note: str = "",
    outcome: str = AuditEvent.Outcome.DONE,
    object_text: str = "",
) -> AuditEvent:
    """Write one event. `action` reads "app.subject.verb" in the past tense.

    Call it inside the transaction of the change it tells of, so that both live or neither.
    """
    event = AuditEvent(
        at=timezone.now(),
        actor_id=actor.user.pk if actor.user else None,
        actor_text=actor.text[:254],
        via=actor.via,
        request_id=actor.request_id,
        action=action,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        object_text=(object_text or (str(obj) if obj is not None else ""))[:254],
        before=_canonical_json(before),
        after=_canonical_json(after),
        note=note[:1000],
        outcome=outcome,
    )
    event.content_mac = content_mac(event)
    event.save(force_insert=True)
    return event


def content_mac(event: AuditEvent) -> str:
    """HMAC over the plaintext of the event, so that rotating the encryption key breaks nothing."""
    values = {name: _plain(getattr(event, name)) for name in CONTENT_FIELDS}
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return mac(text)


def mac(text: str) -> str:
    return hmac.new(settings.AUDIT_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def _plain(value: Any) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if value is None or isinstance(value, int) else str(value)


def _canonical_json(values: Mapping[str, object] | None) -> str | None:
    if values is None:
        return None
    return json.dumps(masked(values), cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)


def masked(values: Mapping[str, object]) -> dict[str, object]:
    """A copy whose secret-looking entries show only whether something was set."""
    clean: dict[str, object] = {}
    for name, value in values.items():
        if any(word in name.lower() for word in SECRET_WORDS):
            clean[name] = MASK if value else ""
        elif isinstance(value, Mapping):
            clean[name] = masked(value)
        else:
            clean[name] = value
    return clean
