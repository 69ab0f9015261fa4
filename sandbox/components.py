"""The components of the dev accounts, of the primary account and of the client.

The Orders tree has the ids and the documents of the project's component samples.
Everything else is derived from what the processes do (`blueprints`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from sandbox import component_forms as forms
from sandbox.blueprints import HELPERS, Canvas, Step, canvas_of, helper_canvas, walk
from sandbox.blueprints import STANDARD as STANDARD_ORDER
from sandbox.company import ACCOUNTS, CLIENT, CRM_DEV, ORDERS_DEV, PRIMARY, Account, stable_id
from sandbox.partner_forms import FORMS, partner_content
from sandbox.process_form import Content, Identify, operation_key, process_content
from sandbox.processes import (
    CHILDREN,
    CLIENT_ORDERS,
    CONNECTIONS,
    CUSTOMER_SYNC,
    NORTHWIND,
    ORDER_STATUS,
    ORDER_WEBHOOK,
    BoomiProcess,
    Connection,
)
from sandbox.samples import folder_of, sample_content

Draw = Callable[[], Content]


@dataclass(frozen=True, slots=True)
class Component:
    """`versions` is the number of revisions; the last may be a deletion.

    `folder` is the path below the account's own folder. `copied_from` is
    (component id, version) for a copy. `draw` makes the newest content.
    """

    component_id: str
    account_id: str
    versions: int
    name: str
    type: str
    folder: str
    draw: Draw
    sub_type: str = ""
    copied_from: tuple[str, int] | None = None
    deleted: bool = False


_REST = "officialboomi-X3979C-rest-prod"
_ORDERS = """
5b1e7c40-9a3d-4f62-8c15-0d7f2a96b3e1|12|Order Intake Main|process|
c07d91f2-46be-4a0b-b3d8-71e5f8240a6c|4|(sub) Order Error Handler|process|
81f3a6d4-2c5e-47b9-9e10-64b8d3c7f520|7|Order Webhook Listener|process|
2f9c04e8-b17a-4d35-a6e2-938d51f07bc4|5|ERP HTTP|connector-settings|http
e4a86b1d-70c3-4f9e-82d5-1b6c3f5a9072|2|Orders DB|connector-settings|database
9d3b50f7-e8a2-4c61-b479-20f6e1c8d5a3|9|CRM REST|connector-settings|REST
4806d9ce-1f7b-42a0-bd58-a73e5c91f624|1|Carrier SFTP|connector-settings|sftp
7a5ed213-c90f-4b86-9f3e-5d18a4c7026b|6|ERP Post Order|connector-action|http
16c8f0a9-5e4b-4d72-a1b3-8f7e92d60c45|2|Select open orders|connector-action|database
b82d4e67-03f1-49ac-8e5d-c61a7f9038d2|4|CRM Notify|connector-action|REST
d94f1b83-6a27-4ec0-95b6-f2087e3ac15d|3|Order Webhook|connector-action|wss
3ce97a05-d2b8-4614-97fa-e0468b1d2c5f|8|Order JSON to ERP XML|transform.map|
a6507df1-8c3e-4b29-b0d4-2957e8fc13ba|3|DB rows to order JSON|transform.map|
f1b02c6e-e957-4a83-8d46-7c0e9f35b2a8|5|Order JSON|profile.json|
0e7a93d5-4b6c-48f1-a29d-b5c8160ef374|1|CRM Notify JSON|profile.json|
6d8c25b0-37ef-4195-bc7a-e91f40d2a856|2|ERP Order XML|profile.xml|
b1c6470e-92da-4f35-8e07-3ad9f5c8612b|1|ERP Ack XML|profile.xml|
cb39e7f4-a051-46d8-93bc-5e260d8f7a19|2|Open Orders READ|profile.db|
90a4f6e2-5dc8-4b17-8f03-16d7b9c2e8a5|1|Carrier CSV|profile.flatfile|
58d0b7a3-e6f9-4c24-a815-d34c07b9fe62|2|Country to Region|crossref|
ad7f3e16-09b5-48cd-b6a2-78e15d90c43f|1|Carrier code patterns|crossref|
e25c8d91-b4a7-4f30-9d6e-01fb7a83c5d2|3|Order Intake Settings|processproperty|
735f0ea8-c1d6-4b92-8ae7-d60c94b3f817|2|Channel Settings|processproperty|
1da69c74-f80b-4e53-a7c2-9b3e85f0d416|4|Deduplicate documents|script.processing|
bf482e0d-73a9-4c65-9e18-c5d70a6b92f3|1|Audit line|script.processing|
49e7d5b2-0c83-4fa6-b1d9-6e8f27a0c35b|2|Strip time part|script.mapping|
d3068fa1-9e5c-47b4-8a2f-b70d1e64c9f8|2|Strip time|transform.function|
86c1f09d-a23e-4d75-bb60-3f9ed5a7814c|1|Retry orders|documentcache|
27bd58e3-f6a0-4c19-90d7-ae41b8f362c5|1|Order Type Router|processroute|
"""
_COPIES = (
    ("f1b02c6e-e957-4a83-8d46-7c0e9f35b2a8", 4, "Order JSON", "profile.json"),
    ("6d8c25b0-37ef-4195-bc7a-e91f40d2a856", 2, "ERP Order XML", "profile.xml"),
)
# Connections that exist in production already, with the ids of the sample mappings.
_KNOWN_CONNECTIONS = {
    "ERP HTTP": "10b7e2d9-83fc-4a56-9e0d-c4f5a1682b73",
    "Orders DB": "f35a0c84-6d1e-4b97-a2c8-7e09d4b51f60",
}
# Components of the CRM account whose ids are older than their names here:
# (type, name the forms use) -> (name in the list, key of the id, versions).
_CRM_LISTED = {
    ("process", "[CRM] Customer Sync"): ("[CRM] Customer Sync", "customer-sync", 6),
    ("process", "[CRM] Contact Merge"): ("[CRM] Contact Merge", "contact-merge", 3),
    ("process", "Lead Import (old)"): ("Lead Import (old)", "old-lead-import", 2),
    ("connector-settings", "CRM REST"): ("CRM REST", "crm-rest", 4),
    ("connector-action", "CRM REST/UPSERT record"): ("UPSERT record", "crm-upsert", 5),
    ("connector-action", "CRM REST/GET page"): ("GET page", "crm-page", 2),
    ("transform.map", "Record to canonical"): ("Record to canonical", "customer-map", 4),
    ("profile.json", "Canonical record"): ("Customer JSON", "customer-json", 3),
    ("processproperty", "Integration Settings"): ("CRM Settings", "crm-settings", 2),
    ("script.mapping", "Format tax number"): ("Format tax number", "tax-number", 1),
}
_FOLDERS = {
    "process": "Processes",
    "connector-settings": "Connections",
    "connector-action": "Operations",
    "transform.map": "Maps",
    "crossref": "Lookups",
    "processproperty": "Settings",
    "script.processing": "Scripts",
    "script.mapping": "Scripts",
    "documentcache": "Caches",
    "processroute": "Routes",
}


def folder_for(type_: str) -> str:
    return _FOLDERS.get(type_, "Profiles")


def account_named(account_id: str) -> Account:
    return next(account for account in ACCOUNTS if account.account_id == account_id)


def _orders() -> Iterator[Component]:
    for line in _ORDERS.strip().split("\n"):
        id_, versions, name, type_, sub_type = line.split("|")
        yield Component(
            id_,
            ORDERS_DEV.account_id,
            int(versions),
            name,
            type_,
            folder_of(id_),
            partial(sample_content, id_),
            _REST if sub_type == "REST" else sub_type,
        )


# --- components that follow from what processes do ---------------------------


@dataclass(frozen=True, slots=True)
class Tree:
    """One account's components: their ids by type and name, and where they lie."""

    account_id: str
    root: str
    known: dict[tuple[str, str], tuple[str, int]]

    def identify(self, type_: str, name: str) -> str:
        found = self.known.get((type_, name))
        if found is not None:
            return found[0]
        return stable_id("component", f"{self.account_id}/{type_}/{name}")

    def component(
        self, type_: str, key: str, name: str, draw: Draw, sub_type: str = "", folder: str = ""
    ) -> Component:
        id_ = self.identify(type_, key)
        known = self.known.get((type_, key))
        versions = known[1] if known is not None else 1 + int(id_[:2], 16) % 3
        path = f"{self.root}{folder or folder_for(type_)}"
        return Component(id_, self.account_id, versions, name, type_, path, draw, sub_type)


def _parts(tree: Tree, canvases: list[Canvas]) -> Iterator[Component]:
    """What the steps of the canvases use, each component once."""
    seen: set[str] = set()
    steps = [step for canvas in canvases for step in walk(canvas)]
    for step in steps:
        made: list[Component] = []
        find, name = tree.identify, step.name
        if step.kind in ("start", "connector") and step.connection is not None:
            made = [_connection(tree, step.connection), _operation(tree, step.connection, name)]
        elif step.kind == "listen":
            draw = partial(forms.listen_operation, name, find)
            made = [tree.component("connector-action", name, name, draw, "wss")]
        elif step.kind == "map":
            made = [tree.component("transform.map", name, name, partial(forms.map_, name, find))]
        elif step.kind == "script":
            draw = partial(forms.process_script, name)
            made = [tree.component("script.processing", name, name, draw)]
        elif step.kind == "cache_load":
            made = [tree.component("documentcache", name, name, partial(forms.cache, find))]
        elif step.kind == "route":
            draw = partial(forms.route, STANDARD_ORDER, find)
            made = [tree.component("processroute", name, name, draw)]
        for component in made:
            if component.component_id not in seen:
                seen.add(component.component_id)
                yield component


def _connection(tree: Tree, found: Connection) -> Component:
    draw = partial(forms.connection, found.name, found.connector)
    return tree.component("connector-settings", found.name, found.name, draw, found.connector)


def _operation(tree: Tree, found: Connection, name: str) -> Component:
    draw = partial(forms.operation, found, name, tree.identify)
    key = operation_key(found, name)
    return tree.component("connector-action", key, name, draw, found.connector)


def _common(tree: Tree, names: dict[tuple[str, str], str]) -> Iterator[Component]:
    """Profiles, settings and the map script that every tree has."""
    for type_, key in (
        ("profile.json", "Canonical record"),
        ("profile.xml", "Target document"),
        ("profile.db", "Rows"),
        ("profile.flatfile", "Partner file"),
    ):
        draw = partial(forms.profile, type_)
        yield tree.component(type_, key, names.get((type_, key), key), draw)
    key = "Integration Settings"
    label = names.get(("processproperty", key), key)
    yield tree.component("processproperty", key, label, forms.process_properties)
    key = "Format tax number"
    yield tree.component("script.mapping", key, key, partial(forms.map_script, key))


def _draw_process(process: BoomiProcess, find: Identify) -> Content:
    workload = "low_latency" if process is ORDER_STATUS else "general"
    text = f"{process.name}: {process.target.name} is where its documents go."
    return process_content(canvas_of(process), find, workload=workload, description=text)


def _draw_helper(name: str, process: BoomiProcess, find: Identify) -> Content:
    return process_content(helper_canvas(name, process), find)


# --- the CRM account -----------------------------------------------------------

_CRM_PROCESSES = (
    CUSTOMER_SYNC,
    replace(CUSTOMER_SYNC, key="contact-merge", name="[CRM] Contact Merge", recipe="cache"),
    replace(CUSTOMER_SYNC, key="old-lead-import", name="Lead Import (old)", recipe="files"),
)
_LEAD_RETRY = (Step("passthrough"), Step("call", name="Lead Import (old)"), Step("stop"))
_CRM_TREE = Tree(
    CRM_DEV.account_id,
    "CRM/",
    {
        key: (stable_id("component", f"{CRM_DEV.account_id}/{id_key}"), versions)
        for key, (_, id_key, versions) in _CRM_LISTED.items()
    },
)


def _crm() -> Iterator[Component]:
    tree = _CRM_TREE
    canvases = [canvas_of(process) for process in _CRM_PROCESSES]
    pages = helper_canvas(HELPERS[0], CUSTOMER_SYNC)
    for process in _CRM_PROCESSES:
        draw = partial(_draw_process, process, tree.identify)
        old = process.key == "old-lead-import"
        folder = "Archive" if old else ""
        made = tree.component("process", process.name, process.name, draw, folder=folder)
        yield replace(made, deleted=old)
    # Calls a process that is gone: the platform lets such things stand.
    retry = partial(process_content, _LEAD_RETRY, tree.identify)
    yield tree.component(
        "process", "(sub) Retry leads", "(sub) Retry leads", retry, folder="Common"
    )
    draw = partial(_draw_helper, HELPERS[0], CUSTOMER_SYNC, tree.identify)
    yield tree.component("process", HELPERS[0], HELPERS[0], draw, folder="Common")
    yield from _parts(tree, [*canvases, pages])
    yield from _common(tree, {key: name for key, (name, _, _) in _CRM_LISTED.items()})
    for source, version, name, type_ in _COPIES:
        yield Component(
            stable_id("component", f"{CRM_DEV.account_id}/copy/{name}"),
            CRM_DEV.account_id,
            1,
            name,
            type_,
            "CRM/Profiles",
            partial(sample_content, source),
            copied_from=(source, version),
        )


# --- the primary account -------------------------------------------------------

_HELPER_USERS = dict.fromkeys(HELPERS, ORDER_WEBHOOK) | {HELPERS[0]: CUSTOMER_SYNC}


def _primary_known() -> dict[tuple[str, str], tuple[str, int]]:
    account = PRIMARY.account_id
    known = {
        ("connector-settings", connection.name): (
            _KNOWN_CONNECTIONS.get(connection.name)
            or stable_id("component", f"{account}/{connection.name}"),
            2,
        )
        for connection in CONNECTIONS
    }
    known |= {("process", p.name): (p.process_id, 3) for p in (*NORTHWIND, *CHILDREN)}
    return known


PRIMARY_TREE = Tree(PRIMARY.account_id, "", _primary_known())


def _primary() -> Iterator[Component]:
    """Everything but the released processes, whose versions follow from the releases."""
    tree, find = PRIMARY_TREE, PRIMARY_TREE.identify
    for child in CHILDREN:
        draw = partial(_draw_process, child, find)
        yield tree.component("process", child.name, child.name, draw, folder="Common")
    for name, user in _HELPER_USERS.items():
        draw = partial(_draw_helper, name, user, find)
        yield tree.component("process", name, name, draw, folder="Common")
    canvases = [canvas_of(process) for process in (*NORTHWIND, *CHILDREN)]
    helpers = [helper_canvas(name, user) for name, user in _HELPER_USERS.items()]
    yield from _parts(tree, [*canvases, *helpers])
    yield from _common(tree, {})
    for type_, name, folder, form in FORMS:
        draw = partial(partner_content, form, find)
        yield tree.component(type_, name, name, draw, folder=folder)


# --- the client's account -------------------------------------------------------

_CLIENT_TREE = Tree(
    CLIENT.account_id, "", {("process", CLIENT_ORDERS.name): (CLIENT_ORDERS.process_id, 2)}
)


def _client() -> Iterator[Component]:
    """The one process that hands orders over, and what it uses."""
    tree, name = _CLIENT_TREE, CLIENT_ORDERS.name
    yield tree.component(
        "process", name, name, partial(_draw_process, CLIENT_ORDERS, tree.identify)
    )
    yield from _parts(tree, [canvas_of(CLIENT_ORDERS)])
    yield from _common(tree, {})


def released(process: BoomiProcess, versions: int) -> Component:
    """The component of a process that is released `versions` times."""
    draw = partial(_draw_process, process, PRIMARY_TREE.identify)
    made = PRIMARY_TREE.component("process", process.name, process.name, draw, folder="Released")
    return replace(made, versions=versions)


COMPONENTS = (*_orders(), *_crm(), *_primary(), *_client())
RELEASED = NORTHWIND
DRAWINGS: dict[str, tuple[str, Draw]] = {
    component.component_id: (component.type, component.draw)
    for component in (*COMPONENTS, *(released(process, 1) for process in RELEASED))
}
