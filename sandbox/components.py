"""The component trees of the two dev accounts and of the primary account.

Ids, names, types and versions only; the Orders tree has the ids of the project's
component samples.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.company import CRM_DEV, ORDERS_DEV, PRIMARY, stable_id
from sandbox.processes import CHILDREN, CONNECTIONS, NORTHWIND


@dataclass(frozen=True, slots=True)
class Component:
    """`versions` is the number of revisions; the last may be a deletion.

    `copied_from` is (component id, version) for a copy.
    """

    component_id: str
    account_id: str
    versions: int
    name: str
    type: str
    folder: str
    sub_type: str = ""
    copied_from: tuple[str, int] | None = None
    deleted: bool = False


_REST = "officialboomi-X3979C-rest-prod"
_ORDERS = """
5b1e7c40-9a3d-4f62-8c15-0d7f2a96b3e1|12|Order Intake Main|process||Processes
c07d91f2-46be-4a0b-b3d8-71e5f8240a6c|4|(sub) Order Error Handler|process||Common
81f3a6d4-2c5e-47b9-9e10-64b8d3c7f520|7|Order Webhook Listener|process||Processes
2f9c04e8-b17a-4d35-a6e2-938d51f07bc4|5|ERP HTTP|connector-settings|http|Connections
e4a86b1d-70c3-4f9e-82d5-1b6c3f5a9072|2|Orders DB|connector-settings|database|Connections
9d3b50f7-e8a2-4c61-b479-20f6e1c8d5a3|9|CRM REST|connector-settings|REST|Connections
4806d9ce-1f7b-42a0-bd58-a73e5c91f624|1|Carrier SFTP|connector-settings|sftp|Connections
7a5ed213-c90f-4b86-9f3e-5d18a4c7026b|6|ERP Post Order|connector-action|http|Operations
16c8f0a9-5e4b-4d72-a1b3-8f7e92d60c45|2|Select open orders|connector-action|database|Operations
b82d4e67-03f1-49ac-8e5d-c61a7f9038d2|4|CRM Notify|connector-action|REST|Operations
d94f1b83-6a27-4ec0-95b6-f2087e3ac15d|3|Order Webhook|connector-action|wss|Operations
3ce97a05-d2b8-4614-97fa-e0468b1d2c5f|8|Order JSON to ERP XML|transform.map||Maps
a6507df1-8c3e-4b29-b0d4-2957e8fc13ba|3|DB rows to order JSON|transform.map||Maps
f1b02c6e-e957-4a83-8d46-7c0e9f35b2a8|5|Order JSON|profile.json||Profiles
0e7a93d5-4b6c-48f1-a29d-b5c8160ef374|1|CRM Notify JSON|profile.json||Profiles
6d8c25b0-37ef-4195-bc7a-e91f40d2a856|2|ERP Order XML|profile.xml||Profiles
b1c6470e-92da-4f35-8e07-3ad9f5c8612b|1|ERP Ack XML|profile.xml||Profiles
cb39e7f4-a051-46d8-93bc-5e260d8f7a19|2|Open Orders READ|profile.db||Profiles
90a4f6e2-5dc8-4b17-8f03-16d7b9c2e8a5|1|Carrier CSV|profile.flatfile||Profiles
58d0b7a3-e6f9-4c24-a815-d34c07b9fe62|2|Country to Region|crossref||Lookups
ad7f3e16-09b5-48cd-b6a2-78e15d90c43f|1|Carrier code patterns|crossref||Lookups
e25c8d91-b4a7-4f30-9d6e-01fb7a83c5d2|3|Order Intake Settings|processproperty||Settings
735f0ea8-c1d6-4b92-8ae7-d60c94b3f817|2|Channel Settings|processproperty||Settings
1da69c74-f80b-4e53-a7c2-9b3e85f0d416|4|Deduplicate documents|script.processing||Scripts
bf482e0d-73a9-4c65-9e18-c5d70a6b92f3|1|Audit line|script.processing||Scripts
49e7d5b2-0c83-4fa6-b1d9-6e8f27a0c35b|2|Strip time part|script.mapping||Scripts
d3068fa1-9e5c-47b4-8a2f-b70d1e64c9f8|2|Strip time|transform.function||Scripts
86c1f09d-a23e-4d75-bb60-3f9ed5a7814c|1|Retry orders|documentcache||Caches
27bd58e3-f6a0-4c19-90d7-ae41b8f362c5|1|Order Type Router|processroute||Routes
"""
_CRM = """
customer-sync|6|[CRM] Customer Sync|process||Processes
contact-merge|3|[CRM] Contact Merge|process||Processes
crm-rest|4|CRM REST|connector-settings|REST|Connections
crm-upsert|5|UPSERT record|connector-action|REST|Operations
crm-page|2|GET page|connector-action|REST|Operations
customer-map|4|Record to canonical|transform.map||Maps
customer-json|3|Customer JSON|profile.json||Profiles
crm-settings|2|CRM Settings|processproperty||Settings
tax-number|1|Format tax number|script.mapping||Scripts
old-lead-import|2|Lead Import (old)|process||Archive
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


def _listed(text: str, account_id: str) -> list[Component]:
    found = []
    for line in text.split("\n"):
        if not line:
            continue
        id_, versions, name, type_, sub_type, folder = line.split("|")
        component_id = id_ if len(id_) == 36 else stable_id("component", f"{account_id}/{id_}")
        sub_type = _REST if sub_type == "REST" else sub_type
        found.append(
            Component(
                component_id,
                account_id,
                int(versions),
                name,
                type_,
                folder,
                sub_type,
                deleted=folder == "Archive",
            )
        )
    return found


def _copies() -> list[Component]:
    return [
        Component(
            stable_id("component", f"{CRM_DEV.account_id}/copy/{name}"),
            CRM_DEV.account_id,
            1,
            name,
            type_,
            "Profiles",
            copied_from=(source, version),
        )
        for source, version, name, type_ in _COPIES
    ]


def _primary() -> list[Component]:
    """Connections and children; processes follow from the releases (`deployments`)."""
    account = PRIMARY.account_id
    found = [
        Component(
            _KNOWN_CONNECTIONS.get(connection.name)
            or stable_id("component", f"{account}/{connection.name}"),
            account,
            2,
            connection.name,
            "connector-settings",
            "Connections",
            connection.connector,
        )
        for connection in CONNECTIONS
    ]
    found += [
        Component(child.process_id, account, 3, child.name, "process", "Common")
        for child in CHILDREN
    ]
    return found


COMPONENTS = (
    *_listed(_ORDERS.strip(), ORDERS_DEV.account_id),
    *_listed(_CRM.strip(), CRM_DEV.account_id),
    *_copies(),
    *_primary(),
)
RELEASED = NORTHWIND
