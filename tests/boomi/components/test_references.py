"""What a document uses agrees with what the platform's reference query says."""

import json
from collections import defaultdict

import pytest

from boomi.components import parse_document, references_in
from tests.boomi.component_rows import DOCUMENTS, component_document, envelope

ID = "0a1b2c3d-0000-4000-8000-{:012d}".format
EXPECTED: dict[str, set[str]] = defaultdict(set)
for edge in json.loads((DOCUMENTS / "references.json").read_text(encoding="utf-8")):
    EXPECTED[edge["parentComponentId"]].add(edge["componentId"])
SAMPLES = sorted(path.stem for path in DOCUMENTS.glob("*.xml"))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_references_of_a_sample_are_those_of_the_platform(name: str) -> None:
    document = parse_document(component_document(name))
    found = {one.component_id for one in references_in(document)}
    assert found == EXPECTED[str(document.root.get("componentId"))]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (f'<process><processcall processId="{ID(1)}"/></process>', "process"),
        (f'<process><x><doccacheretrieve docCache="{ID(1)}"/></x></process>', "documentcache"),
        (f'<process><tradingpartneraction><TradingPartner partnerId="{ID(1)}"/>'
         "</tradingpartneraction></process>", "tradingpartner"),
        (f'<webservice><restApi><route processId="{ID(1)}"/></restApi></webservice>', "process"),
        (f'<FlowService><flowActions processId="{ID(1)}"/></FlowService>', "process"),
        (f'<Map><SqlLookup connection="{ID(1)}"/></Map>', "connector-settings"),
        (f'<TradingPartner organizationId="{ID(1)}"/>', "tporganization"),
        (f'<TradingPartner><AS2 signAlias="{ID(1)}"/></TradingPartner>', "certificate"),
        (f'<G><field type="privatecertificate" value="{ID(1)}"/></G>', "certificate"),
    ],
)  # fmt: skip
def test_each_place_names_its_kind(content: str, kind: str) -> None:
    (found,) = references_in(parse_document(envelope("process", content)))
    assert (found.component_id, found.kind) == (ID(1), kind)


def test_a_chooser_names_the_profile_and_the_operation() -> None:
    value = f"EMBEDDED|databaseparameterchooser|{ID(1)}|{ID(2)}"
    content = f'<process><connectoraction parameter-profile="{value}"/></process>'
    found = references_in(parse_document(envelope("process", content)))
    assert [(one.component_id, one.kind) for one in found] == [
        (ID(1), "profile"), (ID(2), "connector-action"),
    ]  # fmt: skip


def test_an_id_with_a_prefix_is_found_and_a_property_key_is_not() -> None:
    content = (
        f'<process><processroutecall processRouteId="resource::rout:{ID(1)}"/>'
        f'<definedprocessparameter componentId="{ID(2)}" propertyKey="{ID(3)}"/></process>'
    )
    found = references_in(parse_document(envelope("process", content)))
    assert [one.component_id for one in found] == [ID(1), ID(2)]


def test_an_inline_script_uses_nothing() -> None:
    content = f'<process><dataprocessscript useComponent="false" componentId="{ID(1)}"/></process>'
    assert references_in(parse_document(envelope("process", content))) == []


def test_a_component_does_not_use_itself() -> None:
    text = envelope("process", f'<process><processcall processId="{ID(1)}"/></process>')
    assert references_in(parse_document(text.replace('"c-1"', f'"{ID(1)}"'))) == []
