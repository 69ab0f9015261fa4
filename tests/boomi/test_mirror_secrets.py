"""Values of the platform's audit log lose their secrets before they are stored."""

import json
from datetime import UTC, datetime

import pytest

from boomi.client import AuditLogRecord
from boomi.models import Account, PlatformAuditEntry
from boomi.rows import activity
from boomi.rows.secrets import BLANK, blanked, names_secret

SECRET = "hunter2-canary"


@pytest.mark.parametrize(
    "name", ["password", "dbPassword", "API_TOKEN", "clientSecret", "private key", "apiKey"]
)
def test_a_value_whose_name_says_secret_is_blanked(name):
    assert blanked(name, SECRET) == BLANK


@pytest.mark.parametrize("name", ["passwordSet", "tokenType", "encryptedValueSet", "name", "host"])
def test_a_name_that_only_speaks_of_a_secret_is_none(name):
    assert not names_secret(name)


@pytest.mark.parametrize(
    "value",
    [
        f'<processOverrides><field id="password" value="{SECRET}"/></processOverrides>',
        f'<x><field id="host" value="h"/><field name="dbPassword">{SECRET}</field></x>',
        f'<x><field id="key7" usesEncryption="true" value="{SECRET}"/></x>',
        f'<x><AuthSettings user="svc" password="{SECRET}"/></x>',
        f"<x><credentials><item>{SECRET}</item></credentials></x>",
        f'<x><property name="DPP_TOKEN" value="{SECRET}"/></x>',
        f'<x xmlns:b="urn:b"><b:secret>{SECRET}</b:secret></x>',
        f'<x><field id="url" value="https://h/?token={SECRET}"/></x>',
        f'<!DOCTYPE x [<!ENTITY e "{SECRET}">]><x>&e;</x>',
        f'<x><broken password="{SECRET}"',
        json.dumps({"field": [{"id": "password", "value": SECRET}]}),
        json.dumps({"clientSecret": SECRET, "host": "h"}),
        json.dumps([{"name": "x", "value": SECRET, "encryptedValueSet": True}]),
        f'{{"password": "{SECRET}"',
        f"changed password={SECRET}; host=h",
        f"Authorization: Bearer {SECRET}0123456789",
    ],
)
def test_no_secret_survives_in_a_value(value):
    assert SECRET not in blanked("NEW_VALUE", value)


def test_what_is_no_secret_stays_readable():
    value = '<x><field id="host" value="ftp.acme.com"/><field id="password" value="p"/></x>'
    assert 'value="ftp.acme.com"' in blanked("NEW_VALUE", value)
    assert blanked("name", "Prod Atom") == "Prod Atom"


def test_a_value_of_any_size_is_not_parsed_for_ever():
    assert blanked("NEW_VALUE", "<x>" * 100_000) == f"{BLANK} (300,000 characters)"


@pytest.mark.django_db
@pytest.mark.db
def test_the_database_never_holds_a_secret_of_an_entry():
    account = Account.objects.create(account_id="acme-A1B2C3")
    record = AuditLogRecord.from_api(
        {
            "documentId": "d-1",
            "date": "2026-01-01T00:00:00Z",
            "message": f"Set token={SECRET}",
            "AuditLogProperty": [
                {"name": "NEW_VALUE", "value": f'<x password="{SECRET}"/>'},
                {"name": "password", "value": SECRET, "previousValue": SECRET},
            ],
        }
    )
    activity.store_audit_log(account.pk, [record], datetime(2026, 1, 2, tzinfo=UTC))
    stored = PlatformAuditEntry.objects.values().get()
    assert SECRET not in repr(stored)
    again = activity.store_audit_log(account.pk, [record], datetime(2026, 1, 3, tzinfo=UTC))
    assert (again.new, again.changed) == (0, 0)
