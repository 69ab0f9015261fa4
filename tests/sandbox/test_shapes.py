"""Everything served matches the compact description of the objects."""

import re
import xml.etree.ElementTree as ET

import pytest

from sandbox.activity_shapes import ACTIVITY_PARTS
from sandbox.company import ACCOUNTS
from sandbox.nested_shapes import ENVELOPE_ATTRIBUTE, ENVELOPE_CHILDREN, PARTS
from sandbox.shapes import COMPONENT_METADATA, COMPONENT_TYPES, MANIFEST, SHAPES, Field, Shape
from tests.sandbox.caller import Caller, simple

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
NAMESPACE = "{http://api.platform.boomi.com/}"
ALL_PARTS = PARTS | ACTIVITY_PARTS
FITS = {
    "string": lambda v: isinstance(v, str),
    "date": lambda v: isinstance(v, str) and DATE.fullmatch(v) is not None,
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "long": lambda v: isinstance(v, list) and v[0] == "Long" and isinstance(v[1], int),
    "double": lambda v: isinstance(v, float),
    "day": lambda v: isinstance(v, str) and DAY.fullmatch(v) is not None,
    "list": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict) and "@type" in v,
}


def problems(shape: Shape, row: dict) -> list[str]:
    wrong = [] if row["@type"] == shape.name else [f"@type is {row['@type']}"]
    return wrong + field_problems(shape.fields, row)


def field_problems(fields: tuple[Field, ...], row: dict) -> list[str]:
    """What is wrong with an object or, one level down, with the parts inside it."""
    known: dict[str, Field] = {field.name: field for field in fields}
    found = [f"{name} is missing" for name, f in known.items() if f.required and name not in row]
    for name, value in row.items():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                found += field_problems(ALL_PARTS[part["@type"]], part)
        if name == "@type":
            continue
        if name not in known:
            found.append(f"{name} is unknown")
        elif not FITS[known[name].kind](value):
            found.append(f"{name} is {value!r}")
        elif known[name].values and value not in known[name].values:
            found.append(f"{name} has the value {value!r}")
    return found


# A query for everything is refused there.
ASKED = {"ComponentReference": simple("componentId", "IS_NOT_NULL")}


@pytest.mark.parametrize("name", SHAPES)
def test_every_served_object_matches_its_shape(reader, name):
    shape = SHAPES[name]
    callers = [Caller(reader.sandbox, account) for account in ACCOUNTS]
    rows = [row for caller in callers for row in caller.everything(name, ASKED.get(name))]
    assert rows
    assert [problem for row in rows for problem in problems(shape, row)] == []


def shown(field: Field, element: ET.Element) -> str | None:
    return element.findtext(NAMESPACE + field.name) if field.element else element.get(field.name)


def as_xml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value[1] if isinstance(value, list) else value)


def xml_problems(shape: Shape, row: dict, element: ET.Element) -> list[str]:
    """Where the XML of an object differs from its JSON; parts inside must be as many."""
    found = []
    for field in shape.fields:
        value = row.get(field.name)
        if field.kind in ("list", "object"):
            wanted = len(value) if isinstance(value, list) else int(value is not None)
            if len(element.findall(NAMESPACE + field.name)) != wanted:
                found.append(f"{field.name} is there another number of times")
        elif shown(field, element) != (None if value is None else as_xml(value)):
            found.append(f"{field.name} is {shown(field, element)!r}, not {value!r}")
    return found


@pytest.mark.parametrize("name", SHAPES)
def test_xml_holds_the_same_values_in_the_right_places(reader, name):
    shape = SHAPES[name]
    asked = {"QueryFilter": {"expression": ASKED[name]} if name in ASKED else {}}
    for account in ACCOUNTS:
        caller = Caller(reader.sandbox, account)
        rows = caller.query(name, ASKED.get(name))["result"]
        response = caller.post(f"{name}/query", asked, headers={"Accept": "application/xml"})
        elements = ET.fromstring(response.content).findall(f"{NAMESPACE}result")
        pairs = zip(rows, elements, strict=True)
        assert [text for pair in pairs for text in xml_problems(shape, *pair)] == []


def test_every_manifest_matches_its_shape(reader):
    for package in reader.everything("PackagedComponent"):
        path = f"PackagedComponentManifest/{package['packageId']}"
        row = reader.get(path).json()
        assert problems(MANIFEST, row) == []
        response = reader.get(path, headers={"Accept": "application/xml"})
        assert xml_problems(MANIFEST, row, ET.fromstring(response.content)) == []


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.name)
def test_the_envelope_of_every_document_says_what_the_metadata_says(reader, account):
    caller = Caller(reader.sandbox, account)
    for row in caller.everything("ComponentMetadata"):
        response = caller.get(f"Component/{row['componentId']}~{row['version']}")
        document = ET.fromstring(response.content)
        assert xml_problems(COMPONENT_METADATA, row, document) == []
        names = {field.name for field in COMPONENT_METADATA.fields} | {ENVELOPE_ATTRIBUTE}
        assert set(document.attrib) <= names
        children = [child.tag.removeprefix(NAMESPACE) for child in document]
        last = len(ENVELOPE_CHILDREN) if row["type"] == "process" else -1
        assert children == list(ENVELOPE_CHILDREN[:last])


def test_every_type_of_component_occurs(reader):
    callers = [Caller(reader.sandbox, account) for account in ACCOUNTS]
    rows = [row for caller in callers for row in caller.everything("ComponentMetadata")]
    assert {row["type"] for row in rows} == set(COMPONENT_TYPES)
    assert len(COMPONENT_TYPES) == 29


def test_a_record_that_breaks_its_shape_is_noticed():
    shape = SHAPES["Environment"]
    row = {"@type": "Environment", "id": 7, "classification": "BOTH", "colour": "red"}
    assert problems(shape, row) == [
        "name is missing",
        "id is 7",
        "classification has the value 'BOTH'",
        "colour is unknown",
    ]
