"""Events of the portal that may start automations: registered by name, told after commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Payload = Mapping[str, Any]
Listener = Callable[["PortalEvent", Payload], None]


@dataclass(frozen=True, slots=True)
class PortalEvent:
    """`name` such as "boomi.sync.finished"; `label` completes "starts when …"."""

    name: str
    label: str


class UnknownEvent(LookupError):
    """No event of this name is registered."""


_events: dict[str, PortalEvent] = {}
_listeners: list[Listener] = []


def register(name: str, label: str) -> PortalEvent:
    """Declare an event; repeating it with the same label is harmless."""
    event = PortalEvent(name, label)
    if _events.setdefault(name, event) != event:
        raise ValueError(f"Two events are called {name!r}.")
    return event


def all_events() -> list[PortalEvent]:
    return sorted(_events.values(), key=lambda event: event.label)


def listen(listener: Listener) -> Listener:
    """Add a function that hears every event, inside the teller's transaction."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def tell(name: str, payload: Payload) -> None:
    """Tell the listeners. Call it in the transaction that caused the event; a listener that
    starts work only writes rows, so nothing happens if the transaction is undone.

    `payload` is plain JSON; its "audience" names who may know of it, such as "account:7".
    Raises UnknownEvent.
    """
    try:
        event = _events[name]
    except KeyError:
        raise UnknownEvent(f"No event is called {name!r}.") from None
    for listener in _listeners:
        listener(event, payload)
