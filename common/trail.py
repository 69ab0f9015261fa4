"""Reads of the audit trail for its pages: state of the chain, before and after side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from common.crypto import CannotDecrypt
from common.models import AuditChain, AuditEvent
from common.sealing import is_genuine

# Above this a request would take too long; the command has no limit.
VERIFY_AT_MOST = 100_000
COLUMNS = (
    "id", "at", "actor", "via", "action", "object_type", "object_id", "object", "outcome", "note",
    "before", "after", "request_id", "seq", "seal",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChainState:
    """`sealed` is the place of the newest sealed event, `unsealed` how many wait for theirs."""

    sealed: int
    unsealed: int
    checkpoint_at: datetime | None
    is_too_long: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One value of an object. None: it was not there."""

    name: str
    before: str | None
    after: str | None

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Content:
    """What an event tells beyond its row; `problem` says why that cannot be read."""

    changes: list[Change]
    is_genuine: bool
    problem: str = ""


def chain_state() -> ChainState:
    """Two SQL queries."""
    chain = AuditChain.objects.filter(pk=1).first() or AuditChain()
    unsealed = AuditEvent.objects.filter(seq=None).count()
    return ChainState(
        chain.head_seq, unsealed, chain.checkpoint_at, chain.head_seq > VERIFY_AT_MOST
    )


def content(event: AuditEvent) -> Content:
    """Before and after of an event, value by value."""
    try:
        before, after = _values(event.before), _values(event.after)
    except CannotDecrypt as error:
        return Content([], False, error.message)
    return Content(changes(before, after), is_genuine(event))


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> list[Change]:
    """Every value that either side has, by name."""
    names = sorted({*before, *after})
    return [Change(name, _shown(before, name), _shown(after, name)) for name in names]


def export_rows(events: list[AuditEvent]) -> Iterable[Mapping[str, object]]:
    """Rows of COLUMNS; before and after are JSON text."""
    for event in events:
        yield {
            "id": event.pk, "at": event.at.isoformat(), "actor": event.actor_text,
            "via": event.via, "action": event.action, "object_type": event.object_type,
            "object_id": event.object_id, "object": event.object_text, "outcome": event.outcome,
            "note": event.note, "before": _text(event, "before"), "after": _text(event, "after"),
            "request_id": event.request_id, "seq": event.seq, "seal": event.seal,
        }  # fmt: skip


def _text(event: AuditEvent, name: str) -> str | None:
    """One damaged event must not cut off a download of the others."""
    try:
        text: str | None = getattr(event, name)
    except CannotDecrypt as error:
        return error.message
    return text


def _values(text: str | None) -> dict[str, object]:
    return dict(json.loads(text)) if text else {}


def _shown(values: Mapping[str, object], name: str) -> str | None:
    if name not in values:
        return None
    value = values[name]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
