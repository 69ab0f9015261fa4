"""Documents as lines: laid out, coloured without losing a character, compared."""

import pytest

from boomi.components.display import MAX_DIFF_LINES, compare, highlight, laid_out
from tests.boomi.component_rows import DOCUMENTS, component_document, envelope

SAMPLES = sorted(path.stem for path in DOCUMENTS.glob("*.xml"))


def test_a_document_of_one_line_is_laid_out() -> None:
    made = envelope("process", "<process><shapes><shape/></shapes></process>")
    assert laid_out(made).split("\n")[-5:] == [
        "        <shape/>", "      </shapes>", "    </process>", "  </bns:object>",
        "</bns:Component>",
    ]  # fmt: skip


def test_the_text_of_a_script_keeps_its_lines() -> None:
    text = laid_out(component_document("script.processing-01-dedupe"))
    assert "\n    def props = dataContext" in text


@pytest.mark.parametrize("name", SAMPLES)
def test_colouring_loses_no_character(name: str) -> None:
    lines = component_document(name).split("\n")
    shown = highlight(lines, first=5)
    assert ["".join(part.text for part in line.parts) for line in shown] == lines
    assert [line.number for line in shown] == list(range(5, 5 + len(lines)))


def test_names_values_and_notes_are_told_apart() -> None:
    (line,) = highlight(['<a b="c > d">e<!-- f --></a>'])
    assert [(part.tone, part.text) for part in line.parts] == [
        ("tag", "<a"), ("", " "), ("name", "b"), ("", "="), ("value", '"c > d"'), ("tag", ">"),
        ("", "e"), ("note", "<!-- f -->"), ("tag", "</a"), ("tag", ">"),
    ]  # fmt: skip


def test_a_page_that_begins_inside_a_tag_is_shown_all_the_same() -> None:
    lines = ['rest of a value" b="c"/>', "<x", "&lt;"]
    assert ["".join(part.text for part in line.parts) for line in highlight(lines)] == lines


def test_two_versions_differ_where_they_differ_and_nowhere_else() -> None:
    old = component_document("process-01-order-intake-main")
    new = old.replace('retryCount="0"', 'retryCount="2"').replace('version="12"', 'version="13"')
    diff = compare(old, new)
    assert (diff.added, diff.removed) == (1, 1)
    assert [line.kind for line in diff.lines if line.kind in {"old", "new"}] == ["old", "new"]


def test_equal_versions_have_no_lines() -> None:
    text = component_document("crossref-01-country-region")
    assert compare(text, text.replace("omar@", "lena@")).lines == ()


def test_documents_that_are_too_long_are_not_compared() -> None:
    long = envelope("process", "<a>" + "<b/>" * (MAX_DIFF_LINES + 1) + "</a>")
    assert compare(long, long).is_too_large
