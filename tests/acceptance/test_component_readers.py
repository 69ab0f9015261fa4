"""The portal reads from a document what the platform says about it."""

import pytest

from boomi.components import blank_secrets, parse_document, references_in
from sandbox.company import CRM_DEV, ORDERS_DEV, PRIMARY
from sandbox.server import Sandbox
from tests.sandbox.caller import Caller, group, simple

CURRENT = group(
    "and", simple("currentVersion", "EQUALS", "true"), simple("deleted", "EQUALS", "false")
)


@pytest.fixture(scope="module")
def platform():
    with Sandbox(scenario="small", rate_limit=0) as running:
        yield running


@pytest.mark.parametrize("account", [PRIMARY, ORDERS_DEV, CRM_DEV], ids=lambda a: a.name)
def test_references_read_from_a_document_are_those_the_platform_tells(platform, account):
    caller = Caller(platform, account)
    asked = simple("componentId", "IS_NOT_NULL")
    told: dict[str, set[str]] = {}
    for row in caller.everything("ComponentReference", asked):
        for entry in row["references"]:
            told.setdefault(entry["parentComponentId"], set()).add(entry["componentId"])
    for row in caller.everything("ComponentMetadata", CURRENT):
        document = parse_document(caller.get(f"Component/{row['componentId']}").content)
        read = {reference.component_id for reference in references_in(document)}
        # A query tells nothing of components that are deleted.
        assert told.get(row["componentId"], set()) <= read
        gone = read - told.get(row["componentId"], set())
        rows = [caller.get(f"ComponentMetadata/{id_}").json() for id_ in gone]
        assert all(found["deleted"] for found in rows)


def test_the_stand_ins_of_secrets_are_blanked(platform):
    caller = Caller(platform)
    asked = simple("type", "EQUALS", "connector-settings")
    for row in caller.everything("ComponentMetadata", asked):
        text = caller.get(f"Component/{row['componentId']}~{row['version']}").text
        assert blank_secrets(text).count >= 1
