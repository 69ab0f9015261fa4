"""The people of Northwind: who starts runs by hand, and what their roles allow."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.company import CLIENT, CRM_DEV, ORDERS_DEV, PRIMARY, stable_id


@dataclass(frozen=True, slots=True)
class Role:
    """`privileges` are names of the platform."""

    account_id: str
    name: str
    description: str
    privileges: tuple[str, ...]

    @property
    def role_id(self) -> str:
        return stable_id("role", f"{self.account_id}/{self.name}")


@dataclass(frozen=True, slots=True)
class Person:
    """A user of one account. `starts_runs` is true for those who run processes by hand."""

    user: str
    first_name: str
    last_name: str
    account_id: str
    role: str
    starts_runs: bool = False


_READ = ("API", "VIEW_RESULT", "VIEW_DATA", "ATOM_MANAGEMENT_READ_ONLY", "BUILD_READ_ACCESS")
_ALL = (
    *_READ, "EXECUTE", "DEPLOY", "PACKAGE_MANAGEMENT", "SCHEDULE_MAINTENANCE", "VIEW_AUDIT_LOGS",
    "DASHBOARD", "ATOM_MANAGEMENT", "ACCOUNT_GROUP", "ACCOUNT_ADMIN",
)  # fmt: skip
_OPERATE = (*_READ, "EXECUTE", "SCHEDULE_MAINTENANCE", "VIEW_AUDIT_LOGS", "DASHBOARD")
PEOPLE = (
    Person("ada@northwind.example", "Ada", "Vos", PRIMARY.account_id, "Administrator"),
    Person("olga@northwind.example", "Olga", "Lind", PRIMARY.account_id, "Operator", True),
    Person("dan@northwind.example", "Dan", "Okoro", PRIMARY.account_id, "Developer", True),
    Person(
        "integration@northwind.example", "Integration", "Portal", PRIMARY.account_id,
        "Administrator",
    ),
    Person("lena@northwind.example", "Lena", "Brandt", ORDERS_DEV.account_id, "Developer", True),
    Person("omar@northwind.example", "Omar", "Haddad", CRM_DEV.account_id, "Developer", True),
    Person("it@fabrikam.example", "Ines", "Torres", CLIENT.account_id, "Operator", True),
)  # fmt: skip
ROLES = tuple(
    Role(account.account_id, name, description, privileges)
    for account in (PRIMARY, ORDERS_DEV, CRM_DEV, CLIENT)
    for name, description, privileges in (
        ("Administrator", "Everything", _ALL),
        ("Operator", "Watches, runs and pauses", _OPERATE),
        ("Developer", "Builds and deploys", (*_OPERATE, "DEPLOY", "PACKAGE_MANAGEMENT")),
    )
)


def role_of(person: Person) -> Role:
    return next(
        role for role in ROLES if (role.account_id, role.name) == (person.account_id, person.role)
    )


def starter_of(account_id: str, execution_uuid: str) -> Person:
    """Who started a run of this account by hand; the run's id decides."""
    able = [p for p in PEOPLE if p.account_id == account_id and p.starts_runs]
    return able[int(execution_uuid[:2], 16) % len(able)]
