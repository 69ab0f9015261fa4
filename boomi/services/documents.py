"""Documents of components: asked for, fetched by a job, stored without their secrets, refreshed.

A version never changes on the platform, so a stored old version is good for ever. The document
of the current version expires after COMPONENT_CACHE_HOURS: fetched again, it also tells whether
there is a newer version. What went wrong stands on the component until the next try.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from boomi.access import audience_of
from boomi.client import (
    INTERACTIVE,
    BoomiClient,
    BoomiError,
    ComponentXml,
    Forbidden,
    Missing,
    Rejected,
    Unauthorised,
)
from boomi.clients import open_client, translate
from boomi.components import Blanked, DocumentRefused, blank_secrets, parse_document
from boomi.models import (
    Component,
    ComponentDocument,
    ComponentVersion,
)
from boomi.services import account_connections, connection_state
from boomi.services.connection_state import ConnectionResult
from common.access import require
from common.actors import Actor
from common.errors import InputError, PortalError
from scheduling import services as jobs
from scheduling.jobs import Done, JobContext, JobFailed
from scheduling.models import JobRun

JOB = "boomi.fetch_document"
FEATURE = "component.document"
BULK = 5  # what the platform's bulk read of components takes
NAME, PERSON = 300, 254
# What asking again will not change: the page says it, the refresh waits.
FINAL = (Missing, Rejected, Forbidden)


def request(
    component: Component, *, actor: Actor, version: int | None = None, anew: bool = False
) -> ComponentDocument | JobRun:
    """The stored document while it is fresh, without any call; else the job that fetches it.

    `version` None means the current one. `anew` asks the platform even so. Two who ask get the
    same job. Raises NotAllowed, InputError for a version nobody knows, and Conflict without a
    working connection.
    """
    require(actor, "boomi.component.view", component)
    stored = component.versions.select_related("document").filter(
        version=component.version if version is None else version
    )
    row = stored.first()
    if row is None and version is not None:
        raise InputError(
            f"Version {version} of {component} is not known.",
            hint="Choose one of the versions on its page.",
        )
    if row is not None and row.document is not None and not anew and is_fresh(component, row):
        return row.document
    require(actor, "boomi.component.fetch", component)
    account_connections.working(component.account, actor=actor)
    return jobs.enqueue(
        JOB,
        actor=actor,
        params={"component": component.pk, "version": version},
        key=job_key(component.pk, version),
        title=f"Fetch {component} {'' if version is None else f'v{version}'}".strip(),
        audience=audience_of(component.account_id),
        subject_url=f"/components/{component.pk}/",
    )


def job_key(component_pk: int, version: int | None) -> str:
    return f"document:{component_pk}:{version or 'current'}"


def is_fresh(component: Component, row: ComponentVersion) -> bool:
    """Whether the stored document of this version needs no look at the platform.

    Versions of a branch may be newer than the current one; they do not expire either.
    """
    if row.document_id is None:
        return False
    due_at = component.document_due_at
    return row.version != component.version or (due_at is not None and due_at > timezone.now())


# --- Storing ------------------------------------------------------------------------------


def store(version: ComponentVersion, text: str | Blanked, *, now: datetime) -> ComponentDocument:
    """Keep the document of a version, in the caller's transaction; equal texts are one row.

    Secrets are blanked first; hand over what `blank_secrets` made to do that work before the
    transaction. Raises DocumentRefused for a text that is no component document.
    """
    clean = blank_secrets(text) if isinstance(text, str) else text
    raw = clean.text.encode()
    document, _ = ComponentDocument.objects.get_or_create(
        sha256=hashlib.sha256(raw).hexdigest(),
        defaults={"packed": zlib.compress(raw, 6), "size": len(raw), "blanked": clean.count},
    )
    ComponentVersion.objects.filter(pk=version.pk).update(document=document, document_at=now)
    Component.objects.filter(pk=version.component_id, version=version.version).update(
        document_due_at=now + timedelta(hours=settings.COMPONENT_CACHE_HOURS), document_error=""
    )
    return document


def forget_unused() -> int:
    """Delete documents no version points to any more; returns how many."""
    unused = ComponentDocument.objects.filter(
        versions=None, created_at__lt=timezone.now() - timedelta(hours=1)
    )
    rows = ComponentDocument.objects.filter(pk__in=list(unused.values_list("pk", flat=True)[:500]))
    return rows.delete()[0]


def _keep(component: Component, answer: ComponentXml, asked: int | None, clean: Blanked) -> None:
    """One fetched document into its version; a newer one than known becomes the current."""
    now = timezone.now()
    with transaction.atomic():
        row, _ = ComponentVersion.objects.get_or_create(
            component=component,
            version=answer.version,
            defaults=_version_facts(clean.text, is_current=asked is None),
        )
        if asked is None and answer.version > component.version:
            _move_current(component, row)
        store(row, clean, now=now)


def _move_current(component: Component, row: ComponentVersion) -> None:
    versions = ComponentVersion.objects.filter(component=component)
    versions.filter(current=True).exclude(pk=row.pk).update(current=False)
    versions.filter(pk=row.pk).update(current=True)
    Component.objects.filter(pk=component.pk, version__lt=row.version).update(version=row.version)


def _version_facts(text: str, *, is_current: bool) -> dict[str, object]:
    """What the envelope says of a version the mirror has not seen yet."""
    root = parse_document(text).root
    return {
        "name": str(root.get("name", ""))[:NAME],
        "branch_id": str(root.get("branchId", ""))[:80],
        "branch_name": str(root.get("branchName", ""))[:200],
        "deleted": root.get("deleted") == "true",
        "modified_by": str(root.get("modifiedBy", ""))[:PERSON],
        "current": is_current,
    }


def _note_error(component: Component, error: PortalError) -> None:
    """Said on the page; the refresh leaves the component alone until its document is due again."""
    Component.objects.filter(pk=component.pk).update(
        document_error=f"{error.message} {error.hint}".strip()[:500],
        document_due_at=timezone.now() + timedelta(hours=settings.COMPONENT_CACHE_HOURS),
    )


# --- The job ------------------------------------------------------------------------------


def advance(ctx: JobContext) -> Done:
    """The job "boomi.fetch_document": one call, then the document is stored."""
    component = Component.objects.select_related("account").filter(
        pk=ctx.params["component"]
    ).first()  # fmt: skip
    if component is None:
        raise JobFailed("The component was deleted.", hint="Nothing is left to do.")
    asked: int | None = ctx.params["version"]
    connection = account_connections.working(component.account, actor=ctx.actor)
    client = open_client(connection, purpose=INTERACTIVE).with_feature(FEATURE)
    ctx.phase("reading", detail=str(component))
    try:
        answer = client.component_xml(component.component_id, asked)
    except Unauthorised as error:
        failure = translate(error)
        connection_state.store(connection, ConnectionResult.of(failure), ctx.actor)
        raise failure from None
    except BoomiError as error:
        failure = translate(error)
        if isinstance(error, FINAL):
            _note_error(component, failure)
        raise failure from None
    ctx.raise_if_cancelled()
    refused = _take(component, answer, asked)
    if refused is not None:
        raise refused
    return Done(
        f"Version {answer.version}, {len(answer.text) / 1024:,.0f} KB",
        {"component": component.pk, "version": answer.version},
    )


def _take(component: Component, answer: ComponentXml, asked: int | None) -> JobFailed | None:
    """Store an answer, or note why it cannot be."""
    try:
        _keep(component, answer, asked, blank_secrets(answer.text))
    except DocumentRefused as error:
        failure = JobFailed(
            str(error), hint="Open the component in Boomi.", code="DOCUMENT_REFUSED"
        )
        _note_error(component, failure)
        return failure
    return None


# --- Keeping fresh ------------------------------------------------------------------------


def due(account_pk: int) -> QuerySet[Component]:
    """Components whose current document is old, missing or of an older version.

    Those that are shown first come first: what was stored once, then what never was.
    """
    stored = ComponentVersion.objects.filter(
        component=OuterRef("pk"), version=OuterRef("version"), document__isnull=False
    )
    return (
        Component.objects.filter(account=account_pk, deleted=False)
        .filter(
            Q(document_due_at=None)
            | Q(document_due_at__lte=timezone.now())
            | (Q(document_error="") & ~Exists(stored))
        )
        .order_by(F("document_due_at").asc(nulls_last=True), "pk")
    )


def refresh_due(ctx: JobContext, client: BoomiClient, account_pk: int, limit: int) -> int:
    """Fetch up to `limit` due documents, BULK to a call; returns how many were stored.

    Stops early when the slice is over; what is left stays due. A document that is refused is
    noted on its component and not asked for again before it is due. Raises BoomiError for
    faults of the connection.
    """
    reader = client.with_feature(FEATURE)
    done = 0
    waiting = list(due(account_pk)[:limit])
    for start in range(0, len(waiting), BULK):
        if ctx.should_stop():
            break
        batch = waiting[start : start + BULK]
        answers = _read(reader, batch)
        for component in batch:
            answer = answers.get(component.component_id)
            if isinstance(answer, ComponentXml):
                done += _take(component, answer, None) is None
            elif answer is not None:
                _note_error(component, answer)
    return done


def _read(client: BoomiClient, batch: Sequence[Component]) -> dict[str, ComponentXml | PortalError]:
    """Documents by component id, or why there is none; alone what the bulk read leaves out."""
    found: dict[str, ComponentXml | PortalError] = {}
    try:
        found |= client.component_xmls([(one.component_id, None) for one in batch])
    except Rejected:
        found = {}
    for one in batch:
        if one.component_id not in found:
            try:
                found[one.component_id] = client.component_xml(one.component_id, None)
            except FINAL as error:
                found[one.component_id] = translate(error)
    return found
