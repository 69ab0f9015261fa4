"""What each type of document says, in tables for people; an unknown shape never fails."""

from __future__ import annotations

import pytest

from boomi.components import TYPES, Facts, Pairs, Table, Text, blank_secrets, parse_document
from boomi.components import read_facts as read
from boomi.components.facts import MAX_ROWS, spoken
from tests.boomi.component_rows import DOCUMENTS, component_document, envelope

ID = "0a1b2c3d-0000-4000-8000-{:012d}".format
SAMPLES = sorted(path.stem for path in DOCUMENTS.glob("*.xml"))
CANARY = "c4n4ry-4f8e"


def facts_of(name: str) -> Facts:
    return read(parse_document(blank_secrets(component_document(name)).text))


def made(kind: str, content: str, **more: str) -> Facts:
    return read(parse_document(envelope(kind, content, **more)))


def rows(facts: Facts, title: str) -> list[list[str]]:
    (table,) = [one for one in facts.sections if one.title == title and isinstance(one, Table)]
    return [[cell.text for cell in row] for row in table.rows]


def values(facts: Facts, title: str) -> dict[str, str]:
    (section,) = [one for one in facts.sections if one.title == title and isinstance(one, Pairs)]
    return {name: cell.text for name, cell in section.rows}


def texts(facts: Facts) -> list[str]:
    return [one.text for one in facts.sections if isinstance(one, Text)]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_says_something_in_its_own_sections(name: str) -> None:
    facts = facts_of(name)
    assert facts.sections
    assert "Content" not in {section.title for section in facts.sections}
    for section in facts.sections:
        if isinstance(section, Table):
            assert all(len(row) == len(section.columns) for row in section.rows)


def test_a_process_lists_its_steps_in_the_order_of_the_flow() -> None:
    steps = rows(facts_of("process-01-order-intake-main"), "Steps")
    assert [row[0] for row in steps] == [
        "Start", "Guard whole run", "Read open orders", "Rows to order JSON",
        "Batch size + region", "De-duplicate", "Order to ERP", "Send to ERP", "Stop",
        "Error handler",
    ]  # fmt: skip
    assert steps[1][1:3] == ["Try/catch", "catches all errors, no retry"]
    assert steps[1][4] == "Try: Read open orders; Catch: Error handler"


def test_a_process_names_what_its_steps_use() -> None:
    facts = facts_of("process-01-order-intake-main")
    assert "3ce97a05-d2b8-4614-97fa-e0468b1d2c5f" in facts.uses
    assert rows(facts, "Connectors")[0][:3] == ["Read open orders", "database", "Get"]
    assert rows(facts, "Properties it sets")[0][2] == "Order Intake Settings › Batch Size"
    assert ["Connection", "Password", ""] in rows(facts, "Declared as extensions")


def test_steps_in_a_ring_and_steps_without_a_line_are_listed_once() -> None:
    shapes = "".join(
        f'<shape name="s{n}" shapetype="{kind}" userlabel="S{n}"><configuration/><dragpoints>'
        f'<dragpoint toShape="s{to}"/></dragpoints></shape>'
        for n, kind, to in ((1, "start", 2), (2, "flowcontrol", 3), (3, "map", 2), (4, "odd", 9))
    )
    facts = made("process", f"<process><shapes>{shapes}</shapes></process>")
    assert [row[0] for row in rows(facts, "Steps")] == ["S1", "S2", "S3", "S4"]


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ('<catcherrors catchAll="false" retryCount="3"/>', "catches document errors, 3 retries"),
        ('<branch numBranches="4"/>', "4 branches, one after the other"),
        ('<flowcontrol forEachCount="10" chunks="2"/>', "10 documents at a time, 2 threads"),
        ("<message><msgTxt>Hello  there</msgTxt></message>", "Hello there"),
        ('<notify><notifyMessage>a</notifyMessage><notifyMessageLevel>INFO</notifyMessageLevel>'
         "</notify>", "INFO: a"),
        ('<stop continue="false"/>', "stops the whole run"),
        ('<decision comparison="equals"><decisionvalue valueType="static"><staticparameter '
         'staticproperty="1"/></decisionvalue><decisionvalue valueType="track"><trackparameter '
         'propertyName="DDP"/></decisionvalue></decision>', "“1” equals DDP"),
        ('<neverseen colour="blue"/>', "colour blue"),
    ],
)  # fmt: skip
def test_what_a_step_does_in_words(action: str, said: str) -> None:
    shape = f'<shape name="a" shapetype="x"><configuration>{action}</configuration></shape>'
    facts = made("process", f"<process><shapes>{shape}</shapes></process>")
    assert rows(facts, "Steps")[0][2] == said


def test_a_map_shows_its_lines_through_its_functions() -> None:
    facts = facts_of("transform.map-01-order-to-erp")
    assert rows(facts, "Lines")[:3] == [
        ["Root/Object/orderId", "Order/@id"],
        ["Root/Object/country", "Cross Reference Lookup › country"],
        ["Cross Reference Lookup › region", "Order/region"],
    ]
    assert [row[0] for row in rows(facts, "Functions")] == ["Cross Reference Lookup", "Strip time"]
    assert rows(facts, "Document cache joins")[0][2] == "orderId (Root/Object/orderId)"


def test_defaults_of_a_map_show_values_but_no_secret() -> None:
    content = (
        '<Map><Defaults><Default toNamePath="a/b" value="7"/>'
        f'<Default toNamePath="a/password" value="{CANARY}"/></Defaults></Map>'
    )
    assert rows(made("transform.map", content), "Defaults") == [["a/b", "7"], ["a/password", "set"]]


def test_a_function_shows_its_ports_and_its_script() -> None:
    facts = facts_of("transform.function-01-strip-time")
    assert rows(facts, "Inputs and outputs") == [["Input", "dateTime"], ["Output", "dateOnly"]]
    assert texts(facts) == ['dateOnly = dateTime == null ? "" : dateTime.take(10)']


def test_a_json_profile_is_a_tree_with_types_and_keys() -> None:
    facts = facts_of("profile.json-01-order")
    (table,) = [one for one in facts.sections if one.title == "Elements"]
    assert isinstance(table, Table)
    order = [(row[0].text, row[0].depth) for row in table.rows]
    assert order[:3] == [("Root", 0), ("Object", 1), ("orderId", 2)]
    by_name = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    assert by_name["orderDate"][0] == "datetime yyyy-MM-dd'T'HH:mm:ss"
    assert by_name["ArrayElement1"][1] == "0 – any number"
    assert by_name["password"] == ["character", "", "", "7"]


def test_an_xml_profile_shows_attributes_and_how_often() -> None:
    elements = {row[0]: row for row in rows(facts_of("profile.xml-01-erp-order"), "Elements")}
    assert elements["@id"][1] == "character, attribute"
    assert elements["region"][2] == "0 – 1"


def test_a_database_profile_shows_its_statement() -> None:
    facts = facts_of("profile.db-01-open-orders")
    assert texts(facts)[0].startswith("SELECT order_id")
    assert ["order_date", "datetime yyyy-MM-dd", "", "", "6"] in rows(facts, "Elements")


def test_a_flat_file_profile_shows_its_columns() -> None:
    names = [row[0] for row in rows(facts_of("profile.flatfile-01-carrier"), "Elements")]
    assert names == ["Record", "Elements", "TRACKING_TOKEN"]


def test_an_edi_profile_shows_whatever_has_a_name_and_a_key() -> None:
    content = (
        '<EdiProfile standard="x12"><DataElements><EdiLoop key="1" name="Header"><EdiSegment '
        'key="2" name="BEG" mandatory="true"><EdiDataElement key="3" name="BEG01" minLength="2" '
        'maxLength="2"/></EdiSegment></EdiLoop></DataElements></EdiProfile>'
    )
    assert rows(made("profile.edi", content), "Elements") == [
        ["Header", "loop", "", "", "1"],
        ["BEG", "segment", "", "required", "2"],
        ["BEG01", "data element", "", "2 to 2 characters", "3"],
    ]


@pytest.mark.parametrize("name", [one for one in SAMPLES if one.startswith("connector-settings")])
def test_a_connection_says_of_a_secret_only_whether_it_is_set(name: str) -> None:
    fields = {row[0]: row[1] for row in rows(facts_of(name), "Fields")}
    assert fields["Password"] == ("not set" if "oauth2" in name else "set")
    assert not [value for value in fields.values() if "[secret]" in value]


def test_a_connection_read_before_blanking_shows_no_secret_either() -> None:
    facts = read(parse_document(component_document("connector-settings-03-rest-oauth2")))
    shown = str(rows(facts, "Fields"))
    for secret in ("7d0f3c5b2a914e68", "5fa1c8e2b07d49d6", "e81c6b0d54f7420f"):
        assert secret not in shown
    assert "northwind-orders-dev" in shown


def test_an_operation_shows_its_path_profiles_and_headers() -> None:
    facts = facts_of("connector-action-01-http-send")
    assert values(facts, "Operation")["Path"] == "orders/{DDP_ORDER_ID}"
    assert rows(facts, "Headers") == [
        ["Accept", "application/xml"], ["X-Api-Key", "set"], ["X-Correlation", "{DDP_CORRELATION}"],
    ]  # fmt: skip
    assert "6d8c25b0-37ef-4195-bc7a-e91f40d2a856" in facts.uses


def test_a_cross_reference_is_its_table() -> None:
    assert rows(facts_of("crossref-01-country-region"), "Rows") == [["DE", "EMEA"], ["JP", "APAC"]]
    assert values(facts_of("crossref-02-carrier-regex"), "Settings") == {"Match": "regex"}


def test_a_process_property_shows_its_choices_and_masks_a_password() -> None:
    kept = rows(facts_of("processproperty-01-order-intake-settings"), "Properties")
    assert kept[1][:5] == ["Last Region", "string", "EMEA", "Europe (EMEA), Asia (APAC)", "yes"]
    plain = read(parse_document(component_document("processproperty-02-channel-settings")))
    assert rows(plain, "Properties")[1][:3] == ["Webhook Secret", "password", "set"]


def test_scripts_keep_their_lines() -> None:
    assert "\n    def key" in texts(facts_of("script.processing-01-dedupe"))[0]
    assert "audit <start>" in texts(facts_of("script.processing-02-cdata"))[0]


def test_a_cache_and_a_route_name_what_they_stand_for() -> None:
    assert rows(facts_of("documentcache-01-retry-orders"), "Indexes")[0][0] == "by order id"
    route = rows(facts_of("processroute-01-order-type-router"), "Routes")
    assert route == [["STD", "Standard", "", "Return Documents"]]


def test_an_api_service_lists_its_routes() -> None:
    content = (
        f'<webservice urlPath="orders"><restApi><route processId="{ID(1)}"><overrides '
        'httpMethod="POST" inputType="json" outputType="json" urlPath="new"/></route></restApi>'
        "</webservice>"
    )
    facts = made("webservice", content)
    assert rows(facts, "Routes")[0][:3] == ["REST", "POST", "new"]
    assert ID(1) in facts.uses


def test_the_other_types_with_a_known_form() -> None:
    flow = made("flowservice", f'<F basePath="/a"><flowActions name="n" processId="{ID(1)}"/></F>')
    assert rows(flow, "Actions")[0][0] == "n"
    library = made("customlibrary", '<C><Type>general</Type><Files name="a.jar" size="9"/></C>')
    assert rows(library, "Files")[0][:2] == ["a.jar", "9"]
    partner = made(
        "tradingpartner", '<T standard="x12"><ContactInfo><email>a@b</email></ContactInfo></T>'
    )
    assert values(partner, "Contact") == {"Email": "a@b"}


def test_a_certificate_says_until_when_but_not_its_key() -> None:
    content = (
        f'<CertificateModel version="3"><Type>private</Type><IssuedTo commonName="a"/>'
        f'<Validity expireDate="2027-01-01"/><CertificateData>{CANARY}</CertificateData>'
        "</CertificateModel>"
    )
    found = values(made("certificate", content), "Certificate")
    assert (found["Valid until"], found["Key and certificate"]) == ("2027-01-01", "set")


@pytest.mark.parametrize("kind", [entry.name for entry in TYPES] + ["grown.since", ""])
@pytest.mark.parametrize(
    "content",
    ["", "<x/>", '<Odd a="1"><B c="d">text</B><!-- no --></Odd>', "<process><shapes/></process>"],
)
def test_no_shape_makes_a_reader_fail(kind: str, content: str) -> None:
    facts = made(kind, content)
    assert facts.sections or not content


def test_an_unknown_type_is_shown_as_a_tree() -> None:
    facts = made("queue", '<Queue name="q" password="p"><Limit>5</Limit></Queue>')
    assert rows(facts, "Content") == [
        ["Queue", "name=q, password=set", ""], ["Limit", "", "5"],
    ]  # fmt: skip


def test_too_many_rows_are_counted_instead_of_shown() -> None:
    many = "".join(
        f'<row><Values><ref colIdx="0" value="{n}"/></Values></row>' for n in range(2100)
    )
    heads = "<ColumnHeaders><columnHeader>a</columnHeader></ColumnHeaders>"
    facts = made("crossref", f"<CrossRefTable>{heads}<Rows>{many}</Rows></CrossRefTable>")
    (table,) = [one for one in facts.sections if isinstance(one, Table)]
    assert (len(table.rows), table.left_out) == (MAX_ROWS, 100)


@pytest.mark.parametrize(
    ("name", "said"),
    [("connectTimeout", "Connect timeout"), ("SFTPSettings", "SFTP settings"), ("url", "URL"),
     ("OAuth2Config", "OAuth 2 config"), ("sslOptions", "SSL options"), ("", "")],
)  # fmt: skip
def test_attribute_names_become_words(name: str, said: str) -> None:
    assert spoken(name) == said
