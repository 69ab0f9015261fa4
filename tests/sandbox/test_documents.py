"""Component documents: their form, their secrets, and how versions differ."""

import re
import xml.etree.ElementTree as ET

import pytest

from sandbox.company import CRM_DEV, ORDERS_DEV, PRIMARY
from sandbox.faults import Faults
from tests.sandbox.caller import Caller, group, simple
from tests.sandbox.documents import BNS, inner, parsed

ERP_HTTP = "2f9c04e8-b17a-4d35-a6e2-938d51f07bc4"
CRM_REST = "9d3b50f7-e8a2-4c61-b479-20f6e1c8d5a3"
ORDER_INTAKE = "5b1e7c40-9a3d-4f62-8c15-0d7f2a96b3e1"
ORDER_JSON = "f1b02c6e-e957-4a83-8d46-7c0e9f35b2a8"
CHANNEL_SETTINGS = "735f0ea8-c1d6-4b92-8ae7-d60c94b3f817"
CDATA_SCRIPT = "bf482e0d-73a9-4c65-9e18-c5d70a6b92f3"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
STAND_IN = re.compile(r"[0-9a-f]{128}")
CURRENT = group(
    "and", simple("currentVersion", "EQUALS", "true"), simple("deleted", "EQUALS", "false")
)


@pytest.fixture
def orders(reader):
    return Caller(reader.sandbox, ORDERS_DEV)


@pytest.mark.parametrize("accept", ["application/json", "application/xml", "*/*"])
def test_a_document_is_xml_whatever_accept_says(orders, accept):
    response = orders.get(f"Component/{ERP_HTTP}", headers={"Accept": accept})
    assert response.headers["Content-Type"] == "application/xml;charset=UTF-8"
    assert response.text.startswith(f"{DECLARATION}<bns:Component ")


def test_the_attributes_of_the_envelope_come_in_the_real_order(orders):
    text = orders.get(f"Component/{ERP_HTTP}").text
    names = re.findall(r' (\w+)="', text[text.index(" folderFullPath") : text.index("><bns:enc")])
    assert " ".join(names) == (
        "folderFullPath componentId version name type subType createdDate createdBy modifiedDate "
        "modifiedBy deleted currentVersion folderName folderId branchName branchId"
    )


def test_a_copy_names_its_source_between_folder_and_branch(reader):
    caller = Caller(reader.sandbox, CRM_DEV)
    copies = caller.query("ComponentMetadata", simple("copiedFromComponentId", "IS_NOT_NULL"))
    id_ = copies["result"][0]["componentId"]
    names = list(parsed(caller, id_).attrib)
    assert names[-5:-2] == ["folderId", "copiedFromComponentId", "copiedFromComponentVersion"]


def test_only_connector_components_have_a_sub_type(orders):
    assert "subType" not in parsed(orders, ORDER_INTAKE).attrib
    assert parsed(orders, ERP_HTTP).get("subType") == "http"


@pytest.mark.parametrize("account", [PRIMARY, ORDERS_DEV, CRM_DEV], ids=lambda a: a.name)
def test_every_document_is_one_line_with_sorted_attributes(reader, account):
    caller = Caller(reader.sandbox, account)
    for row in caller.everything("ComponentMetadata", CURRENT):
        text = caller.get(f"Component/{row['componentId']}").text
        assert re.search(r">[ \t]*\n\s*<", text) is None
        for element in inner(ET.fromstring(text)).iter():
            plain = [name for name in element.attrib if not name.startswith("{")]
            assert plain == sorted(plain)


def test_the_full_path_of_the_folder_is_that_of_the_folder(orders):
    document = parsed(orders, "c07d91f2-46be-4a0b-b3d8-71e5f8240a6c")
    folder = orders.get(f"Folder/{document.get('folderId')}").json()
    assert document.get("folderFullPath") == folder["fullPath"]
    assert folder["fullPath"] == "Northwind Orders Dev/Orders/Processes/Common"


def test_text_with_brackets_survives(orders):
    script = inner(parsed(orders, CDATA_SCRIPT)).findtext("script")
    assert 'info("audit <start>")' in script


# --- secrets ------------------------------------------------------------------


def test_secrets_are_128_hexadecimal_characters(orders):
    settings = inner(parsed(orders, ERP_HTTP))
    assert STAND_IN.fullmatch(settings.find("AuthSettings").get("password"))
    rest = inner(parsed(orders, CRM_REST))
    credentials = rest.find(".//credentials")
    assert STAND_IN.fullmatch(credentials.get("clientSecret"))
    fields = {field.get("id"): field.get("value") for field in rest.iter("field")}
    assert STAND_IN.fullmatch(fields["customAuthCredentials"])
    assert fields["password"] == ""


def test_the_places_of_secrets_are_named(orders):
    values = parsed(orders, CRM_REST).find(f"{BNS}encryptedValues")
    places = {value.get("path"): value.get("isSet") for value in values}
    assert places["//GenericConnectionConfig/field[@type='password']"] == "true"
    assert (
        places["//GenericConnectionConfig/field/OAuth2Config/credentials/@clientSecret"] == "true"
    )
    assert list(parsed(orders, ORDER_JSON).find(f"{BNS}encryptedValues")) == []


def test_only_the_password_of_a_process_property_is_readable(orders):
    secret = "dev-signing-7731"
    assert secret in orders.get(f"Component/{CHANNEL_SETTINGS}").text


@pytest.mark.parametrize("account", [PRIMARY, ORDERS_DEV, CRM_DEV], ids=lambda a: a.name)
def test_no_connection_shows_what_it_keeps(reader, account):
    caller = Caller(reader.sandbox, account)
    asked = simple("type", "EQUALS", "connector-settings")
    for row in caller.everything("ComponentMetadata", asked):
        settings = inner(parsed(caller, f"{row['componentId']}~{row['version']}"))
        kept = [
            element.get("password") or element.get("value")
            for element in settings.iter()
            if element.get("password") or element.get("type") == "password"
        ]
        assert [value for value in kept if value and not STAND_IN.fullmatch(value)] == []


def test_a_stand_in_changes_with_the_secret_only(orders):
    def password(version):
        settings = inner(parsed(orders, f"{ERP_HTTP}~{version}"))
        return settings.find("AuthSettings").get("password")

    assert password(1) == password(2) == password(2)
    assert password(3) != password(4)


def test_stand_ins_may_change_with_every_read(caller):
    orders = Caller(caller.sandbox, ORDERS_DEV)
    assert orders.get(f"Component/{ERP_HTTP}").text == orders.get(f"Component/{ERP_HTTP}").text
    caller.sandbox.faults = Faults(reencrypted_secrets=True)
    assert orders.get(f"Component/{ERP_HTTP}").text != orders.get(f"Component/{ERP_HTTP}").text


# --- versions -----------------------------------------------------------------


@pytest.mark.parametrize("account", [PRIMARY, ORDERS_DEV, CRM_DEV], ids=lambda a: a.name)
def test_neighbouring_versions_differ_in_their_content(reader, account):
    caller = Caller(reader.sandbox, account)
    rows = caller.everything("ComponentMetadata", simple("deleted", "EQUALS", "false"))
    contents = {}
    for row in rows:
        document = parsed(caller, f"{row['componentId']}~{row['version']}")
        text = document.findtext(f"{BNS}description"), ET.tostring(inner(document))
        contents[row["componentId"], row["version"]] = text
    same = [key for key, text in contents.items() if contents.get((key[0], key[1] + 1)) == text]
    assert same == []


def test_old_versions_stay_readable_and_the_newest_is_the_default(orders):
    newest, old = parsed(orders, ORDER_INTAKE), parsed(orders, f"{ORDER_INTAKE}~11")
    assert (newest.get("version"), newest.get("currentVersion")) == ("12", "true")
    assert (old.get("version"), old.get("currentVersion")) == ("11", "false")
    tries = [d.find(".//catcherrors").get("retryCount") for d in (newest, old)]
    assert tries == ["0", "1"]


def test_a_map_grows_line_by_line(orders):
    map_id = "3ce97a05-d2b8-4614-97fa-e0468b1d2c5f"
    lines = [len(list(parsed(orders, f"{map_id}~{v}").iter("Mapping"))) for v in (6, 7, 8)]
    assert lines == sorted(lines)
    assert len(set(lines)) == 3


def test_a_version_to_come_is_not_there_yet(orders):
    response = orders.get(f"Component/{ORDER_INTAKE}~13")
    assert response.status_code == 400
