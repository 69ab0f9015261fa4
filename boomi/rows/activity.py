"""Events and the platform's audit log as rows; secrets are blanked before a value is stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from boomi.client import AuditLogRecord, EventRecord
from boomi.models import PlatformAuditEntry, PlatformEvent
from boomi.rows.columns import SMALL, clean, fitting
from boomi.rows.secrets import blanked, blanked_text
from boomi.rows.upserts import Stored, upsert


def store_events(account_pk: int, records: Iterable[EventRecord], now: datetime) -> Stored:
    """Events by their id."""
    rows = [
        PlatformEvent(
            account_id=account_pk,
            event_id=clean(record.event_id, 120),
            level=clean(record.level, 10),
            type=clean(record.type, 40),
            at=record.at,
            status=clean(record.status, 200),
            title=clean(record.title, 500),
            error=clean(record.error, None),
            error_type=clean(record.error_type, 20),
            step_label=clean(record.step_label, 200),
            step_type=clean(record.step_type, 60),
            execution_id=clean(record.execution_id, 120),
            process_name=clean(record.process_name, 300),
            runtime_id=clean(record.atom_id, 80),
            runtime_name=clean(record.atom_name, 200),
            environment_name=clean(record.environment_name, 200),
            classification=clean(record.classification, 10),
            inbound_documents=fitting(record.inbound_documents, SMALL),
            outbound_documents=fitting(record.outbound_documents, SMALL),
            error_documents=fitting(record.error_documents, SMALL),
            recorded_at=record.recorded_at,
            seen_at=now,
        )
        for record in records
    ]
    return upsert(PlatformEvent, rows, ("account", "event_id"))


def store_audit_log(account_pk: int, records: Iterable[AuditLogRecord], now: datetime) -> Stored:
    """Entries of the platform's audit log by their id."""
    rows = [
        PlatformAuditEntry(
            account_id=account_pk,
            document_id=clean(record.document_id, 80),
            at=record.at,
            user=clean(record.user, 254),
            message=clean(blanked_text(record.message), None),
            type=clean(record.type, 60),
            action=clean(record.action, 40),
            modifier=clean(record.modifier, 40),
            level=clean(record.level, 10),
            source=clean(record.source, 20),
            container_id=clean(record.container_id, 120),
            properties=[
                {
                    "name": clean(one.name, 200),
                    "value": clean(blanked(one.name, one.value), None),
                    "previous": clean(blanked(one.name, one.previous), None),
                }
                for one in record.properties
            ],
            seen_at=now,
        )
        for record in records
    ]
    return upsert(PlatformAuditEntry, rows, ("account", "document_id"))
