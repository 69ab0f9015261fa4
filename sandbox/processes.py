"""The Boomi processes of Northwind: when they run, how long, and what fails in them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sandbox.company import (
    CLIENT_CLOUD,
    CRM_DEV,
    CRM_DEV_ATOM,
    DEV_ATOM,
    EDI_ATOM,
    MOLECULE,
    ORDERS_DEV_ATOM,
    RUNTIMES,
    TEST_ATOM,
    Runtime,
    stable_id,
)

WORKDAY = tuple(range(6, 21))
ALL_DAY = tuple(range(24))


@dataclass(frozen=True, slots=True)
class Connection:
    """`connector` is the connector's internal type, as it stands in logs."""

    name: str
    connector: str


ERP = Connection("ERP HTTP", "http")
ORDERS_DB = Connection("Orders DB", "database")
CRM = Connection("CRM REST", "officialboomi-X3979C-rest-prod")
SHOP = Connection("Shop API: v2", "http")
PARTNER_SFTP = Connection("[Common] Partner SFTP", "sftp")
PAYROLL_SFTP = Connection("Payroll SFTP", "sftp")
CARRIER = Connection("Carrier Tracking API", "http")
BANK = Connection("Bank EBICS Gateway", "http")
FINANCE_DB = Connection("Finance DB", "database")
PIM = Connection("PIM Catalogue API", "http")
CONNECTIONS = (
    ERP,
    ORDERS_DB,
    CRM,
    SHOP,
    PARTNER_SFTP,
    PAYROLL_SFTP,
    CARRIER,
    BANK,
    FINANCE_DB,
    PIM,
)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Start times: at `minutes` of each of `hours` (UTC), or `per_day` random calls."""

    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = (0,)
    workdays_only: bool = False
    per_day: int = 0


@dataclass(frozen=True, slots=True)
class BoomiProcess:
    """One deployed process.

    `documents` is the usual range at full day, `ms_per_document` and `base_ms`
    give the duration. `failures` maps a cause to the share of runs it ends,
    `caught` to the share of runs in which it is caught. `source` is None for
    a run without start data, `target` is where documents go. `component_id` is the
    process component, where the key does not give it.
    """

    key: str
    name: str
    runtime: Runtime
    recipe: str
    rhythm: Rhythm
    documents: tuple[int, int]
    base_ms: int
    ms_per_document: int
    source: Connection | None
    target: Connection
    execution_type: str = "exec_sched"
    failures: tuple[tuple[str, float], ...] = ()
    caught: tuple[tuple[str, float], ...] = ()
    component_id: str = ""

    @property
    def process_id(self) -> str:
        if self.component_id:
            return self.component_id
        return stable_id("process", f"{self.runtime.account_id}/{self.key}")


def process_key(process: BoomiProcess) -> str:
    """Names a process on its runtime, as executions remember it."""
    return f"{process.runtime.name}/{process.key}"


ORDER_INTAKE = BoomiProcess(
    "order-intake", "Order Intake Main", MOLECULE, "batches",
    Rhythm(ALL_DAY, (5, 35)), (4, 40), 1_800, 260, ORDERS_DB, ERP,
    failures=(("bad-400", 0.012), ("gateway-502", 0.006)),
    caught=(("duplicate-409", 0.05),),
)  # fmt: skip
ORDER_WEBHOOK = BoomiProcess(
    "order-webhook", "Order Webhook Listener", MOLECULE, "listener",
    Rhythm(per_day=14), (1, 1), 240, 90, None, ERP, "exec_listener",
    failures=(("bad-400", 0.02),),
)  # fmt: skip
ORDER_STATUS = BoomiProcess(
    "order-status", "Order Status API (low latency)", MOLECULE, "listener",
    Rhythm(), (1, 1), 40, 10, None, ORDERS_DB, "exec_listener",
)  # fmt: skip
CUSTOMER_SYNC = BoomiProcess(
    "customer-sync", "[CRM] Customer Sync", MOLECULE, "pages",
    Rhythm(WORKDAY, (10,)), (40, 420), 3_500, 55, CRM, CRM,
    failures=(("slow-429", 0.01),), caught=(("duplicate-409", 0.04),),
)  # fmt: skip
STOCK_LEVELS = BoomiProcess(
    "stock-levels", "Stock Levels -> Shop", MOLECULE, "parallel",
    Rhythm(tuple(range(0, 24, 2)), (20,)), (60, 240), 4_000, 120, ORDERS_DB, SHOP,
    failures=(("down-503", 0.01),),
)  # fmt: skip
INVOICE_EXPORT = BoomiProcess(
    "invoice-export", "Invoice Export (SAP)", MOLECULE, "subprocess",
    Rhythm((7, 11, 15, 19), (45,)), (10, 90), 2_500, 180, FINANCE_DB, ERP,
    failures=(("gateway-502", 0.01),),
)  # fmt: skip
PAYROLL = BoomiProcess(
    "payroll", "Payroll Transfer – Löhne & Gehälter", MOLECULE, "files",
    Rhythm((2,), (30,), workdays_only=True), (1, 6), 5_000, 900, FINANCE_DB, PAYROLL_SFTP,
    failures=(("sftp-refused", 0.04),),
)  # fmt: skip
EDI_ORDERS_IN = BoomiProcess(
    "edi-850", "EDI 850 Inbound [AS2]", EDI_ATOM, "files",
    Rhythm(tuple(range(7, 17)), (15,), workdays_only=True), (1, 12), 1_500, 350,
    PARTNER_SFTP, ERP,
    failures=(("edi-duplicate", 0.03),),
)  # fmt: skip
EDI_INVOICES_OUT = BoomiProcess(
    "edi-810", "EDI 810 Outbound", EDI_ATOM, "batches",
    Rhythm((6, 10, 14, 18), (50,)), (2, 24), 1_200, 300, FINANCE_DB, SHOP,
    caught=(("gateway-502", 0.03),),
)  # fmt: skip
CATALOGUE_IMPORT = BoomiProcess(
    "catalogue", "Product Catalogue Import & Enrichment", MOLECULE, "pages",
    Rhythm((1,), (0,)), (700, 1_600), 9_000, 60, PIM, PIM,
    failures=(("gateway-502", 0.02),), caught=(("bad-400", 0.2),),
)  # fmt: skip
NIGHTLY_MASTER = BoomiProcess(
    "nightly-master", "Nightly Master Data (parent)", MOLECULE, "children",
    Rhythm((3,), (15,)), (2, 2), 1_200, 150, None, ERP,
    failures=(("child-failed", 0.02),),
)  # fmt: skip
SHIPMENT_TRACKING = BoomiProcess(
    "tracking", "Shipment Tracking (DHL/UPS)", EDI_ATOM, "batches",
    Rhythm(tuple(range(1, 24, 3)), (25,)), (6, 60), 1_500, 140, ORDERS_DB, CARRIER,
    failures=(("slow-429", 0.015),), caught=(("bad-400", 0.05),),
)  # fmt: skip
RETURNS = BoomiProcess(
    "returns", "(R) Returns & Refunds", MOLECULE, "cache",
    Rhythm((8, 13, 18), (5,)), (1, 18), 1_400, 260, ORDERS_DB, ERP,
    failures=(("duplicate-409", 0.02),),
)  # fmt: skip
BANK_STATEMENTS = BoomiProcess(
    "bank", "Bank Statement Import MT940", MOLECULE, "files",
    Rhythm((6,), (40,), workdays_only=True), (1, 9), 2_200, 400, BANK, FINANCE_DB,
    failures=(("down-503", 0.02),),
)  # fmt: skip
NORTHWIND = (
    ORDER_INTAKE,
    ORDER_WEBHOOK,
    ORDER_STATUS,
    CUSTOMER_SYNC,
    STOCK_LEVELS,
    INVOICE_EXPORT,
    PAYROLL,
    EDI_ORDERS_IN,
    EDI_INVOICES_OUT,
    CATALOGUE_IMPORT,
    NIGHTLY_MASTER,
    SHIPMENT_TRACKING,
    RETURNS,
    BANK_STATEMENTS,
)

ARTICLE_MASTER = BoomiProcess(
    "article-master", "(sub) Load Article Master", MOLECULE, "cache",
    Rhythm(), (20, 60), 900, 120, ORDERS_DB, ERP, "sub_process",
)  # fmt: skip
SUPPLIER_MASTER = BoomiProcess(
    "supplier-master", "(sub) Load Supplier Master", MOLECULE, "cache",
    Rhythm(), (5, 25), 700, 120, ORDERS_DB, ERP, "sub_process",
)  # fmt: skip
CHILDREN = (ARTICLE_MASTER, SUPPLIER_MASTER)

TEST_ORDER_INTAKE = BoomiProcess(
    "order-intake", ORDER_INTAKE.name, TEST_ATOM, "batches",
    Rhythm((8, 10, 12, 14, 16), (30,), workdays_only=True), (1, 5), 1_200, 240, ORDERS_DB, ERP,
    "exec_manual", failures=(("bad-400", 0.08), ("map-mandatory", 0.04)),
)  # fmt: skip
TEST_CUSTOMER_SYNC = BoomiProcess(
    "customer-sync", CUSTOMER_SYNC.name, TEST_ATOM, "pages",
    Rhythm((9, 13, 17), (20,), workdays_only=True), (5, 30), 1_500, 60, CRM, CRM,
    "exec_manual", failures=(("script-null", 0.06),),
)  # fmt: skip
DEV_RETURNS = BoomiProcess(
    "returns", RETURNS.name, DEV_ATOM, "cache",
    Rhythm((9, 15), (10,), workdays_only=True), (1, 4), 900, 220, ORDERS_DB, ERP, "exec_manual",
    failures=(("script-null", 0.08),),
)  # fmt: skip
CLIENT_ORDERS = BoomiProcess(
    "client-orders", "Fabrikam – Order Hand-over", CLIENT_CLOUD, "batches",
    Rhythm((6, 9, 12, 15, 18), (0,)), (1, 15), 1_100, 200, SHOP, ERP,
    failures=(("gateway-502", 0.02),),
)  # fmt: skip

# The developers' own accounts: the components of their trees (`sandbox.components`).
_ORDERS_MAIN = "5b1e7c40-9a3d-4f62-8c15-0d7f2a96b3e1"
_ORDERS_WEBHOOK = "81f3a6d4-2c5e-47b9-9e10-64b8d3c7f520"
ORDERS_DEV_INTAKE = BoomiProcess(
    "order-intake", ORDER_INTAKE.name, ORDERS_DEV_ATOM, "batches",
    Rhythm((6, 10, 14, 18), (20,), workdays_only=True), (1, 6), 1_100, 240, ORDERS_DB, ERP,
    failures=(("bad-400", 0.06), ("erp-401", 0.03)), component_id=_ORDERS_MAIN,
)  # fmt: skip
ORDERS_DEV_INTAKE_TEST = BoomiProcess(
    "order-intake-test", ORDER_INTAKE.name, ORDERS_DEV_ATOM, "batches",
    Rhythm((9, 13, 16), (7, 41), workdays_only=True), (1, 2), 900, 230, ORDERS_DB, ERP,
    "test_manual", failures=(("map-mandatory", 0.12), ("script-null", 0.08)),
    component_id=_ORDERS_MAIN,
)  # fmt: skip
ORDERS_DEV_WEBHOOK = BoomiProcess(
    "order-webhook", ORDER_WEBHOOK.name, ORDERS_DEV_ATOM, "listener",
    Rhythm(per_day=4), (1, 1), 210, 90, None, ERP, "exec_listener",
    failures=(("bad-400", 0.08),), component_id=_ORDERS_WEBHOOK,
)  # fmt: skip
_CRM_SYNC = stable_id("component", f"{CRM_DEV.account_id}/customer-sync")
CRM_DEV_SYNC = BoomiProcess(
    "customer-sync", CUSTOMER_SYNC.name, CRM_DEV_ATOM, "pages",
    Rhythm((7, 15), (40,), workdays_only=True), (5, 40), 1_800, 60, CRM, CRM,
    failures=(("slow-429", 0.05),), caught=(("duplicate-409", 0.1),), component_id=_CRM_SYNC,
)  # fmt: skip
CRM_DEV_SYNC_TEST = BoomiProcess(
    "customer-sync-test", CUSTOMER_SYNC.name, CRM_DEV_ATOM, "pages",
    Rhythm((10, 14), (18, 52), workdays_only=True), (1, 8), 1_200, 60, CRM, CRM,
    "test_manual", failures=(("map-mandatory", 0.1),), component_id=_CRM_SYNC,
)  # fmt: skip
CRM_DEV_MERGE = BoomiProcess(
    "contact-merge", "[CRM] Contact Merge", CRM_DEV_ATOM, "cache",
    Rhythm((11, 16), (25,), workdays_only=True), (2, 12), 900, 110, CRM, CRM, "exec_manual",
    failures=(("duplicate-409", 0.06),),
    component_id=stable_id("component", f"{CRM_DEV.account_id}/contact-merge"),
)  # fmt: skip
IN_DEVELOPMENT = (
    ORDERS_DEV_INTAKE,
    ORDERS_DEV_INTAKE_TEST,
    ORDERS_DEV_WEBHOOK,
    CRM_DEV_SYNC,
    CRM_DEV_SYNC_TEST,
    CRM_DEV_MERGE,
)
ELSEWHERE = (TEST_ORDER_INTAKE, TEST_CUSTOMER_SYNC, DEV_RETURNS, CLIENT_ORDERS, *IN_DEVELOPMENT)

ALL = NORTHWIND + CHILDREN + ELSEWHERE
_BY_KEY = {process_key(process): process for process in ALL}


def process_at(key: str) -> BoomiProcess:
    """The process of a `process_key`, also on a runtime it does not usually run on.

    Raises KeyError.
    """
    known = _BY_KEY.get(key)
    if known is not None:
        return known
    runtime_name, _, name = key.rpartition("/")
    runtime = next((found for found in RUNTIMES if found.name == runtime_name), None)
    for process in ALL:
        if runtime is None or process.key != name:
            continue
        if process.runtime.account_id == runtime.account_id:
            return replace(process, runtime=runtime)
    raise KeyError(key)


def process_on(process_id: str, runtime: Runtime) -> BoomiProcess | None:
    """The process of this id as it would run on `runtime`; None if there is none."""
    ours = [p for p in ALL if p.runtime.account_id == runtime.account_id]
    fitting = [process for process in ours if process.process_id == process_id]
    here = [process for process in fitting if process.runtime is runtime]
    started = [process for process in here if not process.execution_type.startswith("test_")]
    for process in (*started, *here, *fitting):
        return process if process.runtime is runtime else replace(process, runtime=runtime)
    return None
