"""Processes: their steps in the order of the flow, what each uses, and what may be extended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from boomi.components.document import Document, child, children, descendants, local, words
from boomi.components.facts import Cell, Section, cell, pairs, table
from boomi.components.outline import attributes_of, said
from boomi.components.references import ids_in, uses_of

WORDS = {
    "start": "Start", "stop": "Stop", "connectoraction": "Connector", "map": "Map",
    "processcall": "Process call", "processroute": "Process route", "branch": "Branch",
    "decision": "Decision", "route": "Route", "documentproperties": "Set properties",
    "message": "Message", "notify": "Notify", "dataprocess": "Data process",
    "catcherrors": "Try/catch", "exception": "Exception", "returndocuments": "Return documents",
    "doccacheload": "Add to cache", "doccacheretrieve": "Retrieve from cache",
    "doccacheremove": "Remove from cache", "flowcontrol": "Flow control",
    "businessrules": "Business rules", "cleanse": "Cleanse", "findchanges": "Find changes",
    "programcmd": "Program command", "tradingpartneraction": "Trading partner", "agent": "Agent",
}  # fmt: skip
WORKLOADS = {"general": "General", "bridge": "Bridge", "low_latency": "Low latency"}


@dataclass(frozen=True, slots=True)
class Step:
    """A shape of the flow. `legs` are (label, name of the next shape)."""

    name: str
    label: str
    kind: str
    action: etree._Element | None
    legs: tuple[tuple[str, str], ...]


def read(document: Document) -> Iterator[Section]:
    process = document.content
    steps = _steps(process)
    yield _settings(process)
    yield table(
        "Steps", ("Step", "Kind", "What it does", "Uses", "Goes on to"), _step_rows(steps),
        note="In the order of the flow; a branch is indented.",
    )  # fmt: skip
    yield table("Connectors", ("Step", "Connector", "Action", "Connection", "Operation"),
                _connector_rows(steps))  # fmt: skip
    yield table("Properties it sets", ("Property", "Set in step", "From", "Kept"),
                _property_rows(steps))  # fmt: skip
    yield table("Declared as extensions", ("Of", "Field", "Component"),
                _extension_rows(document.overrides))  # fmt: skip


def _settings(process: etree._Element | None) -> Section:
    if process is None:
        return pairs("Settings")
    yes = {"true": "yes", "false": "no"}

    def flag(name: str) -> str:
        return str(yes.get(process.get(name, ""), process.get(name, "")))

    workload = process.get("workload", "")
    return pairs(
        "Settings",
        ("Workload", WORKLOADS.get(workload, workload)),
        ("Runs at the same time", flag("allowSimultaneous")),
        ("Log only on error", flag("processLogOnErrorOnly")),
        ("User log", flag("enableUserLog")),
        ("Purges data at once", flag("purgeDataImmediately")),
        ("Updates run dates", flag("updateRunDates")),
        ("Stops without documents", flag("stopProcessingIfZeroDocuments")),
    )


def _steps(process: etree._Element | None) -> list[Step]:
    found: dict[str, Step] = {}
    for shape in descendants(process, "shape"):
        step = _step(shape)
        found.setdefault(step.name, step)
    return list(found.values())


def _step(shape: etree._Element) -> Step:
    configuration = child(shape, "configuration")
    action = next(children(configuration), None) if configuration is not None else None
    kind = shape.get("shapetype", "")
    label = shape.get("userlabel", "").strip()
    legs = tuple(
        (_leg(point), point.get("toShape", "")) for point in descendants(shape, "dragpoint")
    )
    return Step(shape.get("name", ""), label, kind, action, legs)


def _leg(point: etree._Element) -> str:
    return point.get("text") or point.get("identifier") or ""


def _in_flow_order(steps: list[Step]) -> Iterator[tuple[Step, int]]:
    """From the starts along the lines, each once; what no line reaches comes last."""
    by_name = {step.name: step for step in steps}
    starts = [step for step in steps if step.kind == "start"]
    seen: set[str] = set()
    for first in (*starts, *steps):
        waiting = [(first, 0)]
        while waiting:
            step, depth = waiting.pop()
            if step.name in seen:
                continue
            seen.add(step.name)
            yield step, depth
            following = [by_name[to] for _, to in step.legs if to in by_name]
            below = depth + (len(following) > 1)
            waiting.extend((one, below) for one in reversed(following))


def _title(step: Step) -> str:
    return step.label or WORDS.get(step.kind, step.kind) or step.name


def _step_rows(steps: list[Step]) -> Iterator[tuple[Cell, ...]]:
    titles = {step.name: _title(step) for step in steps}
    for step, depth in _in_flow_order(steps):
        does, uses = _describe(step)
        legs = [f"{label}: {titles[to]}" if label else titles[to]
                for label, to in step.legs if to in titles]  # fmt: skip
        yield (
            cell(_title(step), depth=min(depth, 8)),
            cell(WORDS.get(step.kind, step.kind)),
            cell(does),
            cell("", *uses),
            cell("; ".join(legs)),
        )


def _describe(step: Step) -> tuple[str, list[str]]:
    """What the step does in a few words, and the components it uses."""
    action = step.action
    if action is None:
        return "", []
    describe = _SAY.get(local(action))
    text = describe(action) if describe else _attributes(action)
    return text, list(uses_of(action))


def _attributes(element: etree._Element) -> str:
    plain = ((name, value) for name, value in attributes_of(element) if not ids_in(value))
    return ", ".join(f"{name} {value}" for name, value in plain if value)


def _connector(action: etree._Element) -> str:
    return " · ".join(
        part for part in (action.get("actionType"), action.get("connectorType")) if part
    )


def _call(action: etree._Element) -> str:
    waits = "waits for it" if action.get("wait") == "true" else "does not wait"
    aborts = ", stops when it fails" if action.get("abort") == "true" else ""
    return waits + aborts


def _branch(action: etree._Element) -> str:
    return f"{action.get('numBranches', 'several')} branches, one after the other"


def _decision(action: etree._Element) -> str:
    values = [_value(entry) for entry in descendants(action, "decisionvalue")]
    comparison = action.get("comparison", "compared with")
    return f" {comparison} ".join(value or "?" for value in values) or comparison


def _properties(action: etree._Element) -> str:
    names = [_property_name(entry) for entry in descendants(action, "documentproperty")]
    return ", ".join(names)


def _property_name(entry: etree._Element) -> str:
    name = entry.get("name", "") or entry.get("propertyId", "")
    for prefix in ("Dynamic Process Property - ", "Dynamic Document Property - "):
        name = name.removeprefix(prefix)
    return str(name)


def _catch(action: etree._Element) -> str:
    what = "all errors" if action.get("catchAll") == "true" else "document errors"
    count = action.get("retryCount", "0")
    retries = "no retry" if count == "0" else f"{count} {'retry' if count == '1' else 'retries'}"
    return f"catches {what}, {retries}"


def _said_text(name: str) -> Callable[[etree._Element], str]:
    return lambda action: " ".join(words(child(action, name)).split())[:200]


def _notify(action: etree._Element) -> str:
    level = words(child(action, "notifyMessageLevel")) or action.get("notifyMessageLevel", "")
    text = " ".join(words(child(action, "notifyMessage")).split())[:200]
    return f"{level}: {text}" if level else text


def _data_process(action: etree._Element) -> str:
    parts = []
    for entry in descendants(action, "step"):
        script = next(descendants(entry, "dataprocessscript"), None)
        language = f" ({script.get('language')})" if script is not None else ""
        parts.append(f"{entry.get('name') or 'Step'}{language}")
    return ", ".join(parts)


def _flow(action: etree._Element) -> str:
    each = action.get("forEachCount", "0")
    batch = f"{each} documents at a time" if each not in {"", "0"} else "all documents at once"
    chunks = action.get("chunks", "0")
    return batch if chunks in {"", "0"} else f"{batch}, {chunks} threads"


_SAY: dict[str, Callable[[etree._Element], str]] = {
    "noaction": lambda action: "no data",
    "passthroughaction": lambda action: "takes the documents of its caller",
    "connectoraction": _connector,
    "tradingpartneraction": lambda action: action.get("actionType", ""),
    "map": lambda action: "",
    "processcall": _call,
    "processroutecall": _call,
    "branch": _branch,
    "decision": _decision,
    "documentproperties": _properties,
    "message": _said_text("msgTxt"),
    "notify": _notify,
    "exception": _said_text("exMessage"),
    "dataprocess": _data_process,
    "catcherrors": _catch,
    "returndocuments": lambda action: action.get("label", ""),
    "doccacheload": lambda action: "",
    "flowcontrol": _flow,
    "stop": lambda action: (
        "goes on with other branches" if action.get("continue") == "true" else "stops the whole run"
    ),
}


def _connector_rows(steps: list[Step]) -> Iterator[tuple[Cell, ...]]:
    for step, _ in _in_flow_order(steps):
        action = step.action
        if action is None or local(action) != "connectoraction":
            continue
        yield (
            cell(_title(step)),
            cell(action.get("connectorType", "")),
            cell(action.get("actionType", "")),
            cell("", action.get("connectionId", "")),
            cell("", action.get("operationId", "")),
        )


def _property_rows(steps: list[Step]) -> Iterator[tuple[Cell, ...]]:
    for step, _ in _in_flow_order(steps):
        for entry in descendants(step.action, "documentproperty"):
            sources = [_value(value) for value in _source_values(entry)]
            yield (
                cell(_property_name(entry), *_owner(entry)),
                cell(_title(step)),
                cell(" + ".join(source for source in sources if source)),
                cell("yes" if entry.get("persist") == "true" else ""),
            )


def _owner(entry: etree._Element) -> list[str]:
    property_id = entry.get("propertyId", "")
    return ids_in(property_id)[:1] if property_id.startswith("definedprocess.") else []


def _source_values(entry: etree._Element) -> Iterator[etree._Element]:
    holder = child(entry, "sourcevalues")
    return children(holder) if holder is not None else iter(())


def _value(value: etree._Element) -> str:
    """Where a value comes from, such as a property, a profile element or a fixed text."""
    below = next(children(value), None)
    kind = value.get("valueType", "")
    if below is None:
        return str(kind)
    name = local(below)
    if name == "staticparameter":
        static = below.get("staticproperty", "")
        return f"“{said(value.get('elementToSetName', ''), static)}”" if static else "empty"
    for attribute in ("propertyName", "propertyLabel", "elementName", "outputParamName", "name"):
        if below.get(attribute):
            origin = below.get("componentName", "")
            return f"{origin} › {below.get(attribute)}" if origin else below.get(attribute, "")
    return below.get("processproperty", "") or kind or name


def _extension_rows(overrides: etree._Element | None) -> Iterator[tuple[Cell, ...]]:
    for entry in descendants(overrides, "ConnectionOverride", "OperationOverride"):
        of = "Connection" if local(entry) == "ConnectionOverride" else "Operation"
        for field in descendants(entry, "field"):
            if field.get("overrideable") != "false":
                label = field.get("label") or field.get("id", "")
                yield cell(of), cell(label), cell("", *ids_in(entry.get("id", "")))
    for entry in descendants(overrides, "PropertyOverride"):
        yield cell("Dynamic process property"), cell(entry.get("name", "")), cell()
    for entry in descendants(overrides, "OverrideableDefinedProcessPropertyComponent"):
        for value in descendants(entry, "OverrideableDefinedProcessPropertyValue"):
            owner = entry.get("componentId", "")
            yield cell("Process property"), cell(value.get("name", "")), cell("", owner)
    for entry in descendants(overrides, "objectDefinition"):
        owner = entry.get("connectionId", "")
        yield cell("Object"), cell(entry.get("name", "")), cell("", owner)
