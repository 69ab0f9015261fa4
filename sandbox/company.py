"""Northwind: the invented company whose accounts the sandbox serves.

Everything here is constant: ids do not depend on the seed, so that mappings
and connections made against one sandbox fit every other one.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cache

_NAMESPACE = uuid.UUID("6f1d2c3b-0000-4000-8000-6e6f72746877")


@cache
def stable_id(kind: str, name: str) -> str:
    """Lower-case UUID that belongs to this name for ever."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}:{name}"))


@dataclass(frozen=True, slots=True)
class Account:
    account_id: str
    name: str
    parent: str | None = None
    partner_api: bool = False


@dataclass(frozen=True, slots=True)
class Credential:
    """A user and an invented API token; the login is `BOOMI_TOKEN.` + user."""

    user: str
    token: str
    account_id: str

    @property
    def login(self) -> str:
        return f"BOOMI_TOKEN.{self.user}"


@dataclass(frozen=True, slots=True)
class Environment:
    account_id: str
    name: str
    classification: str

    @property
    def environment_id(self) -> str:
        return stable_id("environment", f"{self.account_id}/{self.name}")


@dataclass(frozen=True, slots=True)
class Runtime:
    """`offline_since_days` counts back from the epoch; None is online."""

    account_id: str
    name: str
    kind: str
    environment: Environment
    host: str
    node: str | None = None
    offline_since_days: float | None = None

    @property
    def atom_id(self) -> str:
        return stable_id("atom", f"{self.account_id}/{self.name}")


PRIMARY = Account("northwind-7Q2K9D", "Northwind Trading", partner_api=True)
ORDERS_DEV = Account("northwind_ordersdev-3M8XTR", "Northwind Orders Dev", PRIMARY.account_id)
CRM_DEV = Account("northwind_crmdev-9F4LZC", "Northwind CRM Dev", PRIMARY.account_id)
CLIENT = Account("fabrikam-5H1VWB", "Fabrikam Retail", PRIMARY.account_id)
STRANGER = Account("adatum-2B6NQY", "Adatum")
ACCOUNTS = (PRIMARY, ORDERS_DEV, CRM_DEV, CLIENT, STRANGER)

CREDENTIALS = (
    Credential(
        "integration@northwind.example",
        "5a4db0c5-demo-4000-8000-000000000001",
        PRIMARY.account_id,
    ),
    Credential(
        "lena@northwind.example",
        "5a4db0c5-demo-4000-8000-000000000002",
        ORDERS_DEV.account_id,
    ),
    Credential(
        "omar@northwind.example",
        "5a4db0c5-demo-4000-8000-000000000003",
        CRM_DEV.account_id,
    ),
    Credential(
        "it@fabrikam.example",
        "5a4db0c5-demo-4000-8000-000000000004",
        CLIENT.account_id,
    ),
    Credential(
        "root@adatum.example",
        "5a4db0c5-demo-4000-8000-000000000005",
        STRANGER.account_id,
    ),
)

PRODUCTION = Environment(PRIMARY.account_id, "Production", "PROD")
TEST = Environment(PRIMARY.account_id, "Test", "TEST")
DEVELOPMENT = Environment(PRIMARY.account_id, "Development", "TEST")
ORDERS_ENVIRONMENT = Environment(ORDERS_DEV.account_id, "Orders Development", "TEST")
CRM_ENVIRONMENT = Environment(CRM_DEV.account_id, "CRM Development", "TEST")
CLIENT_ENVIRONMENT = Environment(CLIENT.account_id, "Fabrikam Production", "PROD")
ENVIRONMENTS = (
    PRODUCTION,
    TEST,
    DEVELOPMENT,
    ORDERS_ENVIRONMENT,
    CRM_ENVIRONMENT,
    CLIENT_ENVIRONMENT,
)

MOLECULE = Runtime(
    PRIMARY.account_id, "Prod Molecule", "MOLECULE", PRODUCTION, "nw-int-01", node="10_20_0_11"
)
EDI_ATOM = Runtime(PRIMARY.account_id, "EDI Atom (DMZ)", "ATOM", PRODUCTION, "nw-edi-01")
TEST_ATOM = Runtime(PRIMARY.account_id, "Test Atom", "ATOM", TEST, "nw-test-01")
DEV_ATOM = Runtime(
    PRIMARY.account_id, "Dev Atom", "ATOM", DEVELOPMENT, "nw-dev-01", offline_since_days=12.4
)
CLIENT_CLOUD = Runtime(
    CLIENT.account_id, "Fabrikam Cloud", "CLOUD", CLIENT_ENVIRONMENT, "cloud-eu-3"
)
ORDERS_DEV_ATOM = Runtime(
    ORDERS_DEV.account_id, "Orders Dev Atom", "ATOM", ORDERS_ENVIRONMENT, "nw-odev-01"
)
CRM_DEV_ATOM = Runtime(CRM_DEV.account_id, "CRM Dev Atom", "ATOM", CRM_ENVIRONMENT, "nw-cdev-01")
RUNTIMES = (
    MOLECULE,
    EDI_ATOM,
    TEST_ATOM,
    DEV_ATOM,
    CLIENT_CLOUD,
    ORDERS_DEV_ATOM,
    CRM_DEV_ATOM,
)


def credential_of(account: Account) -> Credential:
    return next(found for found in CREDENTIALS if found.account_id == account.account_id)
