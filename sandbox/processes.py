"""The Boomi processes of Northwind: when they run, how long, and what fails in them."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.company import (
    CLIENT_CLOUD,
    DEV_ATOM,
    EDI_ATOM,
    MOLECULE,
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
    a run without start data, `target` is where documents go.
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

    @property
    def process_id(self) -> str:
        return stable_id("process", f"{self.runtime.account_id}/{self.key}")


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
ELSEWHERE = (TEST_ORDER_INTAKE, TEST_CUSTOMER_SYNC, DEV_RETURNS, CLIENT_ORDERS)

ALL = NORTHWIND + CHILDREN + ELSEWHERE
