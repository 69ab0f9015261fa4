"""Asks a sandbox for what happens on the platform, with the public `boomi` SDK.

Runs as a separate process in the SDK's own environment, as `sdk_drive` does.
Usage: sdk_activity.py BASE_URL ACCOUNT LOGIN TOKEN EXECUTION_ID ATOM_ID PROCESS_ID GROUP_ID DAY
"""

from __future__ import annotations

import json
import sys
import time

from boomi import Boomi, models

CALLS = {}


def typed(name, found, model):
    """Note whether a call came back as this model, and give what it found."""
    CALLS[name] = isinstance(found, model)
    return found


def rows(name, answer, model):
    """Note whether all rows of a query are typed, and give them."""
    CALLS[name] = bool(answer.result) and all(isinstance(row, model) for row in answer.result)
    return answer.result


def equal(kind, property_, value):
    """A query for one value of one property; `kind` is the object as the SDK names it."""
    expression = getattr(models, f"{kind}SimpleExpression")(
        operator="EQUALS", property=property_, argument=[value]
    )
    found = getattr(models, f"{kind}QueryConfigQueryFilter")(expression=expression)
    return getattr(models, f"{kind}QueryConfig")(query_filter=found)


def bulk(kind, ids):
    request = [models.BulkId(id_=id_) for id_ in ids]
    return getattr(models, f"{kind}BulkRequest")(type_="GET", request=request)


def schedules(sdk, process_id):
    config = equal("ProcessSchedules", "processId", process_id)
    found = rows(
        "process_schedules.query",
        sdk.process_schedules.query_process_schedules(config),
        models.ProcessSchedules,
    )
    id_ = found[0].id_
    one = sdk.process_schedules.get_process_schedules(id_)
    typed("process_schedules.get", one, models.ProcessSchedules)
    sdk.process_schedules.bulk_process_schedules(bulk("ProcessSchedules", [id_]))
    changed = sdk.process_schedules.update_process_schedules(id_, one)
    typed("process_schedules.update", changed, models.ProcessSchedules)
    states = sdk.process_schedule_status.query_process_schedule_status()
    rows("process_schedule_status.query", states, models.ProcessScheduleStatus)
    state = sdk.process_schedule_status.get_process_schedule_status(id_)
    typed("process_schedule_status.get", state, models.ProcessScheduleStatus)
    return {
        "minutes": [entry.minutes for row in found for entry in row.schedule or []],
        "enabled": state.enabled,
    }


def history(sdk):
    events = rows("event.query", sdk.event.query_event(), models.Event)
    audit = rows("audit_log.query", sdk.audit_log.query_audit_log(), models.AuditLog)
    one = sdk.audit_log.get_audit_log(audit[0].document_id)
    typed("audit_log.get", one, models.AuditLog)
    answer = sdk.audit_log.bulk_audit_log(bulk("AuditLog", [audit[0].document_id, "nope"]))
    CALLS["audit_log.bulk"] = [item.status_code for item in answer.response] == [200, 400]
    blocks = sdk.execution_summary_record.query_execution_summary_record()
    rows("execution_summary_record.query", blocks, models.ExecutionSummaryRecord)
    counts = sdk.execution_count_account.query_execution_count_account()
    rows("execution_count_account.query", counts, models.ExecutionCountAccount)
    documents = sdk.document_count_account.query_document_count_account()
    rows("document_count_account.query", documents, models.DocumentCountAccount)
    sizes = sdk.throughput_account.query_throughput_account()
    rows("throughput_account.query", sizes, models.ThroughputAccount)
    return {"levels": sorted({event.event_level for event in events})}


def connectors(sdk, execution_id):
    config = equal("ExecutionConnector", "executionId", execution_id)
    found = rows(
        "execution_connector.query",
        sdk.execution_connector.query_execution_connector(config),
        models.ExecutionConnector,
    )
    config = equal("GenericConnectorRecord", "executionId", execution_id)
    answer = sdk.generic_connector_record.query_generic_connector_record(config)
    records = rows("generic_connector_record.query", answer, models.GenericConnectorRecord)
    one = sdk.generic_connector_record.get_generic_connector_record(records[0].id_)
    typed("generic_connector_record.get", one, models.GenericConnectorRecord)
    wanted = models.ConnectorDocument(generic_connector_record_id=records[0].id_)
    data = sdk.connector_document.download_connector_document(wanted, initial_delay=0.05)
    CALLS["connector_document.download"] = data.startswith(b"{")
    return {"errors": sum(row.error_count for row in found), "rows": len(found)}


def downloads(sdk, execution_id, atom_id, day):
    wanted = models.ExecutionArtifacts(execution_id=execution_id)
    data = sdk.execution_artifacts.download_execution_artifacts(wanted, initial_delay=0.05)
    CALLS["execution_artifacts.download"] = data[:2] == b"PK"
    wanted = models.AtomLog(atom_id=atom_id, log_date=day, include_bin=False)
    data = sdk.atom_log.download_atom_log(wanted, initial_delay=0.05)
    CALLS["atom_log.download"] = data[:2] == b"PK"


def accounts(sdk, account, group_id):
    typed("account.get", sdk.account.get_account(account), models.Account)
    groups = sdk.account_group.query_account_group()
    rows("account_group.query", groups, models.AccountGroup)
    group = typed(
        "account_group.get", sdk.account_group.get_account_group(group_id), models.AccountGroup
    )
    members = sdk.account_group_account.query_account_group_account()
    rows("account_group_account.query", members, models.AccountGroupAccount)
    rows("role.query", sdk.role.query_role(), models.Role)
    users = sdk.account_user_role.query_account_user_role()
    rows("account_user_role.query", users, models.AccountUserRole)
    return {"resources": len(group.resources.resource)}


def run(sdk, atom_id, process_id):
    """Start a process and wait for its record."""
    wanted = models.ExecutionRequest(
        dynamic_process_properties=models.ExecutionRequestDynamicProcessProperties(
            dynamic_process_property=[]
        ),
        process_properties=models.ExecutionRequestProcessProperties(process_property=[]),
        atom_id=atom_id,
        process_id=process_id,
    )
    told = sdk.execution_request.create_execution_request(wanted)
    typed("execution_request.create", told, models.ExecutionRequest)
    found = None
    for _ in range(80):
        found = sdk.execution_record.get_execution_record(told.request_id)
        if found is not None:
            break
        time.sleep(0.5)
    CALLS["execution_record.async"] = found is not None
    first = getattr(found, "result", None)
    record = first[0] if first else found
    return {"process": getattr(record, "process_id", None) or record.get("processId")}


def main(base_url, account, login, token, execution_id, atom_id, process_id, group_id, day):
    sdk = Boomi(
        account_id=account, username=login, password=token, base_url=base_url, timeout=10_000
    )
    answer = {
        "schedules": schedules(sdk, process_id),
        "history": history(sdk),
        "connectors": connectors(sdk, execution_id),
        "accounts": accounts(sdk, account, group_id),
        "run": run(sdk, atom_id, process_id),
    }
    downloads(sdk, execution_id, atom_id, day)
    print(json.dumps({**answer, "calls": CALLS}))


if __name__ == "__main__":
    main(*sys.argv[1:])
