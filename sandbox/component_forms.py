"""Connections, operations, maps, profiles and the small types as component content.

The forms follow the public reference of component documents. Values of secrets are
written as a name of theirs; `documents` replaces them on the way out.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.sax.saxutils import escape

from sandbox.process_form import Content, Identify, groovy
from sandbox.processes import Connection
from sandbox.xml_text import content, tag

SECRET = "kept by the platform"  # noqa: S105 - a mark, replaced in every answer
_CHARACTERS = tag("DataFormat", None, "<ProfileCharacterFormat/>")
_ELEMENTS = ("id", "date", "country", "amount", "currency", "status")
_PROPERTY_KEYS = (
    "7a1c9e52-3b08-4d6f-9c41-e2f5a06b8d37",
    "b3d50f18-6c27-4ea9-8f72-51c9d04e6ab2",
)


def host_of(name: str) -> str:
    """An invented host for a connection's name."""
    word = "-".join(
        "".join(c if c.isascii() and c.isalnum() else " " for c in name).lower().split()
    )
    return f"{word}.northwind.example"


# --- connections ------------------------------------------------------------


def connection(name: str, connector: str) -> Content:
    """The settings of a connection, in the form of its connector."""
    return Content(_SETTINGS.get(connector, _generic_settings)(host_of(name)))


def _http_settings(host: str) -> str:
    attributes = {
        "authenticationType": "BASIC",
        "connectTimeout": "30000",
        "readTimeout": "120000",
        "url": f"https://{host}",
    }
    inner = (
        tag("AuthSettings", {"password": SECRET, "user": "svc_boomi"}),
        tag("OAuthSettings", {"accessToken": "", "consumerKey": "", "signatureMethod": "SHA256"}),
        tag("SSLOptions", {"clientauth": "false", "trustServerCert": "false"}),
    )
    return content("HttpSettings", attributes, *inner)


def _database_settings(host: str) -> str:
    attributes = {
        "className": "com.microsoft.sqlserver.jdbc.SQLServerDriver",
        "dbname": "NORTHWIND",
        "driverId": "sqlserver",
        "host": host,
        "isPoolEnabled": "true",
        "password": SECRET,
        "port": "1433",
        "urlFormat": f"jdbc:sqlserver://{host}:1433;databaseName=NORTHWIND",
        "username": "svc_boomi",
    }
    inner = (
        tag("WriteOptions", {"batchCount": "0", "commitOption": "commitprofile"}),
        tag("AdapterPoolInfo", {"maximumConnections": "10", "minimumConnections": "1"}),
    )
    return content("DatabaseConnectionSettings", attributes, *inner)


def _sftp_settings(host: str) -> str:
    inner = (
        tag("AuthSettings", {"password": SECRET, "user": "northwind"}),
        tag("ProxySettings", {"host": "", "proxyEnabled": "false", "type": "ATOM", "user": ""}),
        tag("SSHOptions", {"sshkeyauth": "false", "sshkeypath": ""}, "<knownHostEntry/>"),
    )
    return content("SFTPSettings", {"host": host, "port": "22"}, *inner)


def _generic_settings(host: str) -> str:
    fields = (
        ("url", "string", f"https://{host}/api"),
        ("auth", "string", "BASIC"),
        ("username", "string", "svc_boomi"),
        ("password", "password", SECRET),
        ("connectTimeout", "integer", "-1"),
        ("cookieScope", "string", "GLOBAL"),
    )
    return content("GenericConnectionConfig", None, *(_field(*field) for field in fields))


def _field(id_: str, type_: str, value: str) -> str:
    return tag("field", {"id": id_, "type": type_, "value": value})


_SETTINGS: dict[str, Callable[[str], str]] = {
    "http": _http_settings,
    "database": _database_settings,
    "sftp": _sftp_settings,
}


# --- operations -------------------------------------------------------------


def operation(found: Connection, name: str, identify: Identify) -> Content:
    """The operation `name` as it is used with this connection."""
    reads = name.startswith(("GET", "Select"))
    make = _OPERATIONS.get(found.connector, _generic_operation)
    return _operation(make(name, reads, identify))


def _operation(action: str) -> Content:
    inner = (
        tag("Archiving", {"directory": "", "enabled": "false"}),
        tag("Configuration", None, action),
        tag("Tracking", None, "<TrackedFields/>"),
        "<Caching/>",
    )
    return Content(content("Operation", None, *inner))


def _path(name: str) -> str:
    return "/".join(["v2", *name.lower().split()[1:]])


def _http_operation(name: str, reads: bool, identify: Identify) -> str:
    canonical = identify("profile.json", "Canonical record")
    attributes = {
        "dataContentType": "application/json",
        "followRedirects": "false",
        "methodType": "GET" if reads else "POST",
        "requestProfile": "" if reads else identify("profile.xml", "Target document"),
        "requestProfileType": "NONE" if reads else "XML",
        "responseProfile": canonical if reads else "",
        "responseProfileType": "JSON" if reads else "NONE",
        "returnErrors": "true",
    }
    headers = tag("header", {"headerName": "Accept", "headerValue": "application/json", "key": "1"})
    elements = tag("element", {"key": "2000000", "name": _path(name)})
    inner = tag("requestHeaders", None, headers), tag("pathElements", None, elements)
    return tag("HttpGetAction" if reads else "HttpSendAction", attributes, *inner)


def _database_operation(name: str, reads: bool, identify: Identify) -> str:
    rows = tag(
        "ReadProfile" if reads else "WriteProfile", {"profileId": identify("profile.db", "Rows")}
    )
    counts = {"batchCount": "0", "maxRows": "0"} if reads else {"batchCount": "100"}
    return tag("DatabaseGetAction" if reads else "DatabaseSendAction", counts, rows)


def _sftp_operation(name: str, reads: bool, identify: Identify) -> str:
    if reads:
        return tag("SFTPGetAction", {"fileFilter": "*.csv", "maxFileCount": "0"})
    return tag("SFTPSendAction", {"createRemoteDirectory": "false", "remoteDirectory": "/in"})


def _generic_operation(name: str, reads: bool, identify: Identify) -> str:
    canonical = identify("profile.json", "Canonical record")
    attributes = {
        "customOperationType": "GET" if reads else "POST",
        "operationType": "EXECUTE",
        "requestProfile": "" if reads else canonical,
        "requestProfileType": "binary" if reads else "json",
        "responseProfile": canonical,
        "responseProfileType": "json",
    }
    return tag(
        "GenericOperationConfig", attributes, _field("path", "string", _path(name)), "<Options/>"
    )


_OPERATIONS: dict[str, Callable[[str, bool, Identify], str]] = {
    "http": _http_operation,
    "database": _database_operation,
    "sftp": _sftp_operation,
}


def listen_operation(name: str, identify: Identify) -> Content:
    """A web service that hands its request to a process."""
    canonical = identify("profile.json", "Canonical record")
    attributes = {
        "inputType": "singlejson",
        "objectName": "order",
        "operationType": "EXECUTE",
        "outputType": "singlejson",
        "requestProfile": canonical,
        "responseContentType": "application/json",
        "responseProfile": canonical,
    }
    return _operation(tag("WebServicesServerListenAction", attributes))


# --- maps, profiles, scripts --------------------------------------------------


def map_profiles(name: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """(type, name) of the profile a map reads, and of the one it writes."""
    canonical = ("profile.json", "Canonical record")
    if "row" in name.lower():
        return ("profile.db", "Rows"), canonical
    if "file" in name.lower():
        return ("profile.flatfile", "Partner file"), canonical
    if name.endswith("canonical"):
        return canonical, canonical
    return canonical, ("profile.xml", "Target document")


def map_(name: str, identify: Identify) -> Content:
    source, target = map_profiles(name)
    lines = [
        tag(
            "Mapping",
            {
                "fromKey": str(3 + index),
                "fromKeyPath": f"*[@key='1']/*[@key='2']/*[@key='{3 + index}']",
                "fromNamePath": f"Root/Object/{element}",
                "fromType": "profile",
                "toKey": str(3 + index),
                "toKeyPath": f"*[@key='1']/*[@key='{3 + index}']",
                "toNamePath": f"Document/{element}",
                "toType": "profile",
            },
        )
        for index, element in enumerate(_ELEMENTS)
    ]
    attributes = {"fromProfile": identify(*source), "toProfile": identify(*target)}
    inner = (
        tag("Mappings", None, *lines),
        tag("Functions", {"optimizeExecutionOrder": "true"}),
        "<Defaults/>",
        "<DocumentCacheJoins/>",
    )
    return Content(content("Map", attributes, *inner))


def profile(type_: str) -> Content:
    """A profile of one of the four common types, with the same few elements."""
    return Content(_PROFILES[type_]())


def _element(name: str, index: int, element: str, **more: str) -> str:
    attributes = {"isMappable": "true", "isNode": "true", "key": str(3 + index), "name": element}
    return tag(name, attributes | more, _CHARACTERS)


def _json_profile() -> str:
    entries = [
        _element("JSONObjectEntry", index, name, dataType="character")
        for index, name in enumerate(_ELEMENTS)
    ]
    object_ = {"isMappable": "false", "isNode": "true", "key": "2", "name": "Object"}
    root = {"dataType": "character", "isMappable": "true", "isNode": "true", "key": "1"}
    value = tag("JSONRootValue", {**root, "name": "Root"}, tag("JSONObject", object_, *entries))
    return content(
        "JSONProfile", {"strict": "false"}, tag("DataElements", None, value), "<tagLists/>"
    )


def _xml_profile() -> str:
    bounds = {"maxOccurs": "1", "minOccurs": "0", "dataType": "character"}
    inner = [_element("XMLElement", i, name, **bounds) for i, name in enumerate(_ELEMENTS)]
    root = {"isNode": "true", "isRoot": "true", "key": "1", "name": "Document", **bounds}
    elements = tag("DataElements", None, tag("XMLElement", root, *inner))
    properties = tag("ProfileProperties", None, tag("XMLGeneralInfo"), tag("XMLOptions"))
    attributes = {"modelVersion": "2", "strict": "true"}
    return content("XMLProfile", attributes, properties, elements, "<Namespaces/><tagLists/>")


def _database_profile() -> str:
    inner = [
        _element("DatabaseElement", index, name, mandatory="false")
        for index, name in enumerate(_ELEMENTS)
    ]
    fields = tag("DBFields", {"isNode": "true", "key": "3", "name": "Fields"}, *inner)
    sql = "SELECT id, date, country, amount FROM dbo.outbox WHERE status = 'OPEN' AND amount > 0"
    statement = {"isNode": "true", "key": "2", "name": "Statement", "statementType": "select"}
    body = tag("DBStatement", statement, fields, "<DBParameters/>", tag("sql", None, escape(sql)))
    general = tag("DatabaseGeneralInfo", {"executionType": "dbread"})
    attributes = {"strict": "true", "version": "2"}
    properties = tag("ProfileProperties", None, general)
    return content("DatabaseProfile", attributes, properties, tag("DataElements", None, body))


def _flat_profile() -> str:
    inner = [_element("FlatFileElement", index, name) for index, name in enumerate(_ELEMENTS)]
    elements = tag("FlatFileElements", {"isNode": "true", "key": "2", "name": "Elements"}, *inner)
    record = tag("FlatFileRecord", {"isNode": "true", "key": "1", "name": "Record"}, elements)
    general = tag("GeneralInfo", {"fileType": "delimited", "useColumnHeaders": "true"})
    properties = tag("ProfileProperties", None, general)
    attributes = {"modelVersion": "2", "strict": "true"}
    return content("FlatFileProfile", attributes, properties, tag("DataElements", None, record))


_PROFILES: dict[str, Callable[[], str]] = {
    "profile.json": _json_profile,
    "profile.xml": _xml_profile,
    "profile.db": _database_profile,
    "profile.flatfile": _flat_profile,
}


def process_script(name: str) -> Content:
    script = tag("script", None, escape(groovy(name)))
    return Content(content("ProcessingScript", {"language": "groovy2", "useCache": "true"}, script))


def map_script(name: str) -> Content:
    inner = (
        tag("script", None, escape("out = text == null ? \"\" : text.replaceAll(/[^0-9]/, '')")),
        tag("Input", {"dataType": "character", "index": "1", "name": "text"}),
        tag("Output", {"index": "2", "name": "out"}),
    )
    attributes = {"language": "groovy2", "preserveOrder": "true", "useCache": "true"}
    return Content(content("MappingScript", attributes, *inner), None, name)


def cache(identify: Identify) -> Content:
    key = {
        "alias": "id",
        "elementKey": "3",
        "id": "2",
        "name": "id (Root/Object/id)",
        "taglistKey": "0",
        "xsi:type": "ProfileElementKeyConfig",
    }
    index = tag("CacheIndex", {"indexId": "1", "indexName": "by id"}, tag("cacheKey", key))
    attributes = {
        "enforceSingleLucene": "true",
        "profile": identify("profile.json", "Canonical record"),
        "profileType": "profile.json",
    }
    return Content(content("DocumentCache", attributes, index))


def route(process_name: str, identify: Identify) -> Content:
    entry = {
        "key": "ORDER",
        "keyLabel": process_name,
        "processId": identify("process", process_name),
    }
    inner = tag("returnPath", {"id": "route1", "label": "Done"}), tag("processEntry", entry)
    attributes = {"enforcePassthrough": "true", "startShapeType": "passthrough"}
    return Content(content("ProcessRoute", attributes, *inner))


def process_properties() -> Content:
    """A page size, and a password that the platform does not hide."""
    rows = (("Page size", "number", "100"), ("Signing key", "password", "invented-signing-4417"))
    inner = [
        tag(
            "definedProcessProperty",
            {"key": key},
            f"<helpText/><label>{label}</label><type>{type_}</type>",
            f"<defaultValue>{value}</defaultValue><allowedValues/><persisted>false</persisted>",
        )
        for key, (label, type_, value) in zip(_PROPERTY_KEYS, rows, strict=True)
    ]
    return Content(content("DefinedProcessProperties", None, *inner))
