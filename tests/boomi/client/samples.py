"""Answers in the platform's form, with names and ids of our own."""


def execution(number: int = 1, **changes: object) -> dict[str, object]:
    return {
        "@type": "ExecutionRecord",
        "executionId": f"execution-0000000{number}-aaaa-4bbb-8ccc-000000000000-2026.03.04",
        "account": "acme-A1B2C3",
        "executionTime": "2026-03-04T05:06:07Z",
        "status": "ERROR",
        "executionType": "exec_sched",
        "processName": "Order Intake",
        "processId": "11111111-2222-4333-8444-555555555555",
        "atomName": "Harbour",
        "atomId": "66666666-7777-4888-8999-aaaaaaaaaaaa",
        "inboundDocumentCount": 3,
        "inboundErrorDocumentCount": 1,
        "outboundDocumentCount": 2,
        "executionDuration": ["Long", 3832],
        "inboundDocumentSize": ["Long", 2048],
        "outboundDocumentSize": ["Long", 0],
        "message": "Order 17 has no customer.",
        "recordedDate": "2026-03-04T05:06:11.250Z",
        **changes,
    }


def result(*rows: object, token: str | None = None, total: object = None) -> dict[str, object]:
    found: dict[str, object] = {
        "@type": "QueryResult",
        "result": list(rows),
        "numberOfResults": len(rows) if total is None else total,
    }
    return {**found, "queryToken": token} if token else found


def account(**changes: object) -> dict[str, object]:
    return {"@type": "Account", "accountId": "acme-A1B2C3", "name": "Acme", **changes}


def log_download(url: str = "", status: object = 202, message: str = "Beginning download.") -> dict:
    found = {"@type": "LogDownload", "statusCode": status, "message": message}
    return {**found, "url": url} if url else found


def bulk(
    *results: object, refused: dict[str, int] | None = None, said: str = "No such thing."
) -> dict[str, object]:
    """A BulkResult; `refused` maps ids to the status of their item."""
    good = [{"@type": "BulkResponse", "statusCode": 200, "Result": one} for one in results]
    bad = [
        {"@type": "BulkResponse", "id": one, "statusCode": status, "errorMessage": said}
        for one, status in (refused or {}).items()
    ]
    return {"@type": "BulkResult", "response": [*good, *bad]}


def component_xml(component_id: str, version: int, name: str = "Order Intake") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<bns:Component xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:bns="http://api.platform.boomi.com/" '
        f'componentId="{component_id}" version="{version}" name="{name}" type="process">'
        "<bns:encryptedValues/><bns:description></bns:description>"
        '<bns:object><process xmlns="" name="x"/></bns:object></bns:Component>'
    )
