"""What happened in an account, newest first: platform events, audit entries and deployments."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse

from boomi.models import Account, Component, Deployment, PlatformAuditEntry, PlatformEvent

PAGE = 50
EVENT, AUDIT, DEPLOYMENT = "event", "audit", "deployment"
KINDS = ((EVENT, "Events"), (AUDIT, "Audit log"), (DEPLOYMENT, "Deployments"))
_LEVEL_TONES = {"ERROR": "bad", "WARNING": "warn", "WARN": "warn"}
_EVENT_ICONS = {
    "atom.status": "server",
    "process.execution": "activity",
    "process.missedSchedule": "calendar-x",
    "user.notification": "bell",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `details` are (name, before, after) of an audit entry."""

    at: datetime
    kind: str
    icon: str
    tone: str
    title: str
    who: str
    sub: str
    url: str = ""
    details: tuple[tuple[str, str, str], ...] = ()


def timeline(
    account: Account, *, kinds: Iterable[str] = (), text: str = "", before: datetime | None = None
) -> tuple[list[Entry], datetime | None]:
    """A page of entries older than `before`, and where the next page begins (None: no more).

    Entries of the very same second that did not fit are left out of the next page only when
    more than a page of them share it. Four queries at most.
    """
    chosen = set(kinds) or {EVENT, AUDIT, DEPLOYMENT}
    sources: list[Iterator[Entry]] = []
    if EVENT in chosen:
        sources.append(_events(account, text, before))
    if AUDIT in chosen:
        sources.append(_audit(account, text, before))
    if DEPLOYMENT in chosen:
        sources.append(_deployments(account, text, before))
    found = list(heapq.merge(*sources, key=lambda entry: entry.at, reverse=True))
    page = found[:PAGE]
    return page, page[-1].at if len(found) > PAGE else None


def _events(account: Account, text: str, before: datetime | None) -> Iterator[Entry]:
    rows = _older(PlatformEvent.objects.filter(account=account), "at", before)
    if text:
        rows = rows.filter(
            Q(title__icontains=text) | Q(process_name__icontains=text) | Q(error__icontains=text)
        )
    for event in rows.order_by("-at", "-id")[: PAGE + 1]:
        places = (event.process_name, event.runtime_name, event.environment_name)
        yield Entry(
            at=event.at,
            kind=EVENT,
            icon=_EVENT_ICONS.get(event.type, "bell"),
            tone=_LEVEL_TONES.get(event.level, "neutral"),
            title=event.title or event.error or f"{event.type} {event.status}".strip(),
            who="",
            sub=" · ".join(filter(None, places)),
            url=_execution_url(event.execution_id),
        )


def _audit(account: Account, text: str, before: datetime | None) -> Iterator[Entry]:
    rows = _older(PlatformAuditEntry.objects.filter(account=account), "at", before)
    if text:
        rows = rows.filter(
            Q(message__icontains=text) | Q(user__icontains=text) | Q(type__icontains=text)
        )
    for entry in rows.order_by("-at", "-id")[: PAGE + 1]:
        modifier = "" if entry.modifier in ("", "NONE") else f" ({entry.modifier})"
        yield Entry(
            at=entry.at,
            kind=AUDIT,
            icon="user",
            tone=_LEVEL_TONES.get(entry.level, "neutral"),
            title=entry.message or f"{entry.type} {entry.action}",
            who=entry.user,
            sub=f"{entry.type} {entry.action}{modifier}",
            details=_details(entry),
        )


def _details(entry: PlatformAuditEntry) -> tuple[tuple[str, str, str], ...]:
    rows = entry.properties if isinstance(entry.properties, list) else []
    return tuple(
        (str(row.get("name", "")), str(row.get("previous") or ""), str(row.get("value") or ""))
        for row in rows
        if isinstance(row, dict)
    )


def _deployments(account: Account, text: str, before: datetime | None) -> Iterator[Entry]:
    rows = _older(Deployment.objects.filter(account=account), "deployed_at", before)
    if text:
        named = Component.objects.filter(account=account, name__icontains=text)
        rows = rows.filter(
            Q(deployed_by__icontains=text)
            | Q(notes__icontains=text)
            | Q(component_id__in=named.order_by().values("component_id"))
        )
    shown = list(rows.order_by("-deployed_at", "-id")[: PAGE + 1])
    names = component_names(account, [row.component_id for row in shown])
    for row in shown:
        name = names.get(row.component_id, row.component_id)
        yield Entry(
            at=row.deployed_at,
            kind=DEPLOYMENT,
            icon="rocket",
            tone="neutral",
            title=f"{name} {row.package_version} deployed",
            who=row.deployed_by,
            sub=row.notes,
            url=reverse("deployment", args=[row.pk]),
        )


def component_names(account: Account, ids: Iterable[str]) -> dict[str, str]:
    """Names of mirrored components of an account by their remote id. One query."""
    rows = Component.objects.filter(account=account, component_id__in=set(ids)).order_by()
    return dict(rows.values_list("component_id", "name"))


def _older(rows: QuerySet, field: str, before: datetime | None) -> QuerySet:  # type: ignore[type-arg]
    return rows if before is None else rows.filter(**{f"{field}__lt": before})


def _execution_url(execution_id: str) -> str:
    return reverse("execution-by-id", args=[execution_id]) if execution_id else ""
