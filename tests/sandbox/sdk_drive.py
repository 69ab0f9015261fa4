"""Drives a sandbox with the public `boomi` SDK and prints what came of it as JSON.

Runs as a separate process in the SDK's own environment, because the SDK and our
app share an import name. Nothing of the project is imported here.
Usage: sdk_drive.py BASE_URL ACCOUNT LOGIN TOKEN EXECUTION_ID
"""

from __future__ import annotations

import itertools
import json
import sys

from boomi import Boomi, models
from boomi.net.transport.api_error import ApiError


def refusal(call, *arguments):
    """Status of the ApiError a call ends in; None if it went well."""
    try:
        call(*arguments)
    except ApiError as error:
        return error.status
    return None


def between(low, high):
    expression = models.ExecutionRecordGroupingExpression(
        operator="and",
        nested_expression=[
            models.ExecutionRecordSimpleExpression(
                operator="BETWEEN", property="executionTime", argument=[low, high]
            )
        ],
    )
    return models.ExecutionRecordQueryConfig(
        query_filter=models.ExecutionRecordQueryConfigQueryFilter(expression=expression),
        query_sort=models.QuerySort(
            sort_field=[models.SortField(field_name="executionTime", sort_order="DESC")]
        ),
    )


def executions(sdk):
    """Pages, rows and kinds of what a query and its follow-ups return."""
    page = sdk.execution_record.query_execution_record(
        between("2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z")
    )
    rows, pages = list(page.result), 1
    while getattr(page, "query_token", None):
        page = sdk.execution_record.query_more_execution_record(page.query_token)
        rows += page.result
        pages += 1
    first = rows[0]
    return {
        "pages": pages,
        "rows": len(rows),
        "total": page.number_of_results,
        "typed": all(isinstance(row, models.ExecutionRecord) for row in rows),
        "sorted": all(a.execution_time >= b.execution_time for a, b in itertools.pairwise(rows)),
        "duration": first.execution_duration,
    }


def objects(sdk):
    """One query, get and bulk request per kind of object."""
    environments = sdk.environment.query_environment().result
    atoms = sdk.atom.query_atom().result
    component = sdk.component_metadata.query_component_metadata().result[0]
    deployment = sdk.deployed_package.query_deployed_package().result[0]
    package = sdk.packaged_component.query_packaged_component().result[0]
    bulk = sdk.environment.bulk_environment(
        models.EnvironmentBulkRequest(
            type_="GET", request=[models.BulkId(id_=environments[0].id_), models.BulkId(id_="no")]
        )
    )
    return {
        "environments": sorted(row.name for row in environments),
        "atoms": sorted(row.name for row in atoms),
        "atom_status": sdk.atom.get_atom(atoms[0].id_).status,
        "environment": sdk.environment.get_environment(environments[0].id_).name,
        "attachments": len(
            sdk.environment_atom_attachment.query_environment_atom_attachment().result
        ),
        "component": isinstance(component, models.ComponentMetadata),
        "component_version": sdk.component_metadata.get_component_metadata(
            f"{component.component_id}~1"
        ).version,
        "deployment": sdk.deployed_package.get_deployed_package(
            deployment.deployment_id
        ).deployment_id
        == deployment.deployment_id,
        "package": isinstance(package, models.PackagedComponent),
        "accounts": len(sdk.account.query_account().result),
        "bulk": [item.status_code for item in bulk.response],
    }


def log(sdk, execution_id):
    """Size of the zip the SDK's own download helper brings home."""
    wanted = models.ProcessLog(execution_id=execution_id, log_level="ALL")
    data = sdk.process_log.download_process_log(wanted, max_retries=6, initial_delay=0.05)
    return {"zip": data[:2].decode("latin-1"), "bytes": len(data)}


def refusals(sdk, strange):
    unknown = models.ProcessLog(execution_id="execution-unknown", log_level="ALL")
    return {
        "environment": refusal(sdk.environment.get_environment, "nope"),
        "log": refusal(sdk.process_log.create_process_log, unknown),
        "token": refusal(sdk.execution_record.query_more_execution_record, "nonsense"),
        "credentials": refusal(strange.environment.query_environment),
    }


def main(base_url, account, login, token, execution_id):
    def client(password):
        return Boomi(
            account_id=account, username=login, password=password, base_url=base_url, timeout=10_000
        )

    sdk = client(token)
    print(
        json.dumps(
            {
                "executions": executions(sdk),
                "objects": objects(sdk),
                "log": log(sdk, execution_id),
                "refusals": refusals(sdk, client("wrong")),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
