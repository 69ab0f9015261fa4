"""Reads components and what belongs to them with the public `boomi` SDK, as `sdk_drive` does.

Usage: sdk_components.py BASE_URL ACCOUNT LOGIN TOKEN
"""

from __future__ import annotations

import json
import sys

from boomi import Boomi, models
from boomi.net.transport.utils import extract_component_xml_metadata


def bulk(request, *ids):
    return request(type_="GET", request=[models.BulkId(id_=id_) for id_ in ids])


def statuses(answer):
    return [item.status_code for item in answer.response]


def where(kind, property_, value):
    """A QueryConfig of this kind of object with one EQUALS."""
    name = f"{kind}SimpleExpression"
    expression = getattr(models, name)(operator="EQUALS", property=property_, argument=[value])
    filter_ = getattr(models, f"{kind}QueryConfigQueryFilter")(expression=expression)
    return getattr(models, f"{kind}QueryConfig")(query_filter=filter_)


def components(sdk):
    first = sdk.component_metadata.query_component_metadata()
    second = sdk.component_metadata.query_more_component_metadata(first.query_token)
    row = next(row for row in first.result if row.type_ == "process")
    id_ = row.component_id
    document = sdk.component.get_component(f"{id_}~{row.version}")
    told = extract_component_xml_metadata(document)
    documents = sdk.component.bulk_component(bulk(models.ComponentBulkRequest, id_, "no"))
    rows = sdk.component_metadata.bulk_component_metadata(
        bulk(models.ComponentMetadataBulkRequest, id_, "no")
    )
    return {
        "pages": [len(first.result), len(second.result) > 0],
        "document": [told.get("componentId") == id_, str(told.get("version")) == str(row.version)],
        "bulk_documents": documents.count(b"<bns:response "),
        "bulk_metadata": statuses(rows),
    }


def references(sdk):
    asked = where("ComponentMetadata", "type", "profile.json")
    profile = sdk.component_metadata.query_component_metadata(asked).result[0].component_id
    users = sdk.component_reference.get_component_reference(profile)
    query = where("ComponentReference", "componentId", profile)
    rows = sdk.component_reference.query_component_reference(query).result
    some = sdk.component_reference.bulk_component_reference(
        bulk(models.ComponentReferenceBulkRequest, profile, "no")
    )
    return {
        "same": len(users.references) == len(rows) > 0,
        "used": {reference.component_id for reference in users.references} == {profile},
        "bulk": statuses(some),
    }


def packages(sdk):
    found = sdk.packaged_component.query_packaged_component(
        where("PackagedComponent", "packageVersion", "2.0")
    ).result
    id_ = found[0].package_id
    manifest = sdk.packaged_component_manifest.get_packaged_component_manifest(id_)
    some = sdk.packaged_component_manifest.bulk_packaged_component_manifest(
        bulk(models.PackagedComponentManifestBulkRequest, id_, "no")
    )
    return {
        "package": sdk.packaged_component.get_packaged_component(id_).package_version,
        "bulk": statuses(
            sdk.packaged_component.bulk_packaged_component(
                bulk(models.PackagedComponentBulkRequest, id_, "no")
            )
        ),
        "inside": len(manifest.component_info) > 5,
        "manifests": statuses(some),
    }


def others(sdk):
    """Folder, Process and Connector: query, get and bulk of each."""
    found = {}
    for name, key in (("folder", "id_"), ("process", "id_"), ("connector", "type_")):
        service = getattr(sdk, name)
        row = getattr(service, f"query_{name}")().result[0]
        id_ = getattr(row, key)
        request = getattr(models, f"{name.capitalize()}BulkRequest")
        found[name] = [
            getattr(service, f"get_{name}")(id_).name == row.name,
            statuses(getattr(service, f"bulk_{name}")(bulk(request, id_, "no"))),
        ]
    return found


def main(base_url, account, login, token):
    sdk = Boomi(
        account_id=account, username=login, password=token, base_url=base_url, timeout=10_000
    )
    parts = (components, references, packages, others)
    print(json.dumps({part.__name__: part(sdk) for part in parts}))


if __name__ == "__main__":
    main(*sys.argv[1:])
