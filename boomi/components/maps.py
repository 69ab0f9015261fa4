"""Maps and map functions: lines from → to, the functions between them, defaults, caches."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from boomi.components.document import Document, child, children, descendants, local, words
from boomi.components.facts import Cell, Section, cell, pairs, spoken, table, text
from boomi.components.outline import attributes_of, said
from boomi.components.references import ids_in, uses_of


def read_map(document: Document) -> Iterator[Section]:
    body = document.content
    if body is None:
        return
    yield pairs(
        "Profiles",
        ("From", cell("", *ids_in(body.get("fromProfile", "")))),
        ("To", cell("", *ids_in(body.get("toProfile", "")))),
    )
    yield from _lines_and_steps(body)
    yield table("Defaults", ("Field", "Value"), _default_rows(child(body, "Defaults")))
    yield table(
        "Document cache joins", ("Cache", "Index", "Joined by"), _join_rows(body)
    )  # fmt: skip


def read_function(document: Document) -> Iterator[Section]:
    body = document.content
    if body is None:
        return
    rows = [("Input", port) for port in _ports(body, "Inputs", "Input")]
    rows += [("Output", port) for port in _ports(body, "Outputs", "Output")]
    yield table("Inputs and outputs", ("Direction", "Name"),
                ((cell(way), cell(name)) for way, name in rows))  # fmt: skip
    yield from _lines_and_steps(body)


def _lines_and_steps(body: etree._Element) -> Iterator[Section]:
    steps = {step.get("key", ""): step for step in descendants(body, "FunctionStep")}
    yield table("Lines", ("From", "To"), _line_rows(body, steps))
    ordered = sorted(steps.values(), key=lambda step: _number(step.get("position", "")))
    yield table(
        "Functions", ("Function", "Kind", "Inputs", "Outputs", "What it does", "Uses"),
        (_step_row(step) for step in ordered),
    )  # fmt: skip
    for step in ordered:
        for script in descendants(step, "ScriptToExecute"):
            holder = script.getparent()
            language = holder.get("language", "") if holder is not None else ""
            yield text(f"Script of {step.get('name', 'a function')}", script.text or "", language)


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _line_rows(
    body: etree._Element, steps: dict[str, etree._Element]
) -> Iterator[tuple[Cell, ...]]:
    for line in descendants(child(body, "Mappings"), "Mapping"):
        yield cell(_end(line, "from", steps)), cell(_end(line, "to", steps))


def _end(line: etree._Element, side: str, steps: dict[str, etree._Element]) -> str:
    """A field by its path, or a port of a function by its name."""
    path = line.get(f"{side}NamePath", "")
    key = line.get(f"{side}Key", "")
    if line.get(f"{side}Type") != "function":
        return path or f"Field {key}"
    step = steps.get(line.get(f"{side}Function", ""))
    if step is None:
        return path or f"Function port {key}"
    ports = {
        port.get("key", ""): port.get("name", "")
        for port in descendants(child(step, "Outputs" if side == "from" else "Inputs"))
    }
    return f"{step.get('name', 'Function')} › {ports.get(key) or key}"


def _ports(holder: etree._Element, group: str, name: str) -> list[str]:
    return [port.get("name", "") for port in descendants(child(holder, group), name)]


def _step_row(step: etree._Element) -> tuple[Cell, ...]:
    own = step.get("id", "") if step.get("category") == "userdefined" else ""
    enabled = "" if step.get("enabled") != "false" else " (disabled)"
    return (
        cell(f"{step.get('name', '')}{enabled}"),
        cell(spoken(step.get("type", ""))),
        cell(", ".join(_ports(step, "Inputs", "Input"))),
        cell(", ".join(_ports(step, "Outputs", "Output"))),
        cell(_configured(step)),
        cell("", own, *uses_of(step)),
    )


def _configured(step: etree._Element) -> str:
    """The settings of a function, without ids, ports and script texts."""
    parts = []
    for element in descendants(child(step, "Configuration")):
        if local(element) in {"Input", "Output", "ScriptToExecute"}:
            continue
        for name, value in attributes_of(element):
            if value and not ids_in(value) and name not in {"useCache", "useComponent"}:
                parts.append(f"{spoken(name)} {value}")
    return ", ".join(parts)


def _default_rows(defaults: etree._Element | None) -> Iterator[tuple[Cell, ...]]:
    if defaults is None:
        return
    for entry in children(defaults):
        path = entry.get("toNamePath") or f"Field {entry.get('toKey', '')}"
        value = entry.get("value", "") or words(entry)
        yield cell(path), cell(said(path.rpartition("/")[2], value))


def _join_rows(body: etree._Element) -> Iterator[tuple[Cell, ...]]:
    for join in descendants(body, "DocumentCacheJoin"):
        keys = [key.get("cacheKeyName", "") for key in descendants(join, "CacheKeyJoinValue")]
        yield (
            cell("", *ids_in(join.get("docCache", ""))),
            cell(join.get("cacheIndex", "")),
            cell(", ".join(keys)),
        )
