"""A process as component content: its canvas laid out as shapes with dragpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from sandbox.blueprints import Canvas, Step, walk
from sandbox.processes import Connection
from sandbox.xml_text import content, tag

Identify = Callable[[str, str], str]
"""(component type, name) -> the component's id in this account."""

_GRID_X, _GRID_Y = 192, 160
_SHAPES = {
    "start": "start",
    "listen": "start",
    "passthrough": "start",
    "connector": "connectoraction",
    "map": "map",
    "script": "dataprocess",
    "split": "dataprocess",
    "decision": "decision",
    "catch": "catcherrors",
    "branch": "branch",
    "message": "message",
    "notify": "notify",
    "exception": "exception",
    "cache_load": "doccacheload",
    "cache_get": "doccacheretrieve",
    "cache_remove": "doccacheremove",
    "flow": "flowcontrol",
    "rules": "businessrules",
    "call": "processcall",
    "route": "processroute",
    "return": "returndocuments",
    "stop": "stop",
    "properties": "documentproperties",
}
_ENDS = ("stop", "exception", "return")


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in the envelope. `overrides` only for processes, None elsewhere."""

    object_xml: str
    overrides: str | None = None
    description: str = ""


@dataclass(slots=True)
class _Placed:
    step: Step
    number: int
    x: int
    y: int
    ways: list[int] = field(default_factory=list)


def process_content(
    canvas: Canvas, identify: Identify, *, workload: str = "general", description: str = ""
) -> Content:
    """The document of a process, its shapes numbered along the canvas."""
    placed = _layout(canvas)
    shapes = "".join(_shape(place, identify) for place in placed)
    settings = {
        "allowSimultaneous": "false",
        "enableUserLog": "false",
        "processLogOnErrorOnly": "false",
        "purgeDataImmediately": "false",
        "updateRunDates": "true" if workload == "general" else "false",
        "workload": workload,
    }
    xml = content("process", settings, tag("shapes", None, shapes))
    return Content(xml, _overrides(canvas, identify), description)


def _layout(canvas: Canvas) -> list[_Placed]:
    taken = {step.number for step in walk(canvas) if step.number}
    free = (number for number in range(1, 1_000) if number not in taken)
    placed: list[_Placed] = []
    _place(canvas, free, placed, 0, 0)
    return sorted(placed, key=lambda place: place.number)


def _place(
    canvas: Canvas, free: Iterator[int], placed: list[_Placed], column: int, row: int
) -> int | None:
    """Put a line of steps down; returns the number of its first shape.

    An empty leg leads to the step that follows on the same line.
    """
    first: int | None = None
    open_ways: list[_Placed] = []
    for offset, step in enumerate(canvas):
        number = step.number or next(free)
        here = _Placed(step, number, 48 + _GRID_X * (column + offset), 48 + _GRID_Y * row)
        placed.append(here)
        first = number if first is None else first
        for before in open_ways:
            before.ways = [way or number for way in before.ways] or [number]
        open_ways = [] if step.kind in _ENDS else [here]
        for leg_row, leg in enumerate(step.legs):
            way = _place(leg, free, placed, column + offset + 1, row + leg_row)
            here.ways.append(way or 0)
        if step.legs and 0 not in here.ways:
            open_ways = []
    return first


def _shape(place: _Placed, identify: Identify) -> str:
    step, name = place.step, f"shape{place.number}"
    kind = _SHAPES[step.kind]
    labels = _way_labels(step)
    points = []
    for index, way in enumerate(way for way in place.ways if way):
        identifier, text = labels[index] if index < len(labels) else ("", "")
        attributes = {
            "name": f"{name}.dragpoint{index + 1}",
            "toShape": f"shape{way}",
            "x": f"{place.x + 176}.0",
            "y": f"{place.y + 8 + 160 * index}.0",
        }
        if identifier:
            attributes |= {"identifier": identifier, "text": text}
        points.append(tag("dragpoint", attributes))
    attributes = {
        "image": "start" if kind == "start" else f"{kind}_icon",
        "name": name,
        "shapetype": kind,
        "userlabel": step.label,
        "x": f"{place.x}.0",
        "y": f"{place.y}.0",
    }
    configuration = tag("configuration", None, _configuration(step, identify))
    return tag("shape", attributes, configuration, tag("dragpoints", None, *points))


def _way_labels(step: Step) -> list[tuple[str, str]]:
    if step.kind == "catch":
        return [("default", "Try"), ("error", "Catch")]
    if step.kind == "decision":
        return [("true", "True"), ("false", "False")]
    if step.kind == "branch":
        return [(str(number), str(number)) for number in range(1, len(step.legs) + 1)]
    return []


def _configuration(step: Step, identify: Identify) -> str:
    if step.kind in ("connector", "listen") or (step.kind == "start" and step.connection):
        return _connector(step, identify)
    if step.kind in _USES:
        return _USES[step.kind](step, identify)
    return _PLAIN[step.kind](step)


def operation_key(connection: Connection, name: str) -> str:
    """Operations of several connections may have one name; this tells them apart."""
    return f"{connection.name}/{name}"


def _connector(step: Step, identify: Identify) -> str:
    attributes = {"allowDynamicCredentials": "NONE", "hideSettings": "false"}
    connection = step.connection
    if connection is None:
        operation = identify("connector-action", step.name)
        attributes |= {"actionType": "Listen", "connectorType": "wss", "operationId": operation}
        return tag("connectoraction", attributes, "<parameters/>")
    reads = step.kind == "start" or step.name.startswith(("GET", "Select"))
    writes = "POST" if "rest" in connection.connector else "Send"
    operation = identify("connector-action", operation_key(connection, step.name))
    attributes |= {
        "actionType": "Get" if reads else writes,
        "connectionId": identify("connector-settings", connection.name),
        "connectorType": connection.connector,
        "operationId": operation,
    }
    if connection.connector == "http":
        attributes["parameter-profile"] = f"EMBEDDED|HttpParameterChooser|{operation}"
    return tag("connectoraction", attributes, "<parameters/>", "<dynamicProperties/>")


def _script(step: Step, identify: Identify) -> str:
    script = tag(
        "dataprocessscript",
        {
            "componentId": identify("script.processing", step.name),
            "language": "groovy2",
            "useCache": "true",
            "useComponent": "true",
        },
        tag("script", None, escape(groovy(step.name))),
    )
    return tag("dataprocess", None, _process_step("Custom Scripting", "12", script))


def _process_step(name: str, number: str, inner: str) -> str:
    return tag("step", {"index": "1", "key": "1", "name": name, "processtype": number}, inner)


def groovy(name: str) -> str:
    """The text of a script that passes its documents on."""
    return (
        f"// {name}\n"
        "for (int i = 0; i < dataContext.getDataCount(); i++) {\n"
        "    dataContext.storeStream(dataContext.getStream(i), dataContext.getProperties(i))\n}"
    )


def _split(step: Step, identify: Identify) -> str:
    options = {"linkElementKey": "2", "profileId": identify("profile.json", "Canonical record")}
    inner = tag("documentsplit", {"profileType": "json"}, tag("JSONOptions", options))
    return tag("dataprocess", None, _process_step("Split Documents", "8", inner))


def _rules(step: Step, identify: Identify) -> str:
    profile = {
        "profileId": identify("profile.json", "Canonical record"),
        "profileType": "profile.json",
    }
    return tag("businessrules", profile, tag("rule", {"name": step.label, "type": "and"}))


def _cached(element: str) -> Callable[[Step, Identify], str]:
    def made(step: Step, identify: Identify) -> str:
        return tag(element, {"docCache": identify("documentcache", step.name)})

    return made


def _route(step: Step, identify: Identify) -> str:
    attributes = {
        "abort": "true",
        "processRouteId": f"resource::rout:{identify('processroute', step.name)}",
        "processRouteName": step.name,
        "routeType": "processroute",
        "wait": "true",
    }
    return tag("processroutecall", attributes, "<returnpaths/>")


def _call(step: Step, identify: Identify) -> str:
    attributes = {"abort": "true", "processId": identify("process", step.name), "wait": "true"}
    return tag("processcall", attributes, "<parameters/>", "<returnpaths/>")


def _properties(step: Step, identify: Identify) -> str:
    value = tag(
        "parametervalue",
        {"key": "1", "usesEncryption": "false", "valueType": "definedparameter"},
        tag(
            "definedprocessparameter",
            {
                "componentId": identify("processproperty", "Integration Settings"),
                "componentName": "Integration Settings",
                "propertyKey": "7a1c9e52-3b08-4d6f-9c41-e2f5a06b8d37",
                "propertyLabel": "Page size",
            },
        ),
    )
    attributes = {
        "defaultValue": "",
        "isDynamicCredential": "false",
        "isTradingPartner": "false",
        "name": "Dynamic Process Property - DPP_PAGE_SIZE",
        "persist": "false",
        "propertyId": "process.DPP_PAGE_SIZE",
        "shouldEncrypt": "false",
    }
    inner = tag("documentproperty", attributes, tag("sourcevalues", None, value))
    return tag("documentproperties", None, inner)


_USES: dict[str, Callable[[Step, Identify], str]] = {
    "map": lambda step, find: tag("map", {"mapId": find("transform.map", step.name)}),
    "script": _script,
    "split": _split,
    "rules": _rules,
    "cache_load": _cached("doccacheload"),
    "cache_get": _cached("doccacheretrieve"),
    "cache_remove": _cached("doccacheremove"),
    "route": _route,
    "call": _call,
    "properties": _properties,
}


def _decision(step: Step) -> str:
    value = '<trackparameter defaultValue="" propertyId="dynamicdocument.DDP_FLAG"/>'
    values = (
        tag("decisionvalue", {"valueType": "track"}, value),
        tag("decisionvalue", {"valueType": "static"}, '<staticparameter staticproperty="Y"/>'),
    )
    return tag("decision", {"comparison": "equals", "name": step.label}, *values)


def _message(step: Step) -> str:
    text = tag("msgTxt", None, escape(f"{step.label}: {{1}}"))
    return tag("message", {"combined": "false"}, text, "<msgParameters/>")


def _notify(step: Step) -> str:
    attributes = {
        "disableEvent": "false",
        "enableUserLog": "false",
        "perExecution": "false",
        "title": step.name,
    }
    inner = (
        "<notifyMessage>{1}</notifyMessage>",
        "<notifyMessageLevel>WARNING</notifyMessageLevel>",
    )
    return tag("notify", attributes, *inner, "<notifyParameters/>")


_PLAIN: dict[str, Callable[[Step], str]] = {
    "start": lambda step: "<noaction/>",
    "passthrough": lambda step: "<passthroughaction/>",
    "decision": _decision,
    "catch": lambda step: tag("catcherrors", {"catchAll": "true", "retryCount": "0"}),
    "branch": lambda step: tag("branch", {"numBranches": str(len(step.legs))}),
    "message": _message,
    "notify": _notify,
    "exception": lambda step: tag(
        "exception", {"stopsingledoc": "false"}, "<exMessage>{1}</exMessage>", "<exParameters/>"
    ),
    "flow": lambda step: tag(
        "flowcontrol", {"chunkStyle": "threadOnly", "chunks": "4", "forEachCount": "1"}
    ),
    "return": lambda step: tag("returndocuments", {"label": "Reply"}),
    "stop": lambda step: tag("stop", {"continue": "true"}),
}

_FIELDS = {
    "http": ("url", "URL", "HttpSettings/@url"),
    "database": ("host", "Host", "DatabaseConnectionSettings/@host"),
    "sftp": ("host", "Host", "SFTPSettings/@host"),
}
_GENERIC_FIELD = ("url", "URL", "GenericConnectionConfig/field[@id='url']/@value")


def _overrides(canvas: Canvas, identify: Identify) -> str:
    """What may be set per environment: the address of each connection."""
    connections = {step.connection for step in walk(canvas) if step.connection is not None}
    declared = []
    for connection in sorted(connections, key=lambda found: found.name):
        id_, label, xpath = _FIELDS.get(connection.connector, _GENERIC_FIELD)
        attributes = {"id": id_, "label": label, "overrideable": "true", "xpath": xpath}
        own = {"id": identify("connector-settings", connection.name)}
        declared.append(tag("ConnectionOverride", own, tag("field", attributes)))
    if not declared:
        return ""
    rest = "<Operations/><PartnerOverrides/><Properties/><CrossReferenceOverrides/><PGPOverrides/>"
    return content("Overrides", None, tag("Connections", None, *declared), rest)
