"""Thousands of components of the primary account, drawn from their number.

They come in groups of ten around one process; only their metadata and references
are stored, a document is made when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from sandbox import component_forms as forms
from sandbox.blueprints import Canvas, Step
from sandbox.clock import stamp
from sandbox.company import PRIMARY, stable_id
from sandbox.component_rows import (
    folder_rows,
    metadata_rows,
    reference_rows,
    row,
    versions_of,
)
from sandbox.components import Component
from sandbox.process_form import Content, Identify, process_content
from sandbox.processes import Connection
from sandbox.references import references_in
from sandbox.revisions import aged
from sandbox.store import ObjectRow
from sandbox.wire import Json

# What the ten of a group are: (type, what stands before the group's number).
_GROUP = (
    ("process", "Flow"),
    ("connector-settings", "Service"),
    ("connector-action", "Send to service"),
    ("connector-action", "Read from service"),
    ("transform.map", "Record to document"),
    ("profile.json", "Record"),
    ("profile.xml", "Document"),
    ("script.processing", "Check"),
    ("documentcache", "Lookup"),
    ("processproperty", "Settings"),
)
_SIZE = len(_GROUP)
_CONNECTORS = ("http", "database", "officialboomi-X3979C-rest-prod")
# Every so many groups share the connection of the first of them.
_SHARED_BY = 25
_READ = 3
# Groups per folder.
_TEAM = 50


def bulk_id(account: str, number: int) -> str:
    return stable_id("bulk-component", f"{account}/{number}")


def bulk_component_rows(count: int, epoch: datetime, days: int) -> Iterator[ObjectRow]:
    """Metadata, references and Process rows of `count` components.

    The newest version of one in ten was made within the last `days`, and of one in
    fifty in the ten hours after the epoch: a mirror has something to follow.
    """
    account = PRIMARY.account_id
    groups = (_component(account, number) for number in range(0, count, _SIZE * _TEAM))
    yield from folder_rows(groups)
    for number in range(count):
        component = _component(account, number)
        dates = _dates(number, component.versions, epoch, days)
        used = references_in(component.component_id, *_parts(component.draw()))
        for version in versions_of(component, dates):
            yield from metadata_rows(component, dates[0], version, drawing=number)
            yield from reference_rows(account, component.component_id, version, used)
        if component.type == "process":
            values: dict[str, Json] = {
                "id": component.component_id,
                "name": component.name,
                "Description": "",
                "IntegrationPack": [],
            }
            yield row("Process", account, component.component_id, values, since=stamp(dates[0]))


def bulk_content(account: str, number: int, age: int) -> Content:
    """The document of one component, `age` versions before its newest."""
    group, place = divmod(number, _SIZE)
    type_, _ = _GROUP[place]
    find = partial(_identify, account, group)
    return aged(type_, _drawn(type_, place, group, find), age)


def _parts(content: Content) -> list[str]:
    return [part for part in (content.object_xml, content.overrides) if part]


def _folder(group: int) -> str:
    return f"Team {group // _TEAM + 1:02d}"


def _component(account: str, number: int) -> Component:
    group, place = divmod(number, _SIZE)
    type_, word = _GROUP[place]
    connects = type_ in ("connector-settings", "connector-action")
    return Component(
        bulk_id(account, number),
        account,
        1 + number % 4,
        f"{word} {group + 1:03d}",
        type_,
        _folder(group),
        partial(bulk_content, account, number, 0),
        _connection(group).connector if connects else "",
    )


def _dates(number: int, versions: int, epoch: datetime, days: int) -> list[datetime]:
    first = epoch - timedelta(days=days + 200 + number % 300, minutes=number % 1_440)
    dates = [first + timedelta(days=40 * index) for index in range(versions)]
    if versions > 1 and number % 50 == 7:
        dates[-1] = epoch + timedelta(minutes=number % 600)
    elif versions > 1 and number % 10 == 3:
        dates[-1] = epoch - timedelta(minutes=(number * 37) % (days * 1_440))
    return dates


def _connection(group: int) -> Connection:
    """Every second group uses the connection of the first of its twenty-five."""
    owner = group - group % _SHARED_BY if group % 2 else group
    return Connection(f"Service {owner + 1:03d}", _CONNECTORS[owner % len(_CONNECTORS)])


def _identify(account: str, group: int, type_: str, name: str) -> str:
    if type_ == "connector-settings":
        owner = group - group % _SHARED_BY if group % 2 else group
        return bulk_id(account, owner * _SIZE + _PLACES[type_])
    place = _PLACES.get(type_, _PLACES["profile.json"])
    if type_ == "connector-action" and "/GET" in name:
        place += 1
    return bulk_id(account, group * _SIZE + place)


_PLACES = {type_: place for place, (type_, _) in reversed(list(enumerate(_GROUP)))}


def _drawn(type_: str, place: int, group: int, find: Identify) -> Content:
    connection = _connection(group)
    drawings: dict[str, Callable[[], Content]] = {
        "process": lambda: process_content(_canvas(connection), find),
        "connector-settings": lambda: forms.connection(connection.name, connection.connector),
        "connector-action": lambda: forms.operation(
            connection, "GET records" if place == _READ else "POST document", find
        ),
        "transform.map": lambda: forms.map_("Record to document", find),
        "script.processing": lambda: forms.process_script(f"Check {group + 1:03d}"),
        "documentcache": lambda: forms.cache(find),
        "processproperty": forms.process_properties,
    }
    return drawings.get(type_, partial(forms.profile, type_))()


def _canvas(connection: Connection) -> Canvas:
    send = (
        Step("script", "Check record", "Check"),
        Step("map", name="Record to document"),
        Step("connector", name="POST document", connection=connection),
        Step("stop"),
    )
    failed = (Step("notify", name="Not sent"),)
    return (
        Step("start", name="GET records", connection=connection),
        Step("properties", "Page size"),
        Step("cache_load", name="Lookup"),
        Step("catch", "Try to send", legs=(send, failed)),
    )
