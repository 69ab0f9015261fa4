"""Accounts: the list, and one account in parts: overview, mirror, activity, schedules, objects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from boomi import account_queries, activity, mirror_state, platform_schedules
from boomi.execution_queries import for_list
from boomi.models import Account, Connection, ConnectionState, Execution, ProcessSchedule, SyncMark
from boomi.services import sync
from common.access import Verdict, find, may, visible
from common.actors import Actor
from common.errors import Conflict, PortalError
from common.paging import page_of
from common.polling import unless_unchanged

STRIP = 40
LONGEST_TEXT = 100


def _list_stamp(actor: Actor) -> object:
    marks = visible(actor, SyncMark.objects.order_by())
    return marks.aggregate(Max("completed_at"), Max("due_at"))


@login_required
@require_safe
@unless_unchanged(_list_stamp)
def account_list(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request)
    page = page_of(request, visible(actor, Account.objects.all()), 25)
    connections = visible(actor, Connection.objects.all())
    rows = account_queries.overviews(list(page.object_list), connections)
    context = {
        "page": page,
        "accounts": [(row, _strip(row.account)) for row in rows],
        "may_connect": may(actor, "boomi.connection.create"),
    }
    return render(request, "boomi/accounts.html", context)


def _strip(account: Account) -> list[Execution]:
    """The newest runs, oldest first; one small query per account shown."""
    fields = ("id", "account", "outcome", "status", "duration_ms", "started_at")
    newest = account.executions.only(*fields).order_by("-started_at", "-id")[:STRIP]
    return list(newest)[::-1]


def _stamp(actor: Actor, pk: int) -> object:
    marks = visible(actor, SyncMark.objects.order_by().filter(account=pk))
    return marks.aggregate(Max("completed_at"), Max("due_at"), Max("rows"))


@login_required
@require_safe
@unless_unchanged(_stamp)
def account_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    account = find(actor, Account.objects.all(), pk=pk)
    chosen = request.GET.get("tab", "")
    part = chosen if chosen in PARTS else "overview"
    kinds = mirror_state.states([account.pk]).get(account.pk, [])
    overview = account_queries.overviews([account], visible(actor, Connection.objects.all()))[0]
    connection = overview.connection
    context: dict[str, object] = {
        "account": account,
        "overview": overview,
        "kinds": kinds,
        "part": part,
        "tabs": [
            {
                "label": label,
                "url": reverse("account", args=[pk])
                + (f"?tab={name}" if name != "overview" else ""),
                "active": name == part,
                "count": None,
            }
            for name, (label, _) in PARTS.items()
        ],
        "connection": connection,
        "may_sync": _may_sync(actor, connection),
    }
    context |= PARTS[part][1](request, account)
    return render(request, f"boomi/account_{part}.html", context)


def _tab(label: str, pk: int, name: str, part: str) -> dict[str, object]:
    url = reverse("account", args=[pk])
    if name != "overview":
        url += f"?tab={name}"
    return {"label": label, "url": url, "active": name == part, "count": None}


def _may_sync(actor: Actor, connection: Connection | None) -> Verdict:
    if connection is None:
        return Verdict(False, "You have no connection to this account.")
    if not connection.enabled or connection.status != ConnectionState.OK:
        return Verdict(False, "No connection to this account works at present.")
    return may(actor, "boomi.connection.sync", connection)


def _overview(request: HttpRequest, account: Account) -> dict[str, object]:
    now = timezone.now()
    licences = account.licensing if isinstance(account.licensing, dict) else {}
    return {
        "environments": account_queries.environments(account),
        "groups": list(account.groups.filter(gone_at=None)),
        "licences": sorted(licences.items()),
        "failing": account_queries.failed_by_process(account, now).most_common(5),
        "newest": list(for_list(account.executions.order_by("-started_at", "-id"))[:8]),
        "summaries": list(account.summaries.order_by("-time_block")[:12]),
    }


def _mirror(request: HttpRequest, account: Account) -> dict[str, object]:
    return {"completeness": account_queries.completeness(account), "now": timezone.now()}


def _activity(request: HttpRequest, account: Account) -> dict[str, object]:
    known = [name for name, _ in activity.KINDS]
    kind = request.GET.get("kind", "")
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_TEXT]
    before = _moment(request.GET.get("before", ""))
    entries, older = activity.timeline(
        account, kinds=[kind] if kind in known else [], text=text, before=before
    )
    base = reverse("account", args=[account.pk]) + "?tab=activity"
    chips = [("", "Everything"), *activity.KINDS]
    return {
        "entries": entries,
        "older": older.isoformat() if older else "",
        "is_older": before is not None,
        "text": text,
        "kind": kind if kind in known else "",
        "kind_tabs": [
            {
                "label": label,
                "url": base + (f"&kind={name}" if name else ""),
                "active": name == (kind if kind in known else ""),
                "count": None,
            }
            for name, label in chips
        ],
    }


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _schedules(request: HttpRequest, account: Account) -> dict[str, object]:
    names = account_queries.process_names(account)
    runtimes = dict(account.runtimes.values_list("runtime_id", "name"))
    rows = ProcessSchedule.objects.filter(account=account, gone_at=None)
    shown = [
        {
            "row": row,
            "process": names.get(row.process_id, row.process_id),
            "runtime": runtimes.get(row.runtime_id, row.runtime_id),
            "words": platform_schedules.all_words(row.entries),
        }
        for row in rows
    ]
    planned = [one for one in shown if one["words"]]
    planned.sort(key=lambda one: str(one["process"]).casefold())
    return {"schedules": planned, "without": len(shown) - len(planned)}


def _objects(request: HttpRequest, account: Account) -> dict[str, object]:
    return {"objects": account_queries.object_counts(account)}


Part = Callable[[HttpRequest, Account], dict[str, object]]
PARTS: dict[str, tuple[str, Part]] = {
    "overview": ("Overview", _overview),
    "mirror": ("Mirror", _mirror),
    "activity": ("Activity", _activity),
    "schedules": ("Schedules", _schedules),
    "objects": ("Objects", _objects),
}


@login_required
@require_POST
def account_sync(request: HttpRequest, pk: int) -> HttpResponse:
    """Sync the account now, or one kind of it."""
    actor = Actor.of(request)
    account = find(actor, Account.objects.all(), pk=pk)
    connections = visible(actor, Connection.objects.filter(account=account))
    overview = account_queries.overviews([account], connections)[0]
    kind = request.POST.get("kind", "")
    try:
        if overview.connection is None:
            raise Conflict("You have no connection to this account.", hint="Add one first.")
        run = sync.request(overview.connection, actor=actor, kinds=[kind] if kind else None)
    except PortalError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return redirect(f"{reverse('account', args=[pk])}?tab=mirror")
    messages.success(request, "The sync is on its way.")
    return redirect("job", pk=run.pk)
