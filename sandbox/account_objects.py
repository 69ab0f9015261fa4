"""Account groups, their members, users and roles as rows of the store."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.company import CLIENT, CRM_DEV, ORDERS_DEV, PRIMARY, Account, stable_id
from sandbox.people import PEOPLE, ROLES, role_of
from sandbox.store import ObjectRow
from sandbox.wire import Json, dump


@dataclass(frozen=True, slots=True)
class AccountGroup:
    """`resources` are (id, name, type) of what the group may use."""

    name: str
    members: tuple[Account, ...]
    alert_level: str
    default: bool = False
    resources: tuple[tuple[str, str, str], ...] = ()

    @property
    def group_id(self) -> str:
        return stable_id("account-group", self.name)


_PACK = (stable_id("pack", "Fabrikam Orders"), "Fabrikam Orders", "Integration Pack")
_CLOUD = (stable_id("cloud", "Fabrikam Cloud"), "EU Test Cloud", "Cloud")
GROUPS = (
    AccountGroup("All Accounts", (PRIMARY, ORDERS_DEV, CRM_DEV, CLIENT), "none", default=True),
    AccountGroup("Customers", (CLIENT,), "error", resources=(_PACK, _CLOUD)),
    AccountGroup("Developers", (ORDERS_DEV, CRM_DEV), "warning"),
)


def group_of(group_id: str) -> AccountGroup | None:
    return next((group for group in GROUPS if group.group_id == group_id), None)


def account_rows() -> Iterator[ObjectRow]:
    """Every row of this module; groups belong to the primary account."""
    for group in GROUPS:
        yield _group(group)
        for member in group.members:
            yield _member(group, member)
    for role in ROLES:
        privileges: list[Json] = [{"@type": "Privilege", "name": name} for name in role.privileges]
        yield _row("Role", role.account_id, role.role_id, {
            "name": role.name,
            "accountId": role.account_id,
            "Description": role.description,
            "Privileges": {"@type": "Privileges", "Privilege": privileges},
        })  # fmt: skip
    for person in PEOPLE:
        role_id = role_of(person).role_id
        id_ = _joined("AccountUserRole", person.account_id, person.user, role_id)
        yield _row("AccountUserRole", person.account_id, id_, {
            "accountId": person.account_id,
            "userId": person.user,
            "roleId": role_id,
            "firstName": person.first_name,
            "lastName": person.last_name,
            "notifyUser": False,
        })  # fmt: skip


def _joined(*parts: str) -> str:
    """An opaque id made of others."""
    return base64.b64encode(":".join(parts).encode()).decode().rstrip("=")


def _row(kind: str, account: str, id_: str, values: dict[str, Json]) -> ObjectRow:
    body = dump({"@type": kind, "id": id_, **values})
    return kind, account, id_, "0000", "9999", body, "{}"


def _group(group: AccountGroup) -> ObjectRow:
    resources: list[Json] = [
        {"@type": "Resource", "resourceId": id_, "resourceName": name, "objectType": type_}
        for id_, name, type_ in group.resources
    ]
    return _row("AccountGroup", PRIMARY.account_id, group.group_id, {
        "accountId": PRIMARY.account_id,
        "name": group.name,
        "autoSubscribeAlertLevel": group.alert_level,
        "defaultGroup": group.default,
        "Resources": {"@type": "Resources", "Resource": resources},
    })  # fmt: skip


def _member(group: AccountGroup, account: Account) -> ObjectRow:
    id_ = _joined("AccountGroupAccount", group.group_id, account.account_id)
    return _row("AccountGroupAccount", PRIMARY.account_id, id_, {
        "accountGroupId": group.group_id,
        "accountId": account.account_id,
    })  # fmt: skip
