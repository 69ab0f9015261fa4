"""Everything served matches the compact description of the objects."""

import re
import xml.etree.ElementTree as ET

import pytest

from sandbox.company import ACCOUNTS
from sandbox.shapes import SHAPES, Field, Shape
from tests.sandbox.caller import Caller, simple

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
NAMESPACE = "{http://api.platform.boomi.com/}"
FITS = {
    "string": lambda v: isinstance(v, str),
    "date": lambda v: isinstance(v, str) and DATE.fullmatch(v) is not None,
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "long": lambda v: isinstance(v, list) and v[0] == "Long" and isinstance(v[1], int),
    "list": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict) and "@type" in v,
}


def problems(shape: Shape, row: dict) -> list[str]:
    known: dict[str, Field] = {field.name: field for field in shape.fields}
    found = [f"{name} is missing" for name, f in known.items() if f.required and name not in row]
    for name, value in row.items():
        if name == "@type":
            found += [] if value == shape.name else [f"@type is {value}"]
        elif name not in known:
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


@pytest.mark.parametrize("name", SHAPES)
def test_xml_holds_the_same_values_in_the_right_places(reader, name):
    shape = SHAPES[name]
    row = reader.query(name, ASKED.get(name))["result"][0]
    asked = {"QueryFilter": {"expression": ASKED[name]} if name in ASKED else {}}
    response = reader.post(f"{name}/query", asked, headers={"Accept": "application/xml"})
    result = ET.fromstring(response.content).find(f"{NAMESPACE}result")
    assert result is not None
    for field in shape.fields:
        value = row.get(field.name)
        if value is None or field.kind in ("list", "object"):
            continue
        text = str(value[1] if field.kind == "long" else value)
        text = text.lower() if field.kind == "boolean" else text
        shown = result.findtext(NAMESPACE + field.name) if field.element else result.get(field.name)
        assert shown == text


def test_a_record_that_breaks_its_shape_is_noticed():
    shape = SHAPES["Environment"]
    row = {"@type": "Environment", "id": 7, "classification": "BOTH", "colour": "red"}
    assert problems(shape, row) == [
        "name is missing",
        "id is 7",
        "classification has the value 'BOTH'",
        "colour is unknown",
    ]
