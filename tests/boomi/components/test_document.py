"""The one entry for component XML: what it takes, and what it refuses without harm."""

import pytest

from boomi.components import MAX_BYTES, DocumentRefused, parse_document
from boomi.components.document import local
from tests.boomi.component_rows import component_document, envelope

BOMB = (
    '<!DOCTYPE c [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><bns:Component xmlns:bns="x">&c;</bns:Component>'
)
OUTSIDE = (
    '<!DOCTYPE c [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    '<bns:Component xmlns:bns="x">&f;</bns:Component>'
)
HOSTILE = {
    "an entity bomb": BOMB,
    "an entity from a file": OUTSIDE,
    "a bare DOCTYPE": '<!DOCTYPE Component><Component type="process"/>',
    "a DTD from the network": '<!DOCTYPE c SYSTEM "http://127.0.0.1:9/x.dtd"><Component/>',
    "an unknown entity": "<Component>&nope;</Component>",
    "nothing": "",
    "no XML": "Internal Server Error",
    "half a document": "<Component><object>",
    "another object": "<QueryResult/>",
    "a NUL": "<Component a='\0'/>",
    "a lone surrogate": "<Component a='\ud800'/>",
    "other bytes than UTF-8": "<Component name='ä'/>".encode("latin-1"),
    "UTF-16": '<?xml version="1.0"?><Component/>'.encode("utf-16"),
    "a text without end": b"<Component>" + b" " * MAX_BYTES + b"</Component>",
    "ten thousand levels": "<Component>" + "<a>" * 10_000 + "</a>" * 10_000 + "</Component>",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_is_refused_with_a_sentence(text: str | bytes) -> None:
    with pytest.raises(DocumentRefused) as refused:
        parse_document(text)
    assert str(refused.value).startswith("The document ")
    assert len(str(refused.value)) < 300


def test_the_envelope_is_read() -> None:
    document = parse_document(component_document("process-01-order-intake-main"))
    assert document.type == "process"
    assert document.description == "Reads open orders, maps and posts them to the ERP"
    assert document.content is not None
    assert local(document.content) == "process"
    assert document.overrides is not None


def test_a_declared_encoding_does_not_change_what_was_received() -> None:
    text = component_document("crossref-01-country-region").replace('"UTF-8"', '"ISO-8859-1"')
    named = text.replace('name="Country to Region"', 'name="Länder"')
    assert parse_document(named).root.get("name") == "Länder"


def test_bytes_with_a_byte_order_mark_are_read() -> None:
    assert parse_document(b"\xef\xbb\xbf" + envelope("process", "<process/>").encode()).type


def test_an_envelope_without_content_has_none() -> None:
    document = parse_document('<Component type="queue"/>')
    assert document.content is None
    assert document.encrypted_paths == ()
