"""The types that few accounts use: trading partners, services, certificates and others.

For several of them no document is publicly known; those are small and plausible
only, and `docs/sandbox.md` says which.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.sax.saxutils import escape

from sandbox.component_forms import SECRET
from sandbox.process_form import Content, Identify
from sandbox.xml_text import content, tag

CERTIFICATE, ORGANISATION = "Contoso AS2 certificate", "Contoso Group"
PARTNER, CHANNEL = "Contoso EDI", "AS2 to Contoso"


def _certificate(find: Identify) -> str:
    attributes = {
        "MD5Fingerprint": "3D:52:AA:19:04:77:C6:0B:EE:91:2F:68:D4:5A:B0:13",
        "SHA1Fingerprint": "9A:04:EF:52:7C:11:8B:D6:30:AA:5F:C9:02:6E:B7:41:D8:93:0C:7D",
        "serialNumber": "4417",
        "signatureAlgorithm": "SHA256withRSA",
        "version": "3",
    }
    inner = (
        "<Type>public</Type><IssuedTo>as2.contoso.example</IssuedTo>",
        "<Issuer>Contoso Issuing Authority</Issuer>",
        tag(
            "Validity", {"expireDate": "2027-05-01T00:00:00Z", "issueDate": "2025-05-01T00:00:00Z"}
        ),
        f"<CertificateData>{SECRET}</CertificateData>",
    )
    return content("CertificateModel", attributes, *inner)


def _library(find: Identify) -> str:
    file = {
        "checksum": "5f2b7c1e",
        "checksumType": "MD5",
        "guid": "c8e1f04a-27b6-4d95-8a30-6fb19e5d2c74",
        "md5": "5f2b7c1e9d0a4836b1f7e2c5d8094a6b",
        "name": "date-tools-1.4.jar",
        "size": "48213",
    }
    return content("CustomLibrary", None, "<Type>scripting</Type>", tag("Files", file))


def _flow_service(find: Identify) -> str:
    action = {
        "name": "Approve return",
        "path": "/returns",
        "processId": find("process", "(R) Returns & Refunds"),
    }
    attributes = {"basePath": "/flow", "name": "Returns desk"}
    return content("FlowService", attributes, tag("flowActions", action))


def _web_service(find: Identify) -> str:
    routes = []
    for name, path in (
        ("Order Status API (low latency)", "status"),
        ("Order Webhook Listener", "orders"),
    ):
        overrides = {"httpMethod": "POST", "inputType": "singlejson", "urlPath": path}
        route = {"processId": find("process", name)}
        routes.append(tag("route", route, tag("overrides", overrides)))
    inner = (tag("restApi", None, *routes), "<soapApi/><odataApi/><metaInfo/><apiRoles/>")
    return content("webservice", {"urlPath": "orders/v1"}, *inner)


def _partner(find: Identify) -> str:
    attributes = {
        "classification": "tradingpartner",
        "organizationId": find("tporganization", ORGANISATION),
        "standard": "x12",
    }
    as2 = {"as2Id": "CONTOSO", "signAlias": find("certificate", CERTIFICATE)}
    inner = (
        "<ContactInfo/><PartnerInfo/>",
        tag("PartnerCommunication", None, tag("AS2SendOptions", as2)),
        "<DocumentTypes/><Archiving/>",
    )
    return content("TradingPartner", attributes, *inner)


def _group(find: Identify) -> str:
    member = {"partnerId": find("tradingpartner", PARTNER)}
    handler = {"processId": find("process", "EDI 850 Inbound [AS2]")}
    return content("ProcessingGroup", None, tag("TradingPartner", member), tag("route", handler))


def _edi_profile(find: Identify) -> str:
    element = tag("EdiDataElement", {"dataType": "character", "key": "3", "name": "BEG03"})
    segment = tag("EdiSegment", {"key": "2", "name": "BEG"}, element)
    elements = tag("DataElements", None, tag("EdiLoop", {"key": "1", "name": "850"}, segment))
    return content("EdiProfile", {"standard": "x12"}, elements)


def _stylesheet(find: Identify) -> str:
    text = '<xsl:stylesheet version="1.0"><xsl:template match="/"/></xsl:stylesheet>'
    return content("Xslt", None, tag("stylesheet", None, escape(text)))


def _crossref(find: Identify) -> str:
    headers = "<columnHeader>code</columnHeader><columnHeader>unit</columnHeader>"
    rows = [
        tag(
            "row",
            None,
            tag(
                "Values",
                None,
                tag("ref", {"colIdx": "0", "value": code}),
                tag("ref", {"colIdx": "1", "value": unit}),
            ),
        )
        for code, unit in (("EA", "piece"), ("CS", "case"), ("KG", "kilogram"))
    ]
    attributes = {"atomEnabled": "false", "modelVersion": "3"}
    inner = tag("ColumnHeaders", None, headers), tag("Rows", None, *rows)
    return content("CrossRefTable", attributes, *inner)


def _function(find: Identify) -> str:
    script = tag(
        "Scripting",
        {
            "componentId": find("script.mapping", "Format tax number"),
            "language": "groovy2",
            "useComponent": "true",
        },
    )
    step = {"category": "Scripting", "key": "1", "name": "Scripting", "position": "1"}
    inner = (
        tag("Inputs", None, tag("Input", {"key": "1", "name": "text"})),
        tag("Outputs", None, tag("Output", {"key": "1", "name": "out"})),
        tag("Steps", None, tag("FunctionStep", step, tag("Configuration", None, script))),
        "<Mappings/>",
    )
    return content("Function", None, *inner)


# (type, name, folder, form). All of them live in the primary account.
FORMS: tuple[tuple[str, str, str, Callable[[Identify], str]], ...] = (
    ("certificate", CERTIFICATE, "Security", _certificate),
    (
        "certificate.pgp",
        "Bank PGP key",
        "Security",
        lambda find: content("PGPCertificate", {"keyId": "4F2A90C1"}, "<UserId>bank</UserId>"),
    ),
    ("customlibrary", "Date tools", "Libraries", _library),
    (
        "edistandard",
        "X12 004010",
        "Partners",
        lambda find: content("EdiStandard", {"release": "004010", "standard": "x12"}),
    ),
    ("flowservice", "Returns desk", "Services", _flow_service),
    ("profile.edi", "850 Purchase Order", "Partners", _edi_profile),
    (
        "queue",
        "Order events",
        "Queues",
        lambda find: content("Queue", {"name": "order-events", "queueType": "point_to_point"}),
    ),
    (
        "tpcommoptions",
        CHANNEL,
        "Partners",
        lambda find: content("CommunicationOptions", {"commMethod": "as2"}),
    ),
    ("tpgroup", "Retail partners", "Partners", _group),
    (
        "tporganization",
        ORGANISATION,
        "Partners",
        lambda find: content("Organization", None, "<OrganizationContactInfo/>"),
    ),
    ("tradingpartner", PARTNER, "Partners", _partner),
    ("webservice", "Order API", "Services", _web_service),
    (
        "webservice.external",
        "Carrier API proxy",
        "Services",
        lambda find: content("ExternalWebService", {"url": "https://carrier.example/v3"}),
    ),
    ("xslt", "Invoice to HTML", "Libraries", _stylesheet),
    ("crossref", "Unit codes", "Lookups", _crossref),
    ("transform.function", "Tax number", "Scripts", _function),
)


def partner_content(form: Callable[[Identify], str], find: Identify) -> Content:
    return Content(form(find))
